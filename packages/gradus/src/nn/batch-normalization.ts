import {
  type ArrayValue,
  add,
  array,
  div,
  type FloatType,
  mean,
  mul,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../errors.ts";

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
  /** The share of the old running estimate that each training batch keeps. */
  readonly momentum?: number;
  /** Added to the variance. */
  readonly epsilon?: number;
}

function filled(features: number, value: number, dtype: FloatType): ArrayValue {
  return array((dtype === "f32" ? new Float32Array(features) : new Float64Array(features)).fill(value));
}

/**
 * Scale 1, shift 0, running mean 0 and variance 1.
 *
 * @throws ArgumentError unless features is a whole number >= 1
 */
export function batchNormalizationParameters(
  features: number,
  dtype: FloatType = "f32",
): {
  readonly parameters: BatchNormalizationParameters<ArrayValue>;
  readonly state: BatchNormalizationState<ArrayValue>;
} {
  if (!Number.isInteger(features) || features < 1)
    throw new ArgumentError(`features must be a whole number >= 1, got ${features}`);
  return {
    parameters: { scale: filled(features, 1, dtype), shift: filled(features, 0, dtype) },
    state: { mean: filled(features, 0, dtype), variance: filled(features, 1, dtype) },
  };
}

function normalized(x: Tensor, center: Tensor, variance: Tensor, epsilon: number): Tensor {
  return div(sub(x, center), sqrt(add(variance, epsilon)));
}

/**
 * Batch normalization in training: scale (x - m) / sqrt(v + epsilon) + shift with the batch's own mean m and (biased)
 * variance v, through which derivatives flow, and the next running estimates (Ioffe and Szegedy, 2015, Algorithm 1).
 *
 * @param x [batch, features]
 */
export function batchNormalization(
  { scale, shift }: BatchNormalizationParameters,
  state: BatchNormalizationState,
  x: Tensor,
  { momentum = 0.99, epsilon = 1e-3 }: BatchNormalizationOptions = {},
): { readonly output: Tensor; readonly state: BatchNormalizationState } {
  const center = mean(x, { axes: 0 });
  const variance = mean(square(sub(x, center)), { axes: 0 });
  const output = add(mul(normalized(x, center, variance, epsilon), scale), shift);
  const running = (old: Tensor, batch: Tensor) =>
    add(mul(old, momentum), mul(stopGradient(batch), 1 - momentum));
  return {
    output,
    state: { mean: running(state.mean, center), variance: running(state.variance, variance) },
  };
}

/** Batch normalization at inference: with the running estimates instead of the batch's. */
export function batchNormalizationInference(
  { scale, shift }: BatchNormalizationParameters,
  state: BatchNormalizationState,
  x: Tensor,
  { epsilon = 1e-3 }: Pick<BatchNormalizationOptions, "epsilon"> = {},
): Tensor {
  return add(mul(normalized(x, state.mean, state.variance, epsilon), scale), shift);
}
