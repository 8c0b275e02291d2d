import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { checkFiniteDense, denseMatrix } from "../../linalg/matrix.ts";

/**
 * The gradients g_i of a model's outputs at n examples, as the rows of J, or their inner products J J^T, which is all
 * that stability and sharpness depend on. `perExampleGradientBlocks` gives the rows of any traced model, with the
 * model's output in the place of the loss.
 */
export type Jacobian =
  | {
      /** n examples. */
      readonly rows: number;
      /** P parameters. */
      readonly columns: number;
      /** n x P, row-major. */
      readonly values: Float64Array;
    }
  | {
      readonly rows: number;
      /** J J^T, n x n, row-major. */
      readonly gram: Float64Array;
    };

/**
 * @throws ArgumentError when the sizes do not fit
 * @throws DataError naming row and column of a number that is not finite
 */
export function checkJacobian(J: Jacobian): void {
  if ("gram" in J) checkFiniteDense("A", denseMatrix(J.gram, J.rows, J.rows));
  else checkFiniteDense("A", J);
}

/**
 * @throws ArgumentError unless there is one residual an example
 * @throws DataError naming the first that is not finite
 */
export function checkResiduals(residuals: Float64Array, rows: number): void {
  checkLength("residuals", residuals, rows);
  checkFiniteVector("residuals", residuals);
}
