import { denseMultiply, denseMultiplyTransposed } from "./dense.ts";
import { checkMatrix, isSparse, type Matrix } from "./matrix.ts";
import { csrMultiply, csrMultiplyTransposed } from "./sparse/csr.ts";

/**
 * Matrix-vector product  out = A x  in float64, every row summed from left to right. A is read where it is, in each call:
 * changed entries count. For tens of products, `matrixOperator` with `resident` is faster.
 *
 * @param A dense or sparse
 * @param x as many numbers as A has columns
 * @param out as many numbers as A has rows, overwritten; not x itself
 * @returns out
 * @throws ArgumentError when A is not a matrix or the sizes do not fit
 */
export function multiply(A: Matrix, x: Float64Array, out?: Float64Array): Float64Array {
  checkMatrix("A", A);
  return isSparse(A) ? csrMultiply(A, x, out) : denseMultiply(A.values, A.rows, A.columns, x, out);
}

/**
 * Product with the transpose  out = A^T v  in float64. As `multiply`, it reads A where it is, in each call.
 *
 * @param A dense or sparse
 * @param v as many numbers as A has rows
 * @param out as many numbers as A has columns, overwritten; not v itself
 * @returns out
 * @throws ArgumentError when A is not a matrix or the sizes do not fit
 */
export function multiplyTransposed(A: Matrix, v: Float64Array, out?: Float64Array): Float64Array {
  checkMatrix("A", A);
  return isSparse(A)
    ? csrMultiplyTransposed(A, v, out)
    : denseMultiplyTransposed(A.values, A.rows, A.columns, v, out);
}
