import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";

/** How the examples of a batch are drawn. */
export interface SgdSampling {
  /** B, the number of examples in a batch. */
  readonly batchSize?: number;
  /** Whether a batch may contain an example more than once. */
  readonly replacement?: boolean;
}

/**
 * The share p of single-example noise in a batch step: the second moments of SGD with batches of B are those of a
 * mixture of single-example steps (weight p) and full-batch steps (weight 1 - p),
 *
 *     p = 1/B  with replacement,   p = (n - B) / (B (n - 1))  without.
 *
 * With one example there is no noise: p = 0 without replacement.
 * Source: Mulayoff & Michaeli 2024, "Exact mean square linear stability analysis for SGD".
 *
 * @param n number of examples
 * @throws ArgumentError unless B is an integer in 1 .. n
 */
export function batchNoiseShare(n: number, options: SgdSampling = {}): number {
  checkOptions("batchNoiseShare", options, ["batchSize", "replacement"]);
  const { batchSize = 1, replacement = false } = options;
  checkPositiveInteger({ n });
  checkIntegerWithin(1, n, { batchSize });
  checkBoolean({ replacement });
  if (replacement) return 1 / batchSize;
  return n === 1 ? 0 : (n - batchSize) / (batchSize * (n - 1));
}
