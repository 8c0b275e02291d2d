import { areFinite } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkDense, type DenseMatrix } from "../matrix.ts";
import { type CsrMatrix, csrTranspose } from "./csr.ts";

/** Entries in any order: entry k is `values[k]` in row `rows[k]`, column `columns[k]`. */
export interface Triplets {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

const LARGEST_SIZE = 2 ** 31 - 2;

function checkSize(name: string, size: number): void {
  if (!Number.isInteger(size) || size < 0 || size > LARGEST_SIZE)
    throw new ArgumentError(`${name} must be an integer in 0 .. ${LARGEST_SIZE}, got ${size}`);
}

const isIndex = (index: number, size: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < size;

/** Adds neighbors of equal column up, row by row; rows are sorted. */
function sumDuplicates(A: CsrMatrix): CsrMatrix {
  const { rows, columns } = A;
  const rowPointers = new Int32Array(rows + 1);
  const columnIndices = new Int32Array(A.columnIndices.length);
  const values = new Float64Array(A.values.length);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const begin = count;
    for (let k = A.rowPointers[i]; k < A.rowPointers[i + 1]; k++) {
      if (count > begin && columnIndices[count - 1] === A.columnIndices[k]) values[count - 1] += A.values[k];
      else {
        columnIndices[count] = A.columnIndices[k];
        values[count] = A.values[k];
        count += 1;
      }
    }
    rowPointers[i + 1] = count;
  }
  if (count === values.length) return A;
  return {
    rows,
    columns,
    rowPointers,
    columnIndices: columnIndices.slice(0, count),
    values: values.slice(0, count),
  };
}

/**
 * The matrix of the given entries. Entries at one place are added up, as needed for finite elements and graphs.
 *
 * @throws ArgumentError when a size is not an integer or the three lists differ in length
 * @throws DataError naming entry, row and column of an index that is outside or a value that is not finite
 */
export function csrFromTriplets(rows: number, columns: number, triplets: Triplets): CsrMatrix {
  checkSize("rows", rows);
  checkSize("columns", columns);
  const count = triplets.values.length;
  if (triplets.rows.length !== count || triplets.columns.length !== count)
    throw new ArgumentError(
      `rows, columns and values must have the same length, got ${triplets.rows.length}, ${triplets.columns.length} and ${count}`,
    );
  const byColumn = new Int32Array(columns + 1);
  for (let k = 0; k < count; k++) {
    const [row, column, value] = [triplets.rows[k], triplets.columns[k], triplets.values[k]];
    if (!isIndex(row, rows) || !isIndex(column, columns))
      throw new DataError(
        `entry ${k} is at row ${row}, column ${column}, outside the ${rows} x ${columns} matrix`,
      );
    if (!Number.isFinite(value))
      throw new DataError(`entry ${k} at row ${row}, column ${column} must be finite, got ${value}`);
    byColumn[column + 1] += 1;
  }
  // sorted by column here, and by row in the transposition, which keeps the order within a row
  for (let j = 0; j < columns; j++) byColumn[j + 1] += byColumn[j];
  const next = byColumn.slice(0, columns);
  const rowOf = new Int32Array(count);
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const place = next[triplets.columns[k]]++;
    rowOf[place] = triplets.rows[k];
    values[place] = triplets.values[k];
  }
  return sumDuplicates(
    csrTranspose({ rows: columns, columns: rows, rowPointers: byColumn, columnIndices: rowOf, values }),
  );
}

/**
 * The matrix of the given rows, each a list of [column, value] in any order.
 *
 * @param columns number of columns
 * @throws DataError naming row and column of an index that is outside or repeated, or a value that is not finite
 */
export function csrFromRows(
  rows: readonly (readonly (readonly [column: number, value: number])[])[],
  columns: number,
): CsrMatrix {
  checkSize("columns", columns);
  const rowPointers = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) rowPointers[i + 1] = rowPointers[i] + rows[i].length;
  const columnIndices = new Int32Array(rowPointers[rows.length]);
  const values = new Float64Array(rowPointers[rows.length]);
  for (let i = 0; i < rows.length; i++) {
    const sorted = rows[i].toSorted((a, b) => a[0] - b[0]);
    for (let k = 0; k < sorted.length; k++) {
      const [column, value] = sorted[k];
      if (!isIndex(column, columns))
        throw new DataError(`row ${i} has column ${column}, outside 0 .. ${columns - 1}`);
      if (k > 0 && sorted[k - 1][0] === column) throw new DataError(`row ${i} has column ${column} twice`);
      if (!Number.isFinite(value))
        throw new DataError(`row ${i}, column ${column} must be finite, got ${value}`);
      columnIndices[rowPointers[i] + k] = column;
      values[rowPointers[i] + k] = value;
    }
  }
  return { rows: rows.length, columns, rowPointers, columnIndices, values };
}

