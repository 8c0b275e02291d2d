import { ArgumentError, DataError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { checkDense, type DenseMatrix } from "../linalg/matrix.ts";
import { norm2 } from "../linalg/vector.ts";

/** A fitted standardization. */
export interface Standardization {
  /** d column means of the fitted rows. */
  readonly mean: Float64Array;
  /** d standard deviations of the fitted rows; 1 for a column that is constant on them. */
  readonly scale: Float64Array;
  /** (x - mean) / scale for rows with d columns, as a new matrix. */
  apply(x: DenseMatrix): DenseMatrix;
}

export interface StandardizeOptions {
  /** The rows to fit, usually a training fold; defaults to all rows. */
  readonly rows?: ArrayLike<number>;
  /** Whether to divide the sum of squares by rows - 1 ("sample") or by rows ("population"). */
  readonly deviation?: "sample" | "population";
}

/** Sums of squares outside have lost digits to overflow or underflow. */
const SAFE_SQUARES = [1e-280, Number.MAX_VALUE] as const;

/** A power of two, by which numbers near either end of float64 come to a size that can be squared. */
const unitOf = (largest: number): number =>
  2 ** Math.max(-1000, Math.min(1000, -Math.floor(Math.log2(largest))));

/** Mean and standard deviation of numbers whose squares, or differences, leave float64's range. */
function extremeMoments(column: Float64Array, divisor: number): { mean: number; scale: number } {
  const largest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = unitOf(largest) / 2;
  const small = column.map((value) => value * unit);
  const mean = small[0] + small.reduce((sum, value) => sum + (value - small[0]) / small.length, 0);
  const deviation = norm2(small.map((value) => value - mean)) / Math.sqrt(divisor);
  return { mean: mean / unit, scale: deviation / unit };
}

/** (value - mean) / scale, also where the difference overflows. */
function scaled(value: number, mean: number, scale: number): number {
  const difference = value - mean;
  return Number.isFinite(difference) ? difference / scale : value / scale - mean / scale;
}

function apply(x: DenseMatrix, mean: Float64Array, scale: Float64Array): DenseMatrix {
  checkDense("x", x);
  const d = mean.length;
  if (x.columns !== d) throw new ArgumentError(`x must have ${d} columns, got ${x.columns}`);
  const { values } = x;
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += d)
    for (let j = 0; j < d; j++) result[start + j] = scaled(values[start + j], mean[j], scale[j]);
  return { rows: x.rows, columns: d, values: result };
}

/**
 * Fits a standardization: the mean and standard deviation of each column over the given rows. A column that is constant
 * on those rows gets scale 1, so it becomes 0 there.
 *
 *     mean_j = (1/m) sum_i x_ij,   scale_j = sqrt( sum_i (x_ij - mean_j)^2 / (m - 1) )      ("sample")
 *
 * @param matrix x, one row per sample
 * @throws ArgumentError when x is not a dense matrix, `rows` is empty or has a number out of range, or an option or its
 *   value is unknown
 * @throws DataError when a value among the rows is not finite, or naming a column that is not constant and whose standard
 *   deviation is beyond float64's range
 */
export function standardize(matrix: DenseMatrix, options: StandardizeOptions = {}): Standardization {
  checkDense("x", matrix);
  checkOptions("standardize", options, ["rows", "deviation"]);
  const { rows, deviation = "sample" } = options;
  checkOneOf(["sample", "population"], { deviation });
  const { rows: n, columns: d, values: x } = matrix;
  const m = rows ? rows.length : n;
  if (m === 0) throw new ArgumentError("rows must have at least one row, got none");
  const mean = new Float64Array(d);
  const first = new Float64Array(d);
  const constant = new Array<boolean>(d).fill(true);
  const rowAt = (i: number): number => (rows ? rows[i] : i);
  for (let i = 0; i < m; i++) {
    const row = rowAt(i);
    checkIntegerWithin(0, n - 1, { [`rows[${i}]`]: row });
    for (let j = 0; j < d; j++) {
      const value = x[row * d + j];
      if (!Number.isFinite(value))
        throw new DataError(`x must be finite, got ${value} in row ${row}, column ${j}`);
      if (i === 0) first[j] = value;
      else if (value !== first[j]) constant[j] = false;
      mean[j] += (value - first[j]) / m; // relative to the first row, so that a large offset costs no digits
    }
  }
  for (let j = 0; j < d; j++) mean[j] += first[j];
  const square = new Float64Array(d);
  for (let i = 0; i < m; i++) {
    const start = rowAt(i) * d;
    for (let j = 0; j < d; j++) square[j] += (x[start + j] - mean[j]) ** 2;
  }
  const divisor = deviation === "sample" ? m - 1 : m;
  const scale = square.map((sum, j) => (constant[j] ? 1 : Math.sqrt(sum / divisor)));
  const [least, most] = SAFE_SQUARES;
  for (let j = 0; j < d; j++)
    if (!constant[j] && !(square[j] >= least && square[j] <= most)) {
      const column = Float64Array.from({ length: m }, (_, i) => x[rowAt(i) * d + j]);
      ({ mean: mean[j], scale: scale[j] } = extremeMoments(column, divisor));
      if (!(scale[j] > 0 && scale[j] < Number.POSITIVE_INFINITY))
        throw new DataError(
          `column ${j} of x must have a standard deviation in the range of float64, got ${scale[j]}; scale it`,
        );
    }
  return { mean, scale, apply: (values) => apply(values, mean, scale) };
}
