import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import type { MaybePromise, Objective } from "../../objectives/objective.ts";
import {
  type DescentCounts,
  type DescentIterate,
  type DescentState,
  descentIterates,
  type Landing,
} from "./descent.ts";
import { type InnerProduct, metricFor } from "./metric.ts";

/** What a step with an adapted parameter shows. */
export interface RegularizationFigures {
  /** The regularization lambda of the step, and gamma = ||gradient before it||_* / lambda. */
  readonly lambda: number;
  readonly gamma: number;
  /** The adapted parameter (gamma, L or M) that the next step tries first. */
  readonly parameter: number;
}

/** What carries over: the parameter, and the momentum of methods that have one. */
export interface AdaptedMemory {
  readonly parameter: number;
  /** The least parameter tried first, where the problem's numbers at x0 put it below the usual one. */
  readonly least?: number;
  readonly momentum?: { readonly anchor: Float64Array; readonly weight: number };
  /** Whether products with the Hessian were found to cost more than the matrix, which is formed from then on. */
  readonly formsHessian?: boolean;
}

/** The state of a method with an adapted parameter. */
export type RegularizedState = DescentState<AdaptedMemory, RegularizationFigures>;

/** An iterate of a method with an adapted parameter. */
export type RegularizedIterate = DescentIterate<RegularizationFigures, AdaptedMemory>;

/** Options of every method with an adapted parameter. */
export interface RegularizedOptions extends MethodOptions<RegularizedState> {
  /** The inner product B; the Euclidean one by default. */
  readonly metric?: InnerProduct;
}

/** Their names. */
export const regularizedOptions = ["metric", "resume", "signal"] as const;

/** A trial step that was accepted. */
export interface AcceptedTrial extends Omit<Landing<AdaptedMemory, unknown>, "memory" | "figures"> {
  readonly lambda: number;
  /** What is remembered beside the parameter. */
  readonly kept?: Omit<AdaptedMemory, "parameter">;
}

/** Trials with an adapted parameter until one is accepted. */
export interface TrialRule<Model> {
  /** The parameter that the first step tries first. */
  readonly parameter: number;
  /** Trials per step before the method gives up. */
  readonly maxTrials: number;
  /** Whether trials past `maxTrials` are of use: how many a good parameter needs depends on the units of f and x. */
  mayGoOn?(state: RegularizedState, parameter: number): boolean;
  /** Another one, where it depends on what is known at x0. */
  first?(model: Model, state: RegularizedState, counts: DescentCounts): MaybePromise<number | undefined>;
  /** What is computed once per iterate. */
  model(state: RegularizedState): MaybePromise<Model>;
  /** Tries a step; undefined rejects it. */
  attempt(
    model: Model,
    state: RegularizedState,
    parameter: number,
    counts: DescentCounts,
  ): MaybePromise<AcceptedTrial | undefined>;
  /** The parameter to try after one that was accepted or rejected. */
  next(parameter: number, accepted: boolean, memory: AdaptedMemory): number;
}

/**
 * A method whose steps are found by trials with one parameter (a radius gamma, a smoothness L, a coefficient M) that
 * adapts: rejected trials change it one way, a step the other way.
 *
 * @throws ArgumentError when x0 or the metric does not fit, or the objective is not finite at x0
 */
export function adaptedParameterIterates<Model>(
  objective: Objective,
  x0: Float64Array,
  { metric: given, resume, signal }: RegularizedOptions,
  ruleIn: (metric: InnerProduct) => TrialRule<Model>,
): Method<RegularizedIterate> {
  const metric = metricFor(given, objective?.dimension);
  const rule = ruleIn(metric);
  return descentIterates<AdaptedMemory, RegularizationFigures>(
    objective,
    x0,
    { resume, signal },
    {
      measure: metric.dualNorm,
      init: () => ({ parameter: rule.parameter }),
      async step(state, counts) {
        const model = await rule.model(state);
        const first = state.step ? undefined : await rule.first?.(model, state, counts);
        let parameter = first ?? state.memory.parameter;
        let trials = 1;
        for (; trials <= rule.maxTrials || rule.mayGoOn?.(state, parameter); trials++) {
          const trial = await rule.attempt(model, state, parameter, counts);
          parameter = rule.next(parameter, trial !== undefined, state.memory);
          if (trial === undefined) continue;
          const { x, value, gradient, lambda, kept } = trial;
          return {
            x,
            value,
            gradient,
            memory: { parameter, ...kept },
            figures: { trials, lambda, gamma: state.gradientNorm / lambda, parameter },
          };
        }
        const figures = { trials: trials - 1, lambda: Number.NaN, gamma: Number.NaN, parameter };
        const reason =
          rule.maxTrials > 1
            ? undefined
            : `the step with the fixed parameter ${state.memory.parameter} was rejected; choose another, or a method that adapts it`;
        return { status: "no-acceptable-step", reason, memory: { ...state.memory, parameter }, figures };
      },
    },
  );
}
