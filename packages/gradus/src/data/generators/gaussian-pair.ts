import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

export interface GaussianPairOptions {
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d?: number;
  /** Fraction of rows in class 1: round(positiveShare n) rows. */
  readonly positiveShare: number;
  /** Distance between the two means, in standard deviations. */
  readonly separation: number;
  /** 2 puts each positive row at +separation or -separation with equal chance. */
  readonly blobs?: 1 | 2;
  readonly seed: number;
}

/**
 * Two overlapping Gaussian classes along the diagonal, in random order, labels 0 and 1:
 *
 *     x | 0 ~ N(0, I),   x | 1 ~ N(s u, I),   u = (1, ..., 1) / sqrt(d)
 *
 * With one blob, the Bayes error is that of the one-dimensional problem with means 0 and s.
 *
 * @throws ArgumentError when a size is not a positive integer, a class would be empty, the separation is not finite and
 *   >= 0, or for an unknown option or number of blobs
 */
export function gaussianPair(options: GaussianPairOptions): LabeledRows<Int32Array> {
  checkGivenOptions("gaussianPair", options, ["n", "d", "positiveShare", "separation", "blobs", "seed"]);
  const { n, d = 8, positiveShare, separation, blobs = 1, seed } = options;
  checkPositiveInteger({ n, d });
  checkOneOf([1, 2], { blobs });
  const positives = Math.round(positiveShare * n);
  if (!(positives >= 1 && positives < n))
    throw new ArgumentError(
      `positiveShare must leave at least one of ${n} rows in each class, got ${positiveShare}`,
    );
  checkNonNegative({ separation });
  const stream = randomStream(seed);
  const x = stream.split("noise").fillNormal(zerosOf({ n, d }));
  const y = stream.split("labels").shuffle(new Int32Array(n).fill(1, 0, positives));
  const sides = stream.split("sides");
  const step = separation / Math.sqrt(d);
  for (let i = 0; i < n; i++) {
    if (y[i] === 0) continue;
    const shift = blobs === 2 && sides.integer(2) === 0 ? -step : step;
    for (let j = 0; j < d; j++) x[i * d + j] += shift;
  }
  return { x: { rows: n, columns: d, values: x }, y };
}