/**
 * The nonzero entries of a dense matrix.
 *
 * @throws ArgumentError when A is not a dense matrix
 * @throws DataError naming row and column of a value that is not finite
 */
export function csrFromDense(A: DenseMatrix): CsrMatrix {
  checkDense("A", A);
  const { rows, columns, values: dense } = A;
  checkSize("rows", rows);
  checkSize("columns", columns);
  const rowPointers = new Int32Array(rows + 1);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = dense[i * columns + j];
      if (!Number.isFinite(value)) throw new DataError(`row ${i}, column ${j} must be finite, got ${value}`);
      if (value !== 0) count += 1;
    }
    rowPointers[i + 1] = count;
  }
  const columnIndices = new Int32Array(count);
  const values = new Float64Array(count);
  let place = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const value = dense[i * columns + j];
      if (value === 0) continue;
      columnIndices[place] = j;
      values[place] = value;
      place += 1;
    }
  return { rows, columns, rowPointers, columnIndices, values };
}

/** Whether pointers and columns ascend, columns are inside and values finite; what is wrong takes longer to say. */
function hasGoodEntries({ rows, columns, rowPointers, columnIndices, values }: CsrMatrix): boolean {
  if (!(rowPointers instanceof Int32Array && columnIndices instanceof Int32Array)) return false;
  let k = 0;
  let good = true;
  for (let i = 0; i < rows; i++) {
    const end = rowPointers[i + 1];
    good &&= end >= k;
    for (let last = -1; k < end; k++) {
      const column = columnIndices[k];
      if (column <= last) return false;
      last = column;
    }
    if (k > 0 && columnIndices[k - 1] >= columns) return false;
    k = end;
  }
  return good && values instanceof Float64Array && areFinite(values);
}

/** Checks the sizes of a matrix and of its arrays. */
function checkSizes({ rows, columns, rowPointers, columnIndices, values }: CsrMatrix): void {
  checkSize("rows", rows);
  checkSize("columns", columns);
  if (rowPointers.length !== rows + 1 || rowPointers[0] !== 0)
    throw new DataError(
      `rowPointers must have rows + 1 = ${rows + 1} numbers and start at 0, got ${rowPointers.length} from ${rowPointers[0]}`,
    );
  const count = rowPointers[rows];
  if (columnIndices.length !== count || values.length !== count)
    throw new DataError(
      `columnIndices and values must have ${count} numbers, got ${columnIndices.length} and ${values.length}`,
    );
}

/**
 * Checks a matrix and copies it into WebAssembly memory, where the checks of its indices and values take a fraction of the time.
 *
 * @param copyOf the owner of a copy, which refuses indices that do not fit when it looks whether the values are finite
 * @throws what `checkCsr` throws
 */
export function checkedCopy<Copy extends { readonly isFinite: boolean }>(
  A: CsrMatrix,
  copyOf: (A: CsrMatrix) => Copy,
): Copy {
  const { rowPointers, columnIndices, values } = A;
  checkSizes(A);
  const fits = rowPointers instanceof Int32Array && columnIndices instanceof Int32Array;
  if (!fits || !(values instanceof Float64Array)) checkCsr(A);
  const copy = copyOf(A);
  try {
    if (!copy.isFinite) checkCsr(A);
  } catch (error) {
    checkCsr(A);
    throw error;
  }
  return copy;
}

/**
 * Checks arrays that came from elsewhere (a file, another library) and returns them as a matrix, not copied.
 *
 * @throws ArgumentError when a size is not an integer
 * @throws DataError naming the row whose pointers decrease, or row and column of an index that is outside, out of
 *   order or repeated, or a value that is not finite
 */
export function checkCsr(A: CsrMatrix): CsrMatrix {
  const { rows, columns, rowPointers, columnIndices, values } = A;
  checkSizes(A);
  if (hasGoodEntries(A)) return A;
  for (let i = 0; i < rows; i++)
    if (rowPointers[i + 1] < rowPointers[i])
      throw new DataError(`rowPointers decrease at row ${i}: ${rowPointers[i]}, then ${rowPointers[i + 1]}`);
  for (let i = 0; i < rows; i++) {
    const begin = rowPointers[i];
    for (let k = begin; k < rowPointers[i + 1]; k++) {
      const column = columnIndices[k];
      if (!isIndex(column, columns))
        throw new DataError(`row ${i} has column ${column}, outside 0 .. ${columns - 1}`);
      if (k > begin && column <= columnIndices[k - 1])
        throw new DataError(
          `row ${i} has column ${column} after ${columnIndices[k - 1]}; columns must ascend`,
        );
      if (!Number.isFinite(values[k]))
        throw new DataError(`row ${i}, column ${column} must be finite, got ${values[k]}`);
    }
  }
  return A;
}
