import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import { type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";
import type { AcceptedStep, FirstStep, LineSearch, SearchResult } from "../line-search/contract.ts";
import {
  type DescentCounts,
  type DescentIterate,
  type DescentPoint,
  type DescentState,
  descentIterates,
  isFiniteArray,
  type Landing,
  type NoStep,
} from "./descent.ts";

/** What a step along a line tells. */
export interface LineSearchFigures {
  readonly stepSize: number;
}

/** A step that was made, as a direction learns from it. */
export interface LineStep {
  readonly before: DescentPoint;
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  readonly stepSize: number;
}

/** A direction, and where a search along it begins. */
export interface Line extends FirstStep {
  readonly direction: Float64Array;
}

/**
 * What a method steps along. Functions of plain memory that is never modified, so that every iterate resumes the
 * method; how far to go is the search's.
 */
export interface Direction<Memory> {
  init(start: DescentPoint): Memory;
  /** The line from a point. Adds what it asks for to `counts`. */
  at(point: DescentPoint, memory: Memory, counts: DescentCounts): MaybePromise<Line>;
  /** The memory after a step. */
  next(memory: Memory, step: LineStep): Memory;
  /** What to try once where no step is found; undefined where there is nothing to forget. */
  restart?(memory: Memory): Memory | undefined;
  /** The nearest point that the problem allows, for methods with bounds. */
  project?(x: Float64Array): Float64Array;
  /** The size of the gradient that tolerances are compared with; the Euclidean norm by default. */
  measure?(gradient: Float64Array, x: Float64Array): number;
}

/** The state and the iterates of a method that steps along lines. */
export type LineSearchState<Memory> = DescentState<Memory, LineSearchFigures>;
export type LineSearchIterate<Memory = unknown> = DescentIterate<LineSearchFigures, Memory>;

/** A method of descent by a direction and a search. */
export function lineSearchMethod<Memory>(
  objective: Objective,
  x0: Float64Array,
  options: MethodOptions<LineSearchState<Memory>>,
  direction: Direction<Memory>,
  search: LineSearch,
): Method<LineSearchIterate<Memory>> {
  type Result = Landing<Memory, LineSearchFigures> | NoStep<Memory, LineSearchFigures>;

  function landing(
    state: LineSearchState<Memory>,
    line: Line,
    { x: reached, value, stepSize, evaluations }: AcceptedStep,
    gradient: Float64Array,
    memory: Memory,
  ): Result {
    const trials = evaluations.values;
    if (!isFiniteArray(gradient))
      return {
        status: "no-acceptable-step",
        reason: `the gradient is not finite where the value is ${value}`,
        memory,
        figures: { trials, stepSize },
      };
    const x = direction.project?.(reached) ?? reached;
    const step = { before: state, x, gradient, direction: line.direction, stepSize };
    return { x, value, gradient, memory: direction.next(memory, step), figures: { trials, stepSize } };
  }

  function attempt(
    state: LineSearchState<Memory>,
    memory: Memory,
    counts: DescentCounts,
    fresh: boolean,
  ): MaybePromise<Result> {
    const finish = (line: Line, found: SearchResult): MaybePromise<Result> => {
      counts.evaluations += found.evaluations.values;
      counts.gradients += found.evaluations.gradients;
      if (found.status === "accepted") {
        if (found.gradient) return landing(state, line, found, found.gradient, memory);
        counts.gradients += 1;
        return whenReady(objective.gradient(found.x), (gradient) =>
          landing(state, line, found, gradient, memory),
        );
      }
      const again = fresh || found.status === "unbounded" ? undefined : direction.restart?.(memory);
      if (again !== undefined) return attempt(state, again, counts, true);
      return {
        status: found.status === "unbounded" ? "unbounded" : "no-acceptable-step",
        reason: found.message,
        memory,
        figures: { trials: found.evaluations.values, stepSize: Number.NaN },
      };
    };
    return whenReady(direction.at(state, memory, counts), (line) => {
      const { x, value, gradient } = state;
      const { direction: d, initialStep, maximalStep } = line;
      const first = maximalStep === undefined ? { initialStep } : { initialStep, maximalStep };
      return whenReady(search(objective, { x, value, gradient, direction: d }, first), (found) =>
        finish(line, found),
      );
    });
  }

  return descentIterates<Memory, LineSearchFigures>(objective, x0, options, {
    measure: direction.measure ?? norm2,
    init: direction.init,
    step: (state, counts) => attempt(state, state.memory, counts, false),
  });
}

/** How much longer than the last step a search may begin. */
const GROWTH = 10;

/** The step with the same first-order change as the last one had (Nocedal and Wright, 2006, section 3.5). */
export function similarStep(
  last: { readonly stepSize: number; readonly slope: number } | undefined,
  slope: number,
  gradientNorm: number,
): number {
  if (last === undefined) return Math.min(1, 1 / gradientNorm);
  return Math.min(GROWTH * last.stepSize, (last.stepSize * last.slope) / slope);
}

/** Rounding of values near a minimum, as a share of them, that the searches of these methods let pass. */
export const VALUE_ROUNDING = 4 * Number.EPSILON;
