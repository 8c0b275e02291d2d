import { gemm, gemv } from "@gradus/blas/dense";
import { ArgumentError } from "../check/errors.ts";
import { compiledFrom } from "./compiled.ts";
import { denseMatrix } from "./matrix.ts";

/**
 * C = A B in float64: large products compiled, in blocks; small ones row by row of C, where four rows of B share each
 * pass over it.
 *
 * @param A rows x inner, row-major
 * @param B inner x columns, row-major
 * @returns rows x columns, row-major
 * @throws ArgumentError when the sizes do not fit
 */
export function matrixProduct(A: Float64Array, B: Float64Array, inner: number): Float64Array {
  const [rows, columns] = [A.length / inner, B.length / inner];
  if (!Number.isInteger(rows) || !Number.isInteger(columns))
    throw new ArgumentError(
      `A and B must have rows x ${inner} and ${inner} x columns numbers, got ${A.length} and ${B.length}`,
    );
  if (rows * inner * columns >= compiledFrom.product) {
    const [a, b] = [denseMatrix(A, rows, inner), denseMatrix(B, inner, columns)];
    if (columns === 1) return gemv({ a, x: B });
    return rows === 1 ? gemv({ a: b, transpose: true, x: A }) : gemm({ a, b }).values;
  }
  const C = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const to = i * columns;
    let k = 0;
    for (let at = i * inner; k + 4 <= inner; k += 4, at += 4) {
      const [a0, a1, a2, a3] = [A[at], A[at + 1], A[at + 2], A[at + 3]];
      const row0 = k * columns;
      const row1 = row0 + columns;
      const row2 = row1 + columns;
      const row3 = row2 + columns;
      for (let j = 0; j < columns; j++)
        C[to + j] += a0 * B[row0 + j] + a1 * B[row1 + j] + (a2 * B[row2 + j] + a3 * B[row3 + j]);
    }
    for (; k < inner; k++) {
      const a = A[i * inner + k];
      const row = k * columns;
      for (let j = 0; j < columns; j++) C[to + j] += a * B[row + j];
    }
  }
  return C;
}

/**
 * The transpose, in a new array.
 *
 * @param A rows x columns, row-major
 * @returns columns x rows, row-major
 */
export function transposed(A: Float64Array, rows: number, columns: number): Float64Array<ArrayBuffer> {
  const T = new Float64Array(A.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) T[j * rows + i] = A[i * columns + j];
  return T;
}
