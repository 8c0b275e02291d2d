import { firstNonFinite, zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

export interface BlobsOptions {
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d?: number;
  /** Number of centers to draw, or the centers themselves, k x d. */
  readonly centers: number | DenseMatrix;
  /** Drawn centers are uniform in [-box, box]^d. */
  readonly box?: number;
  /** Standard deviation of a row around its center, in every coordinate. */
  readonly deviation?: number;
  readonly seed: number;
}

/** Rows around centers; the label of a row is its center's number. */
export interface Blobs extends LabeledRows<Int32Array> {
  /** k x d. */
  readonly centers: DenseMatrix;
}

/**
 * Isotropic Gaussian clusters, in random order, of sizes that differ by at most one:
 *
 *     x_i ~ N(c_{y_i}, deviation^2 I),   c_k uniform in [-box, box]^d unless given
 *
 * @throws ArgumentError when a size is not a positive integer, there are more centers than rows, the given centers are
 *   not finite or do not have d columns, box or deviation is not finite and >= 0, or for an unknown option
 */
export function blobs(options: BlobsOptions): Blobs {
  checkGivenOptions("blobs", options, ["n", "d", "centers", "box", "deviation", "seed"]);
  const { n, d = 2, centers, box = 10, deviation = 1, seed } = options;
  checkPositiveInteger({ n, d });
  checkNonNegative({ box, deviation });
  const stream = randomStream(seed);
  const places =
    typeof centers === "number"
      ? stream
          .split("centers")
          .fillUniform(zerosOf({ centers: centerCount(centers, n), d }))
          .map((u) => box * (2 * u - 1))
      : centersOf(centers, d);
  const k = centerCount(places.length / d, n);
  const bad = firstNonFinite(places);
  if (bad >= 0)
    throw new ArgumentError(
      `centers must be finite, got ${places[bad]} in row ${Math.floor(bad / d)}, column ${bad % d}`,
    );
  const x = stream.split("noise").fillNormal(zerosOf({ n, d }));
  const y = stream.split("labels").shuffle(Int32Array.from({ length: n }, (_, i) => i % k));
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) x[i * d + j] = places[y[i] * d + j] + deviation * x[i * d + j];
  return {
    x: { rows: n, columns: d, values: x },
    y,
    centers: { rows: places.length / d, columns: d, values: places },
  };
}

function centerCount(k: number, n: number): number {
  checkIntegerWithin(1, n, { centers: k });
  return k;
}

/** A copy of the centers' numbers. */
function centersOf(centers: DenseMatrix, d: number): Float64Array<ArrayBuffer> {
  checkDense("centers", centers);
  if (centers.columns !== d)
    throw new ArgumentError(`centers must have d = ${d} columns, got ${centers.columns}`);
  return centers.values.slice();
}
