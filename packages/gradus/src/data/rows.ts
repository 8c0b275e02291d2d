import { ArgumentError, MissingClassError } from "../check/errors.ts";

/** Row-major arrays whose rows can be selected. */
export type RowArray = Float64Array | Float32Array | Int32Array | Uint8Array;

function sameKind(x: RowArray, length: number): RowArray {
  if (x instanceof Float64Array) return new Float64Array(length);
  if (x instanceof Float32Array) return new Float32Array(length);
  if (x instanceof Int32Array) return new Int32Array(length);
  return new Uint8Array(length);
}

/**
 * The given rows of a row-major array with d columns, in the given order (rows may repeat); d = 1 selects labels.
 *
 * @throws ArgumentError when d does not divide the length of x or a row is not there
 */
export function selectRows(x: Float64Array, d: number, rows: ArrayLike<number>): Float64Array;
export function selectRows(x: Float32Array, d: number, rows: ArrayLike<number>): Float32Array;
export function selectRows(x: Int32Array, d: number, rows: ArrayLike<number>): Int32Array;
export function selectRows(x: Uint8Array, d: number, rows: ArrayLike<number>): Uint8Array;
export function selectRows(x: RowArray, d: number, rows: ArrayLike<number>): RowArray {
  const n = x.length / d;
  if (!Number.isInteger(d) || d < 1 || !Number.isInteger(n))
    throw new ArgumentError(`d must be an integer >= 1 that divides the length ${x.length} of x, got ${d}`);
  const selected = sameKind(x, rows.length * d);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!Number.isInteger(row) || row < 0 || row >= n)
      throw new ArgumentError(`rows[${i}] must be an integer in 0 .. ${n - 1}, got ${row}`);
    selected.set(x.subarray(row * d, (row + 1) * d), i * d);
  }
  return selected;
}

/**
 * The numbers, ascending, of the rows whose label is among the given ones.
 *
 * @throws MissingClassError when a label has no row
 */
export function rowsWithLabel(y: ArrayLike<number>, ...labels: readonly number[]): Int32Array {
  const missing = new Set(labels);
  const rows: number[] = [];
  for (let i = 0; i < y.length; i++) {
    if (!labels.includes(y[i])) continue;
    missing.delete(y[i]);
    rows.push(i);
  }
  for (const label of missing) throw new MissingClassError(`label ${label} has no row among the ${y.length}`);
  return Int32Array.from(rows);
}

/**
 * Two-class labels from class numbers: 1 where y is the positive class and `negative` (0, or -1 for margins)
 * everywhere else.
 *
 * @throws MissingClassError when one of the two sides has no row
 */
export function oneVersusRest(
  y: ArrayLike<number>,
  positive: number,
  { negative = 0 }: { negative?: 0 | -1 } = {},
): Int32Array {
  const labels = new Int32Array(y.length).fill(negative);
  for (const row of rowsWithLabel(y, positive)) labels[row] = 1;
  if (!labels.includes(negative))
    throw new MissingClassError(
      `every one of the ${y.length} rows has label ${positive}; none is left for the rest`,
    );
  return labels;
}
