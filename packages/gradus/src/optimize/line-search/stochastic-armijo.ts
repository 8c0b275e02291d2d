import { checkAttached } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkFunction, checkOneOf, checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import { checkPoint, type MaybePromise, type Objective } from "../../objectives/objective.ts";
import { type ArmijoOptions, armijo, armijoOptions, checkArmijo } from "./armijo.ts";
import { type Evaluations, LineSearchError } from "./contract.ts";

export interface StochasticArmijoOptions extends ArmijoOptions, MethodOptions<StochasticArmijoState> {
  /** Where each search starts: at the step accepted last, at that times `growth`, or at the initial step again. */
  readonly reset?: "previous" | "grow" | "initial";
  /** 2^(batch size / rows) in the paper: the step may double in an epoch. */
  readonly growth?: number;
  /** No search starts above it. */
  readonly maximalStep?: number;
  /**
   * The share of the accepted step that step k = 0, 1, ... goes, such as (1/T)^(k/T), which lets noise die away; the
   * search itself remembers the whole step (Vaswani et al., 2022, "Towards noise-adaptive, problem-adaptive (accelerated)
   * stochastic gradient descent").
   */
  readonly decay?: (iteration: number) => number;
}

/** The point, the step accepted last, and what the batch before it measured. */
export interface StochasticArmijoState {
  readonly x: Float64Array;
  /** Accepted last; the initial one before the first step. */
  readonly stepSize: number;
  /** Of the batch, before its step; undefined at the start. */
  readonly batchValue: number | undefined;
  readonly batchGradientNorm: number | undefined;
  /** True where the search found no step and x stayed. */
  readonly stalled: boolean;
  /** All since the start. */
  readonly evaluations: Evaluations;
}

/** An iterate shows its state. */
export type StochasticArmijoIterate = Iterate<StochasticArmijoState> & StochasticArmijoState;

/**
 * Stochastic gradient descent whose step is found by backtracking on the batch (Vaswani et al., 2019, Algorithms 1 and
 * 2): f_B(x - t g) <= f_B(x) - c t |g|^2 with the batch's own value and gradient. With interpolation it needs no
 * decreasing steps. A batch on which no step is found is passed over, as is one whose gradient is zero.
 *
 * @param batchAt the objective of step k = 0, 1, ... at x; it must depend on these alone for a run to resume bit for bit
 * @returns an endless method
 * @throws ArgumentError naming an option that is unknown or out of range
 * @throws LineSearchError when a batch's value or gradient is not finite at an iterate
 */
export function stochasticArmijo(
  batchAt: (iteration: number, x: Float64Array) => MaybePromise<Objective>,
  x0: Float64Array,
  options: StochasticArmijoOptions = {},
): Method<StochasticArmijoIterate> {
  checkOptions("stochasticArmijo", options, [
    "reset",
    "growth",
    "decay",
    "resume",
    "signal",
    ...armijoOptions,
  ]);
  const {
    reset = "grow",
    growth = 2,
    maximalStep = Number.POSITIVE_INFINITY,
    resume,
    signal,
    sufficientDecrease = 0.1,
    shrink = 0.9,
    decay,
    ...given
  } = options;
  checkOneOf(["previous", "grow", "initial"], { reset });
  if (decay !== undefined) checkFunction({ decay });
  const search = checkArmijo({ sufficientDecrease, shrink, maximalStep, ...given });
  if (!(growth >= 1 && growth < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`growth must be a finite number >= 1, got ${growth}`);
  checkPoint(x0, x0.length, "x0");
  checkAttached("x0", x0);
  const firstStep = (accepted: number, iteration: number) => {
    if (reset === "initial" || iteration === 0) return search.initialStep;
    return Math.min(reset === "grow" ? growth * accepted : accepted, maximalStep);
  };

  return iterates<StochasticArmijoState, StochasticArmijoState>(
    {
      fields: { x: x0.length, stepSize: undefined, evaluations: undefined },
      start: () => ({
        x: Float64Array.from(x0),
        stepSize: search.initialStep,
        batchValue: undefined,
        batchGradientNorm: undefined,
        stalled: false,
        evaluations: { values: 0, gradients: 0 },
      }),
      async step({ x, stepSize, evaluations }, iteration) {
        const objective = await batchAt(iteration, x);
        const { value, gradient } = await objective.valueAndGradient(x);
        const batchGradientNorm = norm2(gradient);
        const shown = { batchValue: value, batchGradientNorm };
        const spent = (more: Evaluations) => ({
          values: evaluations.values + 1 + more.values,
          gradients: evaluations.gradients + 1 + more.gradients,
        });
        if (batchGradientNorm === 0)
          return { ...shown, x, stepSize, stalled: false, evaluations: spent({ values: 0, gradients: 0 }) };
        const result = await armijo(
          objective,
          { x, value, gradient, direction: gradient.map((g) => -g) },
          { ...search, initialStep: firstStep(stepSize, iteration) },
        );
        if (result.status === "not-finite")
          throw new LineSearchError({ ...result, message: `${result.message}, at step ${iteration + 1}` });
        const accepted = result.status === "accepted";
        const share = decay?.(iteration) ?? 1;
        return {
          ...shown,
          x: accepted
            ? share === 1
              ? result.x
              : x.map((from, k) => from + share * (result.x[k] - from))
            : x,
          stepSize: accepted ? result.stepSize : stepSize,
          stalled: !accepted,
          evaluations: spent(result.evaluations),
        };
      },
      view: (state) => state,
    },
    { resume, signal },
  );
}
