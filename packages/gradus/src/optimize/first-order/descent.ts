import { ArgumentError } from "../../check/errors.ts";
import {
  type Iterate,
  iterates,
  type Method,
  type MethodOptions,
  type Stepper,
} from "../../iterate/iterate.ts";
import { checkPoint, type MaybePromise, type Objective } from "../../objectives/objective.ts";
import { type InnerProduct, metricFor } from "./metric.ts";

/** Why a method of descent ends by itself. */
export type DescentOutcome =
  /** The gradient is 0. */
  | "stationary"
  /** No trial step was accepted. */
  | "line-search-failed"
  /** The value fell without bound. */
  | "unbounded";

/** Plain data from which a method of descent continues. */
export interface DescentState {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** ||gradient||_*. */
  readonly gradientNorm: number;
  /** The value at x0. */
  readonly startValue: number;
  /** The adapted parameter that the next step tries first. */
  readonly parameter: number;
  /** Of the step that led here; NaN at x0. */
  readonly lambda: number;
  readonly gamma: number;
  readonly trials: number;
  /** So far. */
  readonly solves: number;
  readonly evaluations: number;
  readonly gradients: number;
  readonly outcome?: DescentOutcome;
  /** Of methods with momentum. */
  readonly momentum?: { readonly anchor: Float64Array; readonly weight: number };
}

/** What an iterate of a method of descent tells. */
export interface DescentView {
  /** The point, not to be modified. */
  readonly x: Float64Array;
  readonly value: number;
  /** ||gradient||_* in the metric. */
  readonly gradientNorm: number;
  /** Regularization lambda of the step that led here, and gamma = ||gradient before it||_* / lambda; NaN at x0. */
  readonly lambda: number;
  readonly gamma: number;
  /** Trial steps that led here; 0 at x0. */
  readonly trials: number;
  /** Linear systems solved so far. */
  readonly solves: number;
  /** Points at which the objective was evaluated so far, x0 included. */
  readonly evaluations: number;
  /** Gradients computed so far. */
  readonly gradients: number;
  /** The adapted parameter (gamma, L or M) that the next step tries first. */
  readonly parameter: number;
  readonly outcome: DescentOutcome | undefined;
  readonly done: boolean;
}

/** An iterate of a method of descent. */
export type DescentIterate = Iterate<DescentState> & DescentView;

/** Options of every method of descent. */
export interface DescentOptions extends MethodOptions<DescentState> {
  /** The inner product B; the Euclidean one by default. */
  readonly metric?: InnerProduct;
}

/** Counts that an attempt adds to. */
export interface AttemptCounts {
  solves: number;
  evaluations: number;
  gradients: number;
}

/** A trial step that was accepted. */
export interface Landing {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly lambda: number;
  readonly momentum?: DescentState["momentum"];
}

/** How a method of descent steps: trials with an adapted parameter until one is accepted. */
export interface DescentRule<Model> {
  /** The parameter that the first step tries first. */
  readonly parameter: number;
  /** Trials a step before the method gives up. */
  readonly maxTrials: number;
  /** What is computed once an iterate. */
  model(state: DescentState): MaybePromise<Model>;
  /** Tries a step; undefined rejects it. */
  attempt(
    model: Model,
    state: DescentState,
    parameter: number,
    counts: AttemptCounts,
  ): MaybePromise<Landing | undefined>;
  /** The parameter to try after one that was accepted or rejected. */
  next(parameter: number, accepted: boolean): number;
}

const UNBOUNDED = 1e12;

/** A point, value and gradient without NaN or infinity. */
export function isFiniteArray(array: Float64Array): boolean {
  for (let j = 0; j < array.length; j++) if (!Number.isFinite(array[j])) return false;
  return true;
}

