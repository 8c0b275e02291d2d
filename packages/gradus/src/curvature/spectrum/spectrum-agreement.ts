import { checkFiniteVector } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { singularValues } from "../../linalg/factorize/singular-values.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { dot } from "../../linalg/vector.ts";

/**
 * The deviation between the k largest eigenvalues of two matrices:
 *
 *     max_{j <= k} |lambda_j(A) - lambda_j(B)| / lambda_1(A)
 *
 * @param a eigenvalues in any order
 * @param b eigenvalues in any order
 * @throws ArgumentError unless k is an integer from 1 to the smaller number of eigenvalues
 */
export function topEigenvalueDeviation(a: Float64Array, b: Float64Array, k: number): number {
  checkFiniteVector("a", a);
  checkFiniteVector("b", b);
  checkIntegerWithin(1, Math.min(a.length, b.length), { k });
  const [one, two] = [a, b].map((values) => Float64Array.from(values).sort().reverse());
  let worst = 0;
  for (let j = 0; j < k; j++) worst = Math.max(worst, Math.abs(one[j] - two[j]));
  return worst / one[0];
}

/**
 * The principal angles between the spans of two orthonormal bases: the arccosines of the singular values of U^T V.
 *
 * @param U orthonormal vectors
 * @param V orthonormal vectors of the same length
 * @returns radians, ascending, one per vector of the smaller basis; angles below 1e-8 are rounding errors
 * @throws ArgumentError when a basis is empty or the lengths differ
 */
export function principalAngles(
  U: readonly Float64Array[],
  V: readonly Float64Array[],
): Float64Array<ArrayBuffer> {
  for (const [name, basis] of Object.entries({ U, V }))
    if (basis.length === 0) throw new ArgumentError(`${name} must have at least one vector, got none`);
  const products = Float64Array.from(U.flatMap((u) => V.map((v) => dot(u, v))));
  return singularValues(denseMatrix(products, U.length, V.length)).map((cosine) =>
    Math.acos(Math.min(1, cosine)),
  );
}
