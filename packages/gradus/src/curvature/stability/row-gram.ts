import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { checkJacobian, isGram, type Jacobian } from "./jacobian.ts";

/**
 * K = J J^T / n, whose nonzero eigenvalues are those of G = J^T J / n.
 *
 * @returns n x n
 * @throws ArgumentError, DataError when sizes do not match or a number is not finite
 */
export function rowGram(J: Jacobian): DenseMatrix {
  checkJacobian(J);
  const n = isGram(J) ? J.gram.rows : J.rows;
  const K = isGram(J) ? J.gram.values.slice() : new Float64Array(n * n);
  if (!isGram(J)) {
    addLowerProducts(K, J.values, J.values, n, J.columns);
    mirrorLower(K, n);
  }
  for (let k = 0; k < K.length; k++) K[k] /= n;
  return { rows: n, columns: n, values: K };
}
