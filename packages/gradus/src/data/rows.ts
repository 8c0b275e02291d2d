import { ArgumentError, MissingClassError } from "../check/errors.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { checkMatrix, type DenseMatrix, isSparse, type Matrix } from "../linalg/matrix.ts";
import { type CsrMatrix, csrSelectRows } from "../linalg/sparse/csr.ts";

/** Labels or targets, one per row. */
export type RowValues = Float64Array | Float32Array | Int32Array | Uint8Array;

function checkRow(rows: ArrayLike<number>, i: number, n: number): void {
  const row = rows[i];
  if (!Number.isInteger(row) || row < 0 || row >= n)
    throw new ArgumentError(`rows[${i}] must be an integer from 0 to ${n - 1}, got ${row}`);
}

/**
 * The given rows of a matrix, or of labels with one number per row, in the given order; rows may repeat.
 *
 * @throws ArgumentError when x is neither, or naming the index of a row number that is out of range
 */
export function selectRows(x: DenseMatrix, rows: ArrayLike<number>): DenseMatrix;
export function selectRows(x: CsrMatrix, rows: ArrayLike<number>): CsrMatrix;
export function selectRows(x: Float64Array, rows: ArrayLike<number>): Float64Array;
export function selectRows(x: Float32Array, rows: ArrayLike<number>): Float32Array;
export function selectRows(x: Int32Array, rows: ArrayLike<number>): Int32Array;
export function selectRows(x: Uint8Array, rows: ArrayLike<number>): Uint8Array;
export function selectRows(x: Matrix | RowValues, rows: ArrayLike<number>): Matrix | RowValues {
  if (ArrayBuffer.isView(x)) {
    const selected = sameKind(x, rows.length);
    for (let i = 0; i < rows.length; i++) {
      checkRow(rows, i, x.length);
      selected[i] = x[rows[i]];
    }
    return selected;
  }
  checkMatrix("x", x);
  if (isSparse(x)) return csrSelectRows(x, rows);
  const d = x.columns;
  const values = new Float64Array(rows.length * d);
  for (let i = 0; i < rows.length; i++) {
    checkRow(rows, i, x.rows);
    values.set(x.values.subarray(rows[i] * d, (rows[i] + 1) * d), i * d);
  }
  return { rows: rows.length, columns: d, values };
}

function sameKind(x: RowValues, length: number): RowValues {
  if (x instanceof Float64Array) return new Float64Array(length);
  if (x instanceof Float32Array) return new Float32Array(length);
  if (x instanceof Int32Array) return new Int32Array(length);
  return new Uint8Array(length);
}

/**
 * The row numbers, ascending, of the rows with one of the given labels.
 *
 * @throws MissingClassError when a label has no rows
 */
export function rowsWithLabel(y: ArrayLike<number>, ...labels: readonly number[]): Int32Array {
  const missing = new Set(labels);
  const rows: number[] = [];
  for (let i = 0; i < y.length; i++) {
    if (!labels.includes(y[i])) continue;
    missing.delete(y[i]);
    rows.push(i);
  }
  for (const label of missing) throw new MissingClassError(`no row of ${y.length} has label ${label}`);
  return Int32Array.from(rows);
}

/**
 * Two-class labels from class numbers: 1 where y is the positive class and `negative` (0, or -1 for margin losses)
 * elsewhere.
 *
 * @throws ArgumentError for an unknown option, or a `negative` that is neither 0 nor -1
 * @throws MissingClassError when one of the two sides has no rows
 */
export function oneVersusRest(
  y: ArrayLike<number>,
  positive: number,
  options: { negative?: 0 | -1 } = {},
): Int32Array {
  checkOptions("oneVersusRest", options, ["negative"]);
  const { negative = 0 } = options;
  checkOneOf([0, -1], { negative });
  const labels = new Int32Array(y.length).fill(negative);
  for (const row of rowsWithLabel(y, positive)) labels[row] = 1;
  if (!labels.includes(negative))
    throw new MissingClassError(`all ${y.length} rows have label ${positive}; there are no negative rows`);
  return labels;
}
