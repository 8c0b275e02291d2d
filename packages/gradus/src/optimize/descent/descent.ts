import { areFinite, checkLength, firstNonFinite } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import {
  checkObjective,
  checkPoint,
  type MaybePromise,
  type Objective,
  type ValueAndGradient,
  whenReady,
} from "../../objectives/objective.ts";
import type { OptimizationStatus } from "../status.ts";

/** What a method has evaluated so far. */
export interface DescentCounts {
  /** Points at which the objective was evaluated, x0 included. */
  evaluations: number;
  /** Gradients (Jacobians for least squares). */
  gradients: number;
  /** Hessian-vector products. */
  products: number;
  /** Linear systems. */
  solves: number;
}

/** Why a method of descent ends by itself. */
export type DescentStatus = Extract<
  OptimizationStatus,
  "stationary" | "precision-limit" | "no-acceptable-step" | "unbounded"
>;

/** A point with the value and the gradient there. */
export interface DescentPoint {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** The size of the gradient that tolerances are compared with. */
  readonly gradientNorm: number;
}

/** What every step shows: the method adds its own figures. */
export interface StepFigures {
  /** Points tried, the accepted one included. */
  readonly trials: number;
}

/** Plain data from which a method of descent continues. */
export interface DescentState<Memory, Figures> extends DescentPoint {
  /** The value at x0. */
  readonly startValue: number;
  /** What the method carries from one step to the next. */
  readonly memory: Memory;
  readonly counts: Readonly<DescentCounts>;
  /** Of the step that led here; undefined at x0. */
  readonly step: (Figures & StepFigures) | undefined;
  readonly status: DescentStatus | undefined;
  /** What went wrong, with the figures, where no step was acceptable. */
  readonly reason: string | undefined;
}

/** What an iterate of a method of descent shows. */
export interface DescentView<Figures> extends Readonly<DescentCounts> {
  /** The point, not to be modified. */
  readonly x: Float64Array;
  readonly value: number;
  readonly gradientNorm: number;
  /** The step that led here; undefined at x0. */
  readonly step: (Figures & StepFigures) | undefined;
  /** Why the method ends here; undefined while it continues. */
  readonly status: DescentStatus | undefined;
  readonly reason: string | undefined;
  readonly done: boolean;
  /** Whether the gradient is zero. */
  readonly converged: boolean;
}

/** An iterate of a method of descent. One that ends without a step repeats the point before it. */
export type DescentIterate<Figures extends object = object, Memory = unknown> = Iterate<
  DescentState<Memory, Figures>
> &
  DescentView<Figures>;

/** A step that was accepted. */
export interface Landing<Memory, Figures> {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly memory: Memory;
  readonly figures: Figures & StepFigures;
  /** Whether the longest step allowed still decreased the value as promised. */
  readonly unbounded?: boolean;
}

/** A step that was not found. */
export interface NoStep<Memory, Figures> {
  readonly status: Exclude<DescentStatus, "stationary">;
  readonly reason?: string;
  readonly memory: Memory;
  readonly figures: Figures & StepFigures;
}

/** How a method of descent steps; starting, counting, ending and resuming are the driver's. */
export interface DescentRule<Memory, Figures> {
  /** The size of the gradient that tolerances are compared with. */
  measure(gradient: Float64Array, x: Float64Array): number;
  /** What the first step knows. */
  init(start: DescentPoint): MaybePromise<Memory>;
  /** One step. Leaves the state as it is; adds what it asks for to `counts`. */
  step(
    state: DescentState<Memory, Figures>,
    counts: DescentCounts,
  ): MaybePromise<Landing<Memory, Figures> | NoStep<Memory, Figures>>;
}

/** A value below -(this) max(1, |f(x0)|) counts as a fall without bound. */
const UNBOUNDED = 1e20;

/** Whether a value has fallen so far below the first that the objective counts as unbounded. */
export function hasNoBottom(value: number, startValue: number): boolean {
  return value < -UNBOUNDED * Math.max(1, Math.abs(startValue));
}

/** Decreases up to this many roundings of the value tell nothing. */
const ROUNDINGS = 10;

