import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { checkSymmetric } from "../../linalg/symmetric.ts";

/**
 * The gradients g_i of a model's outputs at n examples, as the rows of J (n x P), or their inner products J J^T, on
 * which stability and sharpness depend. `perExampleGradientBlocks` computes the rows of any traced model, with the
 * model's output as the loss.
 */
export type Jacobian = DenseMatrix | GradientProducts;

/** The inner products of the gradients. */
export interface GradientProducts {
  /** J J^T, n x n. */
  readonly gram: DenseMatrix;
}

/** Whether the Jacobian is given by its inner products. */
export function isGram(J: Jacobian): J is GradientProducts {
  return typeof J === "object" && J !== null && "gram" in J;
}

/**
 * @throws ArgumentError when J is not a dense matrix, has no entries, or the inner products are not square
 * @throws DataError naming the row and column of a number that is not finite, or when the inner products are not
 *   symmetric
 */
export function checkJacobian(J: Jacobian): void {
  checkFiniteDense(isGram(J) ? "J.gram" : "J", isGram(J) ? J.gram : J);
  if (isGram(J)) checkSymmetric("J.gram", J.gram);
}

/** Negative eigenvalues beyond this fraction of the largest cannot be rounding, not even in float32. */
const INDEFINITE = 1e-6;

/**
 * @param eigenvalues of J J^T, or of a multiple, descending
 * @throws DataError when J is given by inner products that are not positive semidefinite
 */
export function checkInnerProducts(J: Jacobian, eigenvalues: Float64Array): void {
  if (!isGram(J)) return;
  const [largest, smallest] = [eigenvalues[0], eigenvalues[eigenvalues.length - 1]];
  if (smallest < -INDEFINITE * Math.abs(largest))
    throw new DataError(
      `J.gram must be positive semidefinite, got an eigenvalue of ${smallest / Math.abs(largest)} times the largest`,
    );
}

/**
 * @throws ArgumentError unless there is one residual per example
 * @throws DataError naming the first that is not finite
 */
export function checkResiduals(residuals: Float64Array, rows: number): void {
  checkLength("residuals", residuals, rows);
  checkFiniteVector("residuals", residuals);
}
