import { areFinite, checkLength } from "../../check/arrays.ts";
import { dot } from "../../linalg/vector.ts";
import { checkPoint, type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";
import type { FailedSearch, SearchResult, SearchStart } from "./contract.ts";

/** phi(t) = f(x + t direction) and its derivative, which is NaN for a search that asks for no slopes. */
export interface Trial {
  readonly value: number;
  readonly slope: number;
}

/** How a search ends: with the step that it tried last, or without one, and why. */
export type Verdict = "accept" | { readonly failure: string; readonly unbounded?: true };

/**
 * A search as a coroutine on the real line: it yields the steps to try, gets phi there, and returns its
 * verdict on the last one. It never sees the objective, so one search serves objectives that answer at once or later.
 */
export type Search = Generator<number, Verdict, Trial>;

interface Point {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array | undefined;
}

/** x + t direction. */
function pointAt(x: Float64Array, t: number, direction: Float64Array): Float64Array<ArrayBuffer> {
  const point = new Float64Array(x.length);
  for (let j = 0; j < point.length; j++) point[j] = x[j] + t * direction[j];
  return point;
}

function checkStart({ x, gradient, direction }: SearchStart, dimension: number): void {
  checkPoint(x, dimension);
  for (const [name, vector] of Object.entries({ gradient, direction })) checkLength(name, vector, dimension);
}

/**
 * Runs a search along a line, given phi(0) and phi'(0) < 0.
 *
 * @param search.slopes whether it needs phi' at its trials
 * @returns at once when the objective answers at once
 * @throws ArgumentError when x, gradient or direction have not the objective's dimension, or x is not finite
 */
export function searchAlong(
  objective: Objective,
  start: SearchStart,
  { begin, slopes }: { readonly begin: (start: Trial) => Search; readonly slopes: boolean },
): MaybePromise<SearchResult> {
  checkStart(start, objective.dimension);
  const { x, value, gradient, direction } = start;
  const counts = { values: 0, gradients: 0 };
  const failed = (status: FailedSearch["status"], message: string): FailedSearch => ({
    status,
    message,
    evaluations: { ...counts },
  });
  if (!Number.isFinite(value) || !areFinite(gradient) || !areFinite(direction))
    return failed(
      "not-finite",
      `value, gradient and direction must be finite where a search starts; value ${value}`,
    );
  const slope = dot(gradient, direction);
  if (!(slope < 0))
    return failed("not-a-descent-direction", `the slope along the direction must be < 0, got ${slope}`);

  const evaluate = (at: Float64Array): MaybePromise<Point> => {
    if (!areFinite(at)) return { x: at, value: Number.NaN, gradient: undefined };
    counts.values += 1;
    if (!slopes)
      return whenReady(objective.value(at), (phi): Point => ({ x: at, value: phi, gradient: undefined }));
    counts.gradients += 1;
    return whenReady(objective.valueAndGradient(at), (both): Point => ({ x: at, ...both }));
  };
  const search = begin({ value, slope });
  const tell = (point: Point) =>
    search.next({
      value: point.value,
      slope: point.gradient ? dot(point.gradient, direction) : Number.NaN,
    });

  let step = search.next();
  let stepSize = 0;
  let point: Point = { x, value, gradient };
  /** Goes on until the search ends, or the objective makes it wait. */
  const run = (): MaybePromise<SearchResult> => {
    while (!step.done) {
      stepSize = step.value;
      const trial = evaluate(pointAt(x, stepSize, direction));
      if (trial instanceof Promise)
        return trial.then((later) => {
          point = later;
          step = tell(later);
          return run();
        });
      point = trial;
      step = tell(trial);
    }
    return step.value === "accept"
      ? { status: "accepted", stepSize, ...point, evaluations: { ...counts } }
      : failed(step.value.unbounded ? "unbounded" : "no-step-found", step.value.failure);
  };
  return run();
}