/** The size up to which a decrease from a value is rounding. */
export function roundingOf(value: number): number {
  return ROUNDINGS * Number.EPSILON * Math.abs(value);
}

/** Whether an iterate ends a method without a step. */
export function endsWithoutStep({ status }: DescentIterate): boolean {
  return status === "no-acceptable-step" || status === "precision-limit";
}

/** Options that every method of descent knows. */
export const descentOptions = ["resume", "signal"] as const;

/** Value and gradient at a trial point; undefined where the point, the value or the gradient is not finite. */
export function evaluate(
  objective: Objective,
  x: Float64Array,
  counts: DescentCounts,
): MaybePromise<{ readonly value: number; readonly gradient: Float64Array } | undefined> {
  if (!areFinite(x)) return undefined;
  counts.evaluations += 1;
  counts.gradients += 1;
  return whenReady(objective.valueAndGradient(x), ({ value, gradient }) =>
    Number.isFinite(value) && areFinite(gradient) ? { value, gradient } : undefined,
  );
}

const isValueAndGradient = (answer: unknown): answer is ValueAndGradient =>
  typeof answer === "object" && answer !== null && "value" in answer && "gradient" in answer;

/**
 * The iterates of a method of descent from x0: the one loop of every method that minimizes an objective. A trial whose
 * point, value or gradient is not finite is rejected by the rules; at x0 it is an error.
 *
 * @throws ArgumentError when x0, the objective or a state to resume from does not fit, or the objective is not finite at x0
 */
export function descentIterates<Memory, Figures extends object>(
  objective: Objective,
  x0: Float64Array,
  { resume, signal }: MethodOptions<DescentState<Memory, Figures>>,
  rule: DescentRule<Memory, Figures>,
): Method<DescentIterate<Figures, Memory>> {
  type State = DescentState<Memory, Figures>;
  checkObjective(objective);
  checkPoint(x0, objective.dimension, "x0");
  checkMethodOptions({ resume, signal }, { x: x0.length, gradient: x0.length, counts: undefined });
  const first = Float64Array.from(x0);

  function advance(
    state: State,
    counts: DescentCounts,
    result: Landing<Memory, Figures> | NoStep<Memory, Figures>,
  ): State {
    const next = { ...state, memory: result.memory, counts, step: result.figures };
    if ("status" in result) return { ...next, status: result.status, reason: result.reason };
    const { x, value, gradient, unbounded } = result;
    const fallen = unbounded || hasNoBottom(value, state.startValue);
    const status = fallen ? "unbounded" : undefined;
    return { ...next, x, value, gradient, gradientNorm: rule.measure(gradient, x), status };
  }

  return iterates<State, DescentView<Figures>>(
    {
      async start() {
        const answer: unknown = await objective.valueAndGradient(first.slice());
        if (!isValueAndGradient(answer))
          throw new ArgumentError(`valueAndGradient must return { value, gradient }, got ${shown(answer)}`);
        const { value, gradient } = answer;
        if (!Number.isFinite(value))
          throw new ArgumentError(`the value at x0 must be finite, got ${shown(value)}`);
        checkLength("the gradient at x0", gradient, first.length);
        const wrong = firstNonFinite(gradient);
        if (wrong >= 0)
          throw new ArgumentError(
            `the gradient at x0 must be finite, got ${gradient[wrong]} at index ${wrong}`,
          );
        const point = { x: first.slice(), value, gradient, gradientNorm: rule.measure(gradient, first) };
        return {
          ...point,
          startValue: value,
          memory: await rule.init(point),
          counts: { evaluations: 1, gradients: 1, products: 0, solves: 0 },
          step: undefined,
          status: undefined,
          reason: undefined,
        };
      },
      step(state) {
        const counts = { ...state.counts };
        return whenReady(rule.step(state, counts), (result) => advance(state, counts, result));
      },
      view({ x, value, gradientNorm, counts, step, reason, ...state }) {
        const status = state.status ?? (gradientNorm === 0 ? "stationary" : undefined);
        const converged = status === "stationary";
        return {
          x,
          value,
          gradientNorm,
          ...counts,
          step,
          status,
          reason,
          done: status !== undefined,
          converged,
        };
      },
    },
    { resume, signal },
  );
}
