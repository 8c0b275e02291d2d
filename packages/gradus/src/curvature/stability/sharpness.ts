import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { norm2 } from "../../linalg/vector.ts";
import { gramMatrix } from "../rows/gram.ts";
import { checkInnerProducts, checkJacobian, isGram, type Jacobian } from "./jacobian.ts";

/** Measures of G = J^T J / n, the Hessian of the squared loss at an interpolating minimum. */
export interface Sharpness {
  /** Tr G. */
  readonly trace: number;
  /** ||G||_F. */
  readonly frobenius: number;
  /** lambda_1(G). */
  readonly lambdaMax: number;
}

/** Below this, digits of a sum of squares have underflowed. */
const SAFE_SQUARES = 1e-280;

/**
 * Trace, Frobenius norm and largest eigenvalue of G = J^T J / n, exactly, from the smaller Gram matrix of J.
 *
 * @param J rows g_i, the gradients of the outputs, or their inner products
 * @throws ArgumentError, DataError when J is not valid or not finite
 */
export function sharpness(J: Jacobian): Sharpness {
  checkJacobian(J);
  const gram = isGram(J) ? J.gram : gramMatrix(J);
  const { rows: order, values } = gram;
  const n = isGram(J) ? order : J.rows;
  let [trace, squares] = [0, 0];
  for (let i = 0; i < order; i++) trace += values[i * order + i];
  for (let k = 0; k < values.length; k++) squares += values[k] ** 2;
  const safe = squares > SAFE_SQUARES && Number.isFinite(squares);
  const frobenius = safe ? Math.sqrt(squares) : norm2(values);
  const eigenvalues = symmetricEigenvalues(gram);
  checkInnerProducts(J, eigenvalues);
  return {
    trace: trace / n,
    frobenius: frobenius / n,
    lambdaMax: Math.max(0, eigenvalues[0]) / n,
  };
}
