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
import { checkOptions } from "../check/options.ts";
import { filledArray } from "./filled-array.ts";

/** What a group normalization learns. */
export type GroupNormalizationParameters<T = Tensor> = {
  /** [channels] */
  readonly scale: T;
  /** [channels] */
  readonly shift: T;
};

/**
 * Scale 1 and shift 0.
 *
 * @throws ArgumentError unless channels is a whole number >= 1
 */
export function groupNormalizationParameters(
  channels: number,
  dtype: FloatType = "f32",
): GroupNormalizationParameters<ArrayValue> {
  checkPositiveInteger({ channels });
  return { scale: filledArray([channels], 1, dtype), shift: filledArray([channels], 0, dtype) };
}

/**
 * Group normalization: the channels in `groups` parts, each of which has mean 0 and variance 1 over its channels and
 * all places, of each example by itself; then scale and shift for each channel (Wu and He, 2018, eq. 7). One channel a
 * group is instance normalization.
 *
 * @param x [batch, channels, ...sizes]
 * @throws ArgumentError unless groups divide the channels, or for an unknown option
 */
export function groupNormalization(
  { scale, shift }: GroupNormalizationParameters,
  x: Tensor,
  options: { readonly groups: number; readonly epsilon?: number },
): Tensor {
  checkOptions("groupNormalization", options, ["groups", "epsilon"]);
  const { groups, epsilon = 1e-5 } = options;
  const [batch, channels, ...sizes] = x.shape;
  const each = Number(channels) / groups;
  if (!Number.isInteger(each) || !Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`groups must be a whole number that divides ${channels} channels, got ${groups}`);
  const grouped = reshape(x, [batch, groups, each, ...sizes]);
  const axes = [...grouped.shape.keys()].slice(2);
  const centered = sub(grouped, mean(grouped, { axes, keepDims: true }));
  const variance = mean(square(centered), { axes, keepDims: true });
  // One factor for each channel of an example, so that the whole is passed over twice from here, not three times.
  const perChannel = (t: Tensor) => reshape(t, [groups, each, ...sizes.map(() => 1)]);
  const factor = div(perChannel(scale), sqrt(add(variance, epsilon)));
  return reshape(add(mul(centered, factor), perChannel(shift)), x.shape);
}
