import { DataError } from "../../check/errors.ts";
import { checkDense } from "./dense-matrix.ts";

/** How far a matrix may be from symmetric. */
export interface SymmetryOptions {
  /** Largest |A_ij - A_ji|, relative to the largest |A_ij|. */
  readonly asymmetry?: number;
}

/**
 * (A + A^T) / 2 of a matrix that is symmetric but for rounding.
 *
 * @param A n x n, row-major
 * @throws DataError naming the entries that differ by more than `asymmetry` allows
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function symmetricPart(
  A: Float64Array,
  n: number,
  { asymmetry = 1e-8 }: SymmetryOptions = {},
): Float64Array {
  checkDense(A, n, n);
  let largest = 0;
  for (let k = 0; k < A.length; k++) largest = Math.max(largest, Math.abs(A[k]));
  const S = A.slice();
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const lower = A[i * n + j];
      const upper = A[j * n + i];
      if (!(Math.abs(lower - upper) <= asymmetry * largest))
        throw new DataError(`A must be symmetric; row ${i}, column ${j} is ${lower}, its mirror ${upper}`);
      const mean = lower / 2 + upper / 2;
      S[i * n + j] = mean;
      S[j * n + i] = mean;
    }
  return S;
}
