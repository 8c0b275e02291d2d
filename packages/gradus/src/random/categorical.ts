import { ArgumentError } from "../check/errors.ts";
import type { VariateSource } from "./distributions.ts";

function totalOf(weights: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`weights[${i}] must be a finite number >= 0, got ${weights[i]}`);
    total += weights[i];
  }
  if (!(total > 0 && total < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`weights must have a finite sum > 0, got ${total}`);
  return total;
}

/**
 * An index i with probability weights_i / sum_j weights_j, in one pass over the weights. For many draws from the same
 * weights, `categoricalSampler` is faster.
 *
 * @throws ArgumentError when a weight is not finite and >= 0, or all are 0
 */
export function sampleCategorical(source: VariateSource, weights: ArrayLike<number>): number {
  let left = source.uniform() * totalOf(weights);
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    if (left < weights[i]) return i;
    left -= weights[i];
    last = i; // rounding can leave a remainder after the last weight
  }
  return last;
}

/**
 * A sampler of indices with probabilities weights_i / sum_j weights_j that takes constant time per draw.
 *
 *     cell uniform on 0 .. k-1,  then  cell with probability share[cell], else alias[cell]
 *
 * Source: Walker 1977, "An efficient method for generating discrete random variables with general distributions";
 * the table is built in linear time as in Vose 1991.
 *
 * @throws ArgumentError when a weight is not finite and >= 0, or all are 0
 */
export function categoricalSampler(weights: ArrayLike<number>): (source: VariateSource) => number {
  const total = totalOf(weights);
  const k = weights.length;
  const share = Float64Array.from(weights, (weight) => (weight / total) * k);
  const alias = Int32Array.from(share.keys());
  const poor: number[] = [];
  const rich: number[] = [];
  for (let i = 0; i < k; i++) (share[i] < 1 ? poor : rich).push(i);
  while (poor.length > 0 && rich.length > 0) {
    const small = poor[poor.length - 1];
    const large = rich[rich.length - 1];
    poor.pop();
    alias[small] = large;
    share[large] -= 1 - share[small];
    if (share[large] >= 1) continue;
    rich.pop();
    poor.push(large);
  }
  for (const i of rich) share[i] = 1;
  // Rounding can leave full cells without a partner; a cell of weight 0 must stay empty.
  const heaviest = Float64Array.from(weights).reduce(
    (best, weight, i, all) => (weight > all[best] ? i : best),
    0,
  );
  for (const i of poor)
    if (weights[i] > 0) share[i] = 1;
    else alias[i] = heaviest;
  return (source) => {
    const place = source.uniform() * k;
    const cell = Math.floor(place);
    return place - cell < share[cell] ? cell : alias[cell];
  };
}
