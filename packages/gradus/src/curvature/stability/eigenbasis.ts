import { symmetricEigen } from "../../linalg/factorize/symmetric-eigen.ts";
import { checkInnerProducts, type Jacobian } from "./jacobian.ts";
import { rowGram } from "./row-gram.ts";

/** The gradients g_i in the eigenbasis of G = J^T J / n, on the r directions that they span. */
export interface Eigenbasis {
  /** Number of examples. */
  readonly n: number;
  /** r, the number of nonzero eigenvalues. */
  readonly rank: number;
  /** lambda_k, descending; r numbers. */
  readonly eigenvalues: Float64Array;
  /** A_ik = u_k^T g_i, n x r, row-major. */
  readonly coordinates: Float64Array;
}

/** Eigenvalues below this fraction of the largest count as 0; along such directions nothing changes. */
const NULL = 1e-12;

/**
 * The eigenbasis A_ik = sqrt(n) U_ik sqrt(lambda_k) from J J^T / n = U diag(lambda) U^T: n^2 numbers for any number of
 * parameters.
 *
 * @throws ArgumentError, DataError when J is not valid or not finite
 */
export function eigenbasis(J: Jacobian): Eigenbasis {
  const K = rowGram(J);
  const n = K.rows;
  const { values, vectors } = symmetricEigen(K);
  checkInnerProducts(J, values);
  const largest = values[0];
  const eigenvalues = largest > 0 ? values.filter((value) => value > NULL * largest) : new Float64Array();
  const rank = eigenvalues.length;
  const coordinates = new Float64Array(n * rank);
  for (let k = 0; k < rank; k++) {
    const scale = Math.sqrt(n * eigenvalues[k]);
    for (let i = 0; i < n; i++) coordinates[i * rank + k] = scale * vectors.values[i * n + k];
  }
  return { n, rank, eigenvalues, coordinates };
}
