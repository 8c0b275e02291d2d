import {
  type ArrayValue,
  add,
  div,
  type FloatType,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
} from "@gradus/graph";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { filledArray } from "./filled-array.ts";

/** The trained parameters of a batch normalization. */
export type BatchNormalizationParameters<T = Tensor> = {
  /** [features] */
  readonly scale: T;
  /** [features] */
  readonly shift: T;
};

/** Running estimates for inference. */
export type BatchNormalizationState<T = Tensor> = {
  /** [features] */
  readonly mean: T;
  /** [features] */
  readonly variance: T;
};

export interface BatchNormalizationOptions {
  /** Weight of the old running estimates in each update. */
  readonly momentum?: number;
  /** Added to the variance before the square root. */
  readonly epsilon?: number;
}

/**
 * Initial parameters and state of a batch normalization: scale 1, shift 0, running mean 0 and variance 1.
 *
 * @throws ArgumentError unless features is an integer >= 1, or for an unknown dtype
 */
export function batchNormalizationParameters(
  features: number,
  dtype: FloatType = "f32",
): {
  readonly parameters: BatchNormalizationParameters<ArrayValue>;
  readonly state: BatchNormalizationState<ArrayValue>;
} {
  checkPositiveInteger({ features });
  const all = (value: number) => filledArray([features], value, dtype);
  return { parameters: { scale: all(1), shift: all(0) }, state: { mean: all(0), variance: all(1) } };
}

/** Reshapes one number per feature to broadcast against [batch, features, ...sizes]. */
function perFeature(t: Tensor, { shape }: Tensor): Tensor {
  return shape.length > 2 ? reshape(t, [t.shape[0], ...shape.slice(2).map(() => 1)]) : t;
}

function normalized(
  { scale, shift }: BatchNormalizationParameters,
  { mean: center, variance }: BatchNormalizationState,
  x: Tensor,
  epsilon: number,
): Tensor {
  // One combined factor per feature: three passes over the batch instead of four.
  const factor = div(scale, sqrt(add(variance, epsilon)));
  return add(mul(sub(x, perFeature(center, x)), perFeature(factor, x)), perFeature(shift, x));
}

/**
 * Batch normalization in training: scale (x - m) / sqrt(v + epsilon) + shift with the batch's mean m and (biased)
 * variance v of each feature, through which gradients flow, and the next running estimates, momentum times the old ones
 * plus 1 - momentum times m and v.
 * Source: Ioffe & Szegedy 2015, algorithm 1.
 *
 * @param x [batch, features], or [batch, features, ...sizes] with statistics over the spatial positions as well
 * @throws ArgumentError for an unknown option
 */
export function batchNormalization(
  parameters: BatchNormalizationParameters,
  state: BatchNormalizationState,
  x: Tensor,
  options: BatchNormalizationOptions = {},
): { readonly output: Tensor; readonly state: BatchNormalizationState } {
  checkOptions("batchNormalization", options, ["momentum", "epsilon"]);
  const { momentum = 0.99, epsilon = 1e-3 } = options;
  const axes = [...x.shape.keys()].filter((axis) => axis !== 1);
  const center = mean(x, { axes });
  const variance = mean(square(sub(x, perFeature(center, x))), { axes });
  const running = (old: Tensor, batch: Tensor) =>
    add(mul(old, momentum), mul(stopGradient(batch), 1 - momentum));
  return {
    output: normalized(parameters, { mean: center, variance }, x, epsilon),
    state: { mean: running(state.mean, center), variance: running(state.variance, variance) },
  };
}

/**
 * Batch normalization at inference, with the running estimates instead of the batch's statistics.
 *
 * @throws ArgumentError for an unknown option
 */
export function batchNormalizationInference(
  parameters: BatchNormalizationParameters,
  state: BatchNormalizationState,
  x: Tensor,
  options: Pick<BatchNormalizationOptions, "epsilon"> = {},
): Tensor {
  checkOptions("batchNormalizationInference", options, ["epsilon"]);
  const { epsilon = 1e-3 } = options;
  return normalized(parameters, state, x, epsilon);
}
