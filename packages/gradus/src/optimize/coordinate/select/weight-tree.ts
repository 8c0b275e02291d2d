import { ArgumentError } from "../../../check/errors.ts";
import type { VariateSource } from "../../../random/distributions.ts";

/** Draws without replacement with probabilities proportional to weights. */
export interface WeightTree {
  /**
   * `count` different places, one after the other with probability proportional to the weights left; fewer where fewer
   * are positive. Takes O(count log n). The result is overwritten by the next call.
   */
  draw(source: VariateSource, count: number): Int32Array;
}

/**
 * A binary tree of partial sums over the weights.
 *
 * @param capacity the largest count
 * @throws ArgumentError when a weight is not finite and >= 0
 */
export function weightTree(weights: Float64Array, capacity: number): WeightTree {
  const wrong = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    throw new ArgumentError(`weights[${wrong}] must be a finite number >= 0, got ${weights[wrong]}`);
  let leaves = 1;
  while (leaves < weights.length) leaves *= 2;
  const sums = new Float64Array(2 * leaves);
  sums.set(weights, leaves);
  for (let k = leaves - 1; k >= 1; k--) sums[k] = sums[2 * k] + sums[2 * k + 1];
  const chosen = new Int32Array(capacity);
  const positive = weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);

  function put(place: number, weight: number): void {
    let k = leaves + place;
    sums[k] = weight;
    // sums anew, not by differences: no rounding stays behind
    for (k >>= 1; k >= 1; k >>= 1) sums[k] = sums[2 * k] + sums[2 * k + 1];
  }

  return {
    draw(source, count) {
      const size = Math.min(count, positive);
      for (let c = 0; c < size; c++) {
        let left = source.uniform() * sums[1];
        let k = 1;
        while (k < leaves) {
          k *= 2;
          // the right half only where it has weight left: rounding can leave a rest
          if (left >= sums[k] && sums[k + 1] > 0) {
            left -= sums[k];
            k += 1;
          } else if (sums[k] === 0) k += 1;
        }
        chosen[c] = k - leaves;
        put(chosen[c], 0);
      }
      for (let c = 0; c < size; c++) put(chosen[c], weights[chosen[c]]);
      return chosen.subarray(0, size).sort();
    },
  };
}
