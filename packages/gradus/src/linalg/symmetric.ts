import { checkFiniteMatrix } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { DataError } from "../check/errors.ts";
import { checkNonNegative } from "../check/numbers.ts";
import { checkFiniteEntries, checkNonemptyDense, type DenseMatrix, isSparse, type Matrix } from "./matrix.ts";
import { type CsrMatrix, csrTranspose } from "./sparse/csr.ts";
import { checkSquare } from "./square.ts";

/** How far a matrix may be from symmetric. */
export interface SymmetryOptions {
  /** Largest |A_ij - A_ji|, relative to the largest |A_ij|. */
  readonly asymmetry?: number;
}

/** Rounding of a product A^T A or of a float32 computation stays below this. */
const DEFAULT_ASYMMETRY = 1e-8;
/** Blocks of this many rows and columns and their mirrors stay in cache. */
const BLOCK = 32;

/** Names the entry below the diagonal. */
function refuse(name: string, i: number, j: number, entry: number, mirror: number): never {
  if (i < j) refuse(name, j, i, mirror, entry);
  throw new DataError(
    `${name} must be symmetric; row ${i}, column ${j} is ${shown(entry)}, its mirror ${shown(mirror)}`,
  );
}

/** max |A_ij| over the stored entries, which are finite: comparisons take less time than `Math.max`, which minds NaN. */
function largestEntry(values: Float64Array): number {
  let least = 0;
  let most = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (value > most) most = value;
    else if (value < least) least = value;
  }
  return Math.max(most, -least);
}

function compareMirrors(name: string, { rows: n, values }: DenseMatrix, tolerance: number): void {
  for (let fromRow = 0; fromRow < n; fromRow += BLOCK)
    for (let fromColumn = 0; fromColumn <= fromRow; fromColumn += BLOCK) {
      const lastRow = Math.min(fromRow + BLOCK, n);
      for (let i = fromRow; i < lastRow; i++) {
        const end = Math.min(fromColumn + BLOCK, i);
        for (let j = fromColumn; j < end; j++)
          if (!(Math.abs(values[i * n + j] - values[j * n + i]) <= tolerance))
            refuse(name, i, j, values[i * n + j], values[j * n + i]);
      }
    }
}

/**
 * Checks that a dense matrix is finite and symmetric but for rounding: what solves with dense matrices alone goes without
 * the check of sparse ones.
 *
 * @throws ArgumentError unless it is square
 * @throws DataError naming entries that differ by more than `asymmetry` times the largest, or are not finite
 */
export function checkDenseSymmetric(
  name: string,
  A: DenseMatrix,
  { asymmetry = DEFAULT_ASYMMETRY }: SymmetryOptions = {},
): void {
  checkNonNegative({ asymmetry });
  checkSquare(A, name);
  checkFiniteMatrix(name, A.values, A.columns);
  compareMirrors(name, A, asymmetry * largestEntry(A.values));
}

/**
 * Checks that a matrix is finite and symmetric but for rounding.
 *
 * @throws ArgumentError unless it is square
 * @throws DataError naming entries that differ by more than `asymmetry` times the largest, or are not finite
 */
export function checkSymmetric(name: string, A: Matrix, options: SymmetryOptions = {}): void {
  if (!isSparse(A)) {
    checkDenseSymmetric(name, A, options);
    return;
  }
  const { asymmetry = DEFAULT_ASYMMETRY } = options;
  checkNonNegative({ asymmetry });
  checkSquare(A, name);
  checkFiniteEntries(name, A);
  checkSparseSymmetric(name, A, asymmetry * largestEntry(A.values));
}

/**
 * Whether every entry above the diagonal meets its mirror where that is expected, in one pass: rows come in ascending
 * order, so the entries of a row below the diagonal are met in theirs. False also where a zero is stored on one side.
 */
function meetsMirrors({ rows, rowPointers, columnIndices, values }: CsrMatrix, tolerance: number): boolean {
  const next = rowPointers.slice();
  for (let i = 0; i < rows; i++) {
    const end = rowPointers[i + 1];
    let k = next[i];
    if (k < end && columnIndices[k] < i) return false;
    if (k < end && columnIndices[k] === i) k += 1;
    for (; k < end; k++) {
      const j = columnIndices[k];
      const mirror = next[j];
      if (mirror === rowPointers[j + 1] || columnIndices[mirror] !== i) return false;
      if (!(Math.abs(values[k] - values[mirror]) <= tolerance)) return false;
      next[j] = mirror + 1;
    }
  }
  return true;
}

function checkSparseSymmetric(name: string, A: CsrMatrix, tolerance: number): void {
  if (meetsMirrors(A, tolerance)) return;
  const { rows: n, rowPointers, columnIndices, values } = A;
  const mirror = csrTranspose(A);
  for (let i = 0; i < n; i++) {
    let [k, l] = [rowPointers[i], mirror.rowPointers[i]];
    while (k < rowPointers[i + 1] || l < mirror.rowPointers[i + 1]) {
      const column = k < rowPointers[i + 1] ? columnIndices[k] : n;
      const other = l < mirror.rowPointers[i + 1] ? mirror.columnIndices[l] : n;
      const entry = column <= other ? values[k++] : 0;
      const mirrored = other <= column ? mirror.values[l++] : 0;
      if (!(Math.abs(entry - mirrored) <= tolerance))
        refuse(name, i, Math.min(column, other), entry, mirrored);
    }
  }
}

/**
 * (A + A^T) / 2 of a matrix that is symmetric but for rounding.
 *
 * @throws DataError naming entries that differ by more than `asymmetry` allows, or a number that is not finite
 * @throws ArgumentError unless A is a dense square matrix
 */
export function symmetricPart(
  name: string,
  A: DenseMatrix,
  options: SymmetryOptions = {},
): Float64Array<ArrayBuffer> {
  checkNonemptyDense(name, A);
  checkDenseSymmetric(name, A, options);
  const n = A.rows;
  const S = A.values.slice();
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const mean = S[i * n + j] / 2 + S[j * n + i] / 2;
      S[i * n + j] = mean;
      S[j * n + i] = mean;
    }
  return S;
}
