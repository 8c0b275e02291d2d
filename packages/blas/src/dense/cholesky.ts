import { checkVector } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { type AnyMatrix, addressForWriting, checkSquareOperand, storeTriangle } from "../operand.ts";
import { checkNumber, checkOptions } from "../options.ts";
import { dense } from "./family.ts";
import { solveInTurn } from "./triangular.ts";

/** Arguments of `cholesky`. */
export interface CholeskyArguments {
  /** Symmetric; its lower triangle is overwritten by L, what stands above is neither read nor written. */
  readonly a: AnyMatrix;
  /** A pivot must exceed this share of its diagonal entry in A. */
  readonly relativePivot?: number;
  /**
   * For A = H + R, H positive semidefinite up to rounding and R positive definite: the pivots of R, n numbers > 0. A pivot
   * below its least one that rounding explains becomes the larger of that one and its rounding,
   *
   *     tau_i = n eps sum_j A_jj x_j^2,   A_11 x_1 = -a_1i,  x_i = 1.
   *
   * Source: Higham 2002, "Accuracy and Stability of Numerical Algorithms", theorem 10.3.
   */
  readonly leastPivots?: Float64Array;
}

/**
 * The Cholesky factorization  A = L L^T  in place. DPOTRF of LAPACK.
 *
 * @returns the first row whose pivot is not positive, not finite or not accepted, where the lower triangle then holds
 *   neither A nor L; the order of A where there is none
 * @throws BlasArgumentError unless A is square, for `relativePivot` that is no number, or for an unknown option
 * @throws OutOfMemoryError
 */
export function cholesky(options: CholeskyArguments): number {
  checkOptions(options, ["a", "relativePivot", "leastPivots"]);
  const { a, relativePivot = 0, leastPivots } = options;
  const n = checkSquareOperand("a", a);
  checkNumber("relativePivot", relativePivot);
  if (leastPivots) checkVector("leastPivots", leastPivots, n);
  return withFrame(`a Cholesky factorization of order ${n}`, (frame) => {
    const { cholesky: factorize, choleskyWorkspace } = dense();
    const matrix = addressForWriting(frame, a, true);
    const least = leastPivots ? frame.copy(leastPivots) : 0;
    const pivot = factorize(n, matrix, 8 * n, relativePivot, least, frame.bytes(choleskyWorkspace(n)));
    storeTriangle(frame, matrix, a);
    return pivot;
  });
}

/**
 * Solves  A X = B  in place, A = L L^T. DPOTRS of LAPACK.
 *
 * @param options.b one right-hand side, or a matrix with one in each column; overwritten by X; not L where that is resident
 * @returns b
 * @throws BlasArgumentError when the shapes do not fit, or for an unknown option
 */
export function choleskySolve<B extends AnyMatrix | Float64Array>(options: {
  readonly l: AnyMatrix;
  readonly b: B;
}): B {
  checkOptions(options, ["l", "b"]);
  return solveInTurn(
    "l",
    options.l,
    [{ triangle: "lower" }, { triangle: "lower", transpose: true }],
    options.b,
  );
}
