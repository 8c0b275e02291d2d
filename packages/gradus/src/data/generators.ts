import { ArgumentError } from "../errors.ts";
import { randomStream } from "../random/stream.ts";
import type { LabeledRows } from "./dataset.ts";

function checkSize(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(`${name} must be an integer >= 1, got ${value}`);
}

export interface GaussianPairOptions {
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d?: number;
  /** Share of rows of class 1; round(positiveShare n) rows get it. */
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
 * With one blob the best possible error is that of the one-dimensional problem with means 0 and s.
 *
 * @throws ArgumentError when a size is not a positive integer, a class would be empty, or the separation is not
 * finite and >= 0
 */
export function gaussianPair({
  n,
  d = 8,
  positiveShare,
  separation,
  blobs = 1,
  seed,
}: GaussianPairOptions): LabeledRows<Int32Array> {
  checkSize("n", n);
  checkSize("d", d);
  const positives = Math.round(positiveShare * n);
  if (!(positives >= 1 && positives < n))
    throw new ArgumentError(
      `positiveShare must leave at least one of ${n} rows in each class, got ${positiveShare}`,
    );
  if (!(separation >= 0 && separation < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`separation must be finite and >= 0, got ${separation}`);
  const stream = randomStream(seed);
  const y = stream.split("labels").shuffle(new Int32Array(n).fill(1, 0, positives));
  const x = stream.split("noise").fillNormal(new Float64Array(n * d));
  const sides = stream.split("sides");
  const step = separation / Math.sqrt(d);
  for (let i = 0; i < n; i++) {
    if (y[i] === 0) continue;
    const shift = blobs === 2 && sides.integer(2) === 0 ? -step : step;
    for (let j = 0; j < d; j++) x[i * d + j] += shift;
  }
  return { x, n, d, y };
}

export interface GaussianWithMarginOptions {
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d: number;
  /** Least distance of a row from the separating hyperplane, at most 4. */
  readonly margin: number;
  readonly seed: number;
}

/** Rows that a hyperplane through the origin separates. */
export interface SeparableRows extends LabeledRows<Int32Array> {
  /** Unit normal of the hyperplane: y_i w . a_i >= margin for every row. */
  readonly w: Float64Array;
}

/**
 * A standard Gaussian cloud with the slab |w . a| < r cut out, labels -1 and 1 by side:
 *
 *     w uniform on the unit sphere,   a_i ~ N(0, I) given |w . a_i| >= r,   y_i = sign(w . a_i)
 *
 * @throws ArgumentError when a size is not a positive integer or the margin is outside (0, 4] (beyond, fewer than one
 * Gaussian row in 15 000 is far enough out)
 */
export function gaussianWithMargin({ n, d, margin, seed }: GaussianWithMarginOptions): SeparableRows {
  checkSize("n", n);
  checkSize("d", d);
  if (!(margin > 0 && margin <= 4)) throw new ArgumentError(`margin must be in (0, 4], got ${margin}`);
  const stream = randomStream(seed);
  const w = stream.split("normal").unitSphere(d);
  const rows = stream.split("rows");
  const x = new Float64Array(n * d);
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
  return { x, n, d, y, w };
}
