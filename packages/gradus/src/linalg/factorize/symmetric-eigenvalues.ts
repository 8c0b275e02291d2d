import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../matrix.ts";
import { type SymmetryOptions, symmetricPart } from "../symmetric.ts";
import { tridiagonalEigen } from "./tridiagonal-eigen.ts";

/** p <- S v for the leading k x k block of a symmetric S, of which the lower triangle is read. */
function leadingProduct(S: Float64Array, n: number, k: number, v: Float64Array, p: Float64Array): void {
  p.fill(0, 0, k);
  for (let i = 0; i < k; i++) {
    const row = i * n;
    const vi = v[i];
    let sum = S[row + i] * vi;
    for (let j = 0; j < i; j++) {
      const entry = S[row + j];
      sum += entry * v[j];
      p[j] += entry * vi;
    }
    p[i] += sum;
  }
}

/** S <- S - v w^T - w v^T in the lower triangle of the leading k x k block. */
function leadingUpdate(S: Float64Array, n: number, k: number, v: Float64Array, w: Float64Array): void {
  for (let i = 0; i < k; i++) {
    const row = i * n;
    const vi = v[i];
    const wi = w[i];
    for (let j = 0; j <= i; j++) S[row + j] -= vi * w[j] + wi * v[j];
  }
}

/**
 * Reduces a symmetric matrix to tridiagonal form by Householder reflections, last row first; overwrites its lower
 * triangle.
 */
function tridiagonalize(S: Float64Array, n: number): { diagonal: Float64Array; offDiagonal: Float64Array } {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n - 1);
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    diagonal[k] = S[k * n + k];
    if (k === 0) break;
    let largest = 0;
    for (let j = 0; j < k; j++) largest = Math.max(largest, Math.abs(S[k * n + j]));
    let squares = 0;
    for (let j = 0; j < k; j++) {
      v[j] = largest === 0 ? 0 : S[k * n + j] / largest;
      squares += v[j] * v[j];
    }
    const head = v[k - 1];
    const length = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    offDiagonal[k - 1] = largest * length;
    if (k === 1 || squares === head * head) {
      offDiagonal[k - 1] = S[k * n + k - 1]; // already tridiagonal here
      continue;
    }
    // the reflection I - v v^T / scale takes the row to (0, .., 0, length)
    v[k - 1] = head - length;
    const scale = squares - head * length;
    leadingProduct(S, n, k, v, p);
    let overlap = 0;
    for (let j = 0; j < k; j++) overlap += v[j] * p[j];
    const half = overlap / (2 * scale);
    for (let j = 0; j < k; j++) p[j] = (p[j] - half * v[j]) / scale;
    leadingUpdate(S, n, k, v, p);
  }
  return { diagonal, offDiagonal };
}

/**
 * All eigenvalues of a symmetric matrix, without eigenvectors: Householder reduction to tridiagonal form (4 n^3 / 3
 * flops) and implicit QL. ml-matrix always computes the vectors as well, which takes several times longer.
 * Source: Golub & Van Loan 2013, "Matrix computations", algorithm 8.3.1.
 *
 * @param A its symmetric part is used
 * @returns eigenvalues in descending order
 * @throws DataError naming entries that differ from their mirrors by more than `asymmetry` allows
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function symmetricEigenvalues(A: DenseMatrix, options: SymmetryOptions = {}): Float64Array {
  checkOptions("symmetricEigenvalues", options, ["asymmetry"]);
  const { diagonal, offDiagonal } = tridiagonalize(symmetricPart("A", A, options), A.rows);
  return tridiagonalEigen(diagonal, offDiagonal).values;
}
