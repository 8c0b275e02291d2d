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
  sub,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import { filledArray } from "./filled-array.ts";

/** The trained parameters of a group normalization. */
export type GroupNormalizationParameters<T = Tensor> = {
  /** [channels] */
  readonly scale: T;
  /** [channels] */
  readonly shift: T;
};

/**
 * Initial parameters of a group normalization: scale 1 and shift 0.
 *
 * @throws ArgumentError unless channels is an integer >= 1, or for an unknown dtype
 */
export function groupNormalizationParameters(
  channels: number,
  dtype: FloatType = "f32",
): GroupNormalizationParameters<ArrayValue> {
  checkPositiveInteger({ channels });
  return { scale: filledArray([channels], 1, dtype), shift: filledArray([channels], 0, dtype) };
}

/**
 * Group normalization: within each example, each of `groups` groups of channels is normalized to mean 0 and variance 1
 * over its channels and positions, then scaled and shifted per channel. One channel per group is instance
 * normalization.
 * Source: Wu & He 2018, eq. 7.
 *
 * @param x [batch, channels, ...sizes]
 * @throws ArgumentError unless groups divide the channels, or for an unknown option
 */
export function groupNormalization(
  { scale, shift }: GroupNormalizationParameters,
  x: Tensor,
  options: { readonly groups: number; readonly epsilon?: number },
): Tensor {
  checkGivenOptions("groupNormalization", options, ["groups", "epsilon"]);
  const { groups, epsilon = 1e-5 } = options;
  const [batch, channels, ...sizes] = x.shape;
  const each = Number(channels) / groups;
  if (!Number.isInteger(each) || !Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`groups must be an integer that divides ${channels} channels, got ${groups}`);
  const grouped = reshape(x, [batch, groups, each, ...sizes]);
  const axes = [...grouped.shape.keys()].slice(2);
  const centered = sub(grouped, mean(grouped, { axes, keepDims: true }));
  const variance = mean(square(centered), { axes, keepDims: true });
  // One combined factor per channel of an example: two more passes over x instead of three.
  const perChannel = (t: Tensor) => reshape(t, [groups, each, ...sizes.map(() => 1)]);
  const factor = div(perChannel(scale), sqrt(add(variance, epsilon)));
  return reshape(add(mul(centered, factor), perChannel(shift)), x.shape);
}
