import {
  type ArrayValue,
  add,
  div,
  type FloatType,
  mean,
  mul,
  sqrt,
  square,
  sub,
  type Tensor,
} from "@gradus/graph";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { filledArray } from "./filled-array.ts";

/** The trained parameters of a layer normalization. */
export type LayerNormalizationParameters<T = Tensor> = {
  /** Has the shape of the trailing axes that are normalized together. */
  readonly scale: T;
  readonly shift: T;
};

/**
 * Initial parameters of a layer normalization over trailing axes of the given shape: scale 1 and shift 0.
 *
 * @throws ArgumentError unless there is at least one size and all are integers >= 1, or for an unknown dtype
 */
export function layerNormalizationParameters(
  shape: readonly number[],
  dtype: FloatType = "f32",
): LayerNormalizationParameters<ArrayValue> {
  if (!Array.isArray(shape)) throw new ArgumentError(`shape must be an array of sizes, got ${shown(shape)}`);
  if (shape.length === 0) throw new ArgumentError("shape must have at least one size, got none");
  checkPositiveInteger(Object.fromEntries(shape.map((size, i) => [`shape[${i}]`, size])));
  return { scale: filledArray(shape, 1, dtype), shift: filledArray(shape, 0, dtype) };
}

/**
 * Layer normalization over as many trailing axes as the parameters have: scale (x - m) / sqrt(v + epsilon) + shift with
 * the mean m and (biased) variance v of each example.
 * Source: Ba, Kiros & Hinton 2016.
 *
 * @throws ArgumentError for an unknown option
 */
export function layerNormalization(
  { scale, shift }: LayerNormalizationParameters,
  x: Tensor,
  options: { readonly epsilon?: number } = {},
): Tensor {
  checkOptions("layerNormalization", options, ["epsilon"]);
  const { epsilon = 1e-5 } = options;
  const axes = scale.shape.map((_, i) => -1 - i);
  const centered = sub(x, mean(x, { axes, keepDims: true }));
  const variance = mean(square(centered), { axes, keepDims: true });
  return add(mul(div(centered, sqrt(add(variance, epsilon))), scale), shift);
}
