import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { gramMatrix } from "../rows/gram.ts";
import { checkJacobian, type Jacobian } from "./jacobian.ts";

/** Sizes of G = J^T J / n, the Hessian of the squared loss at an interpolating minimum. */
export interface Sharpness {
  /** Tr G. */
  readonly trace: number;
  /** ||G||_F. */
  readonly frobenius: number;
  /** lambda_1(G). */
  readonly lambdaMax: number;
}

/**
 * Trace, Frobenius norm and largest eigenvalue of G = J^T J / n, exactly, from the smaller side of J.
 *
 * @param J rows g_i, the gradients of the outputs, or their inner products
 * @throws ArgumentError, DataError when J does not fit or is not finite
 */
export function sharpness(J: Jacobian): Sharpness {
  checkJacobian(J);
  const { order, gram } =
    "gram" in J ? { order: J.rows, gram: J.gram } : gramMatrix(J.values, J.rows, J.columns);
  let [trace, squares] = [0, 0];
  for (let i = 0; i < order; i++) trace += gram[i * order + i];
  for (let k = 0; k < gram.length; k++) squares += gram[k] ** 2;
  const eigenvalues = symmetricEigenvalues(denseMatrix(gram, order, order));
  return {
    trace: trace / J.rows,
    frobenius: Math.sqrt(squares) / J.rows,
    lambdaMax: Math.max(0, eigenvalues[0]) / J.rows,
  };
}
