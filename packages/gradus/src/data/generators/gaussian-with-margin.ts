import { zerosOf } from "../../check/arrays.ts";
import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

export interface GaussianWithMarginOptions {
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d: number;
  /** Minimum distance of a row from the separating hyperplane, in (0, 4]. */
  readonly margin: number;
  readonly seed: number;
}

/** Rows that are separated by a hyperplane through the origin. */
export interface SeparableRows extends LabeledRows<Int32Array> {
  /** Unit normal of the hyperplane: y_i w . a_i >= margin for every row. */
  readonly w: Float64Array;
}

/**
 * A standard Gaussian cloud without the slab |w . a| < r, labeled -1 and 1 by side:
 *
 *     w uniform on the unit sphere,   a_i ~ N(0, I) given |w . a_i| >= r,   y_i = sign(w . a_i)
 *
 * @throws ArgumentError when a size is not a positive integer or the margin r is outside (0, 4] (above 4, fewer than
 *   one Gaussian row in 15,000 is far enough from the hyperplane), or for an unknown option
 */
export function gaussianWithMargin(options: GaussianWithMarginOptions): SeparableRows {
  checkGivenOptions("gaussianWithMargin", options, ["n", "d", "margin", "seed"]);
  const { n, d, margin, seed } = options;
  checkPositiveInteger({ n, d });
  checkWithin("(0, 4]", { margin });
  const stream = randomStream(seed);
  const w = stream.split("normal").unitSphere(d);
  const rows = stream.split("rows");
  const x = zerosOf({ n, d });
  const y = new Int32Array(n);
  let i = 0;
  while (i < n) {
    const row = x.subarray(i * d, (i + 1) * d);
    rows.fillNormal(row);
    let distance = 0;
    for (let j = 0; j < d; j++) distance += row[j] * w[j];
    if (Math.abs(distance) < margin) continue;
    y[i] = distance > 0 ? 1 : -1;
    i += 1;
  }
  return { x: { rows: n, columns: d, values: x }, y, w };
}