/** Value and gradient at a trial point; undefined where the point, the value or the gradient is not finite. */
export async function evaluate(
  objective: Objective,
  x: Float64Array,
  counts: AttemptCounts,
): Promise<{ readonly value: number; readonly gradient: Float64Array } | undefined> {
  if (!isFiniteArray(x)) return undefined;
  counts.evaluations += 1;
  counts.gradients += 1;
  const { value, gradient } = await objective.valueAndGradient(x);
  return Number.isFinite(value) && isFiniteArray(gradient) ? { value, gradient } : undefined;
}

/** @throws ArgumentError unless it is a finite number > 0 */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`${name} must be a finite number > 0, got ${value}`);
}

function descentStepper<Model>(
  objective: Objective,
  x0: Float64Array,
  metric: InnerProduct,
  rule: DescentRule<Model>,
): Stepper<DescentState, DescentView> {
  async function step(state: DescentState): Promise<DescentState> {
    const { solves, evaluations, gradients } = state;
    const counts: AttemptCounts = { solves, evaluations, gradients };
    const model = await rule.model(state);
    let { parameter } = state;
    for (let trials = 1; trials <= rule.maxTrials; trials++) {
      const landing = await rule.attempt(model, state, parameter, counts);
      if (landing === undefined) {
        parameter = rule.next(parameter, false);
        continue;
      }
      const { x, value, gradient, lambda, momentum } = landing;
      const fallen = value < -UNBOUNDED * Math.max(1, Math.abs(state.startValue)) && trials === 1;
      return {
        x,
        value,
        gradient,
        gradientNorm: metric.dualNorm(gradient),
        startValue: state.startValue,
        parameter: rule.next(parameter, true),
        lambda,
        gamma: state.gradientNorm / lambda,
        trials,
        ...counts,
        ...(fallen && { outcome: "unbounded" }),
        ...(momentum && { momentum }),
      };
    }
    return { ...state, ...counts, trials: rule.maxTrials, parameter, outcome: "line-search-failed" };
  }

  return {
    async start() {
      const { value, gradient } = await objective.valueAndGradient(x0.slice());
      if (!Number.isFinite(value)) throw new ArgumentError(`the value at x0 must be finite, got ${value}`);
      const wrong = gradient.findIndex((gj) => !Number.isFinite(gj));
      if (wrong >= 0)
        throw new ArgumentError(`the gradient at x0 must be finite, got ${gradient[wrong]} at ${wrong}`);
      return {
        x: x0.slice(),
        value,
        gradient,
        gradientNorm: metric.dualNorm(gradient),
        startValue: value,
        parameter: rule.parameter,
        lambda: Number.NaN,
        gamma: Number.NaN,
        trials: 0,
        solves: 0,
        evaluations: 1,
        gradients: 1,
      };
    },
    step,
    view(state) {
      const { x, value, gradientNorm, lambda, gamma, trials, solves, evaluations, gradients, parameter } =
        state;
      const outcome = state.outcome ?? (gradientNorm === 0 ? "stationary" : undefined);
      return {
        x,
        value,
        gradientNorm,
        lambda,
        gamma,
        trials,
        solves,
        evaluations,
        gradients,
        parameter,
        outcome,
        done: outcome !== undefined,
      };
    },
  };
}

/**
 * The iterates of a method of descent from x0. A trial step whose point, value or gradient is not finite is rejected.
 * An iterate with the outcome `line-search-failed` repeats the point before it.
 *
 * @throws ArgumentError when x0 or the metric does not fit, or the objective is not finite at x0
 */
export function descentIterates<Model>(
  objective: Objective,
  x0: Float64Array,
  { metric, resume, signal }: DescentOptions,
  rule: (metric: InnerProduct) => DescentRule<Model>,
): Method<DescentIterate> {
  checkPoint(x0, objective.dimension, "x0");
  const resolved = metricFor(metric, objective.dimension);
  if (resume && resume.state.x.length !== objective.dimension)
    throw new ArgumentError(
      `resume must be a state of this problem, of dimension ${objective.dimension}; got ${resume.state.x.length}`,
    );
  return iterates(descentStepper(objective, x0.slice(), resolved, rule(resolved)), { resume, signal });
}
