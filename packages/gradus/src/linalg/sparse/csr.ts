import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger } from "../../check/numbers.ts";

/** A sparse matrix by compressed rows: plain data. */
export interface CsrMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Row i owns places rowPointers[i] .. rowPointers[i + 1] - 1; rows + 1 numbers. */
  readonly rowPointers: Int32Array;
  /** Ascending within a row, without repeats. */
  readonly columnIndices: Int32Array;
  readonly values: Float64Array;
}

function checkVector(name: string, vector: Float64Array, length: number): void {
  if (vector.length !== length)
    throw new ArgumentError(`${name} must have ${length} numbers, got ${vector.length}`);
}

/**
 * Matrix-vector product  out = A x, every row summed from left to right.
 *
 * @param x columns numbers
 * @param out rows numbers, overwritten; not x itself
 * @returns out
 * @throws ArgumentError when the sizes do not fit
 */
export function csrMultiply(
  { rows, columns, rowPointers, columnIndices, values }: CsrMatrix,
  x: Float64Array,
  out: Float64Array = new Float64Array(rows),
): Float64Array {
  checkVector("x", x, columns);
  checkVector("out", out, rows);
  let k = 0;
  // measured: unrolled, it loses on short rows what it gains on long ones
  for (let i = 0; i < rows; i++) {
    const end = rowPointers[i + 1];
    let sum = 0;
    for (; k < end; k++) sum += values[k] * x[columnIndices[k]];
    out[i] = sum;
  }
  return out;
}

/**
 * Product with the transpose  out = A^T v.
 *
 * @param v rows numbers
 * @param out columns numbers, overwritten; not v itself
 * @returns out
 * @throws ArgumentError when the sizes do not fit
 */
export function csrMultiplyTransposed(
  { rows, columns, rowPointers, columnIndices, values }: CsrMatrix,
  v: Float64Array,
  out: Float64Array = new Float64Array(columns),
): Float64Array {
  checkVector("v", v, rows);
  checkVector("out", out, columns);
  out.fill(0);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    const end = rowPointers[i + 1];
    const vi = v[i];
    for (; k < end; k++) out[columnIndices[k]] += values[k] * vi;
  }
  return out;
}

/** <a_i, x>, the product of row i alone. */
export function csrRowDot(
  { rowPointers, columnIndices, values }: CsrMatrix,
  i: number,
  x: Float64Array,
): number {
  const end = rowPointers[i + 1];
  let sum = 0;
  for (let k = rowPointers[i]; k < end; k++) sum += values[k] * x[columnIndices[k]];
  return sum;
}

/** x <- x + s a_i, a multiple of row i. */
export function csrAddRow(
  { rowPointers, columnIndices, values }: CsrMatrix,
  i: number,
  s: number,
  x: Float64Array,
): void {
  const end = rowPointers[i + 1];
  for (let k = rowPointers[i]; k < end; k++) x[columnIndices[k]] += s * values[k];
}

/**
 * Euclidean lengths of the rows.
 *
 * @throws ArgumentError unless the number of rows is an integer >= 0 for which there is room
 */
export function csrRowNorms({ rows, rowPointers, values }: CsrMatrix): Float64Array<ArrayBuffer> {
  checkNonNegativeInteger({ rows });
  const norms = zerosOf({ rows });
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) sum += values[k] * values[k];
    norms[i] = Math.sqrt(sum);
  }
  return norms;
}

/** The diagonal, 0 where nothing is stored; min(rows, columns) numbers. */
export function csrDiagonal({
  rows,
  columns,
  rowPointers,
  columnIndices,
  values,
}: CsrMatrix): Float64Array<ArrayBuffer> {
  const diagonal = new Float64Array(Math.min(rows, columns));
  for (let i = 0; i < diagonal.length; i++)
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++)
      if (columnIndices[k] === i) diagonal[i] = values[k];
  return diagonal;
}

/**
 * The rows of the given numbers, in the given order; rows may repeat.
 *
 * @throws ArgumentError naming the place of a row that is not there
 */
export function csrSelectRows(A: CsrMatrix, selected: ArrayLike<number>): CsrMatrix {
  const rowPointers = new Int32Array(selected.length + 1);
  for (let i = 0; i < selected.length; i++) {
    const row = selected[i];
    if (!Number.isInteger(row) || row < 0 || row >= A.rows)
      throw new ArgumentError(`rows[${i}] must be an integer from 0 to ${A.rows - 1}, got ${row}`);
    rowPointers[i + 1] = rowPointers[i] + A.rowPointers[row + 1] - A.rowPointers[row];
  }
  const columnIndices = new Int32Array(rowPointers[selected.length]);
  const values = new Float64Array(rowPointers[selected.length]);
  for (let i = 0; i < selected.length; i++) {
    const end = A.rowPointers[selected[i] + 1];
    // number by number: rows are short, and a view of each costs more than they
    for (let k = A.rowPointers[selected[i]], to = rowPointers[i]; k < end; k++, to++) {
      columnIndices[to] = A.columnIndices[k];
      values[to] = A.values[k];
    }
  }
  return { rows: selected.length, columns: A.columns, rowPointers, columnIndices, values };
}

/** A^T, also by compressed rows: a counting sort of the entries by column. */
export function csrTranspose(A: CsrMatrix): CsrMatrix {
  const rowPointers = new Int32Array(A.columns + 1);
  for (let k = 0; k < A.columnIndices.length; k++) rowPointers[A.columnIndices[k] + 1] += 1;
  for (let j = 0; j < A.columns; j++) rowPointers[j + 1] += rowPointers[j];
  const next = rowPointers.slice(0, A.columns);
  const columnIndices = new Int32Array(A.values.length);
  const values = new Float64Array(A.values.length);
  for (let i = 0; i < A.rows; i++)
    for (let k = A.rowPointers[i]; k < A.rowPointers[i + 1]; k++) {
      const place = next[A.columnIndices[k]]++;
      columnIndices[place] = i;
      values[place] = A.values[k];
    }
  return { rows: A.columns, columns: A.rows, rowPointers, columnIndices, values };
}

/** The same matrix with all its entries. */
export function csrToDense({ rows, columns, rowPointers, columnIndices, values }: CsrMatrix): {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
} {
  const dense = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++)
      dense[i * columns + columnIndices[k]] = values[k];
  return { rows, columns, values: dense };
}
