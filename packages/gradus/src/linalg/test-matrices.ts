import { randomStream } from "../random/stream.ts";
import { adjointProduct, type LinearOperator } from "./operator/contract.ts";
import { matrixOperator } from "./operator/matrix-operator.ts";
import { csrFromTriplets } from "./sparse/build.ts";

/** The tridiagonal Toeplitz matrix of order n, as a sparse operator. */
export function tridiagonalOperator(
  n: number,
  lower: number,
  diagonal: number,
  upper: number,
): LinearOperator {
  const triplets = { rows: [] as number[], columns: [] as number[], values: [] as number[] };
  const put = (row: number, column: number, value: number): void => {
    if (column < 0 || column >= n) return;
    triplets.rows.push(row);
    triplets.columns.push(column);
    triplets.values.push(value);
  };
  for (let i = 0; i < n; i++) {
    put(i, i - 1, lower);
    put(i, i, diagonal);
    put(i, i + 1, upper);
  }
  return matrixOperator(csrFromTriplets(n, n, triplets), { symmetric: lower === upper });
}

/** The same operator with products that come later, as a compiled graph's do. */
export function asynchronous(A: LinearOperator): LinearOperator {
  const adjoint = adjointProduct(A);
  return {
    rows: A.rows,
    columns: A.columns,
    symmetric: A.symmetric,
    async apply(x, out) {
      await Promise.resolve();
      A.apply(x, out);
    },
    async applyAdjoint(v, out) {
      await Promise.resolve();
      adjoint(v, out);
    },
  };
}

/** count numbers drawn from a standard normal. */
export function gaussianNumbers(seed: number, count: number): Float64Array {
  return randomStream(seed).fillNormal(new Float64Array(count));
}

/** The ramp (1, 2, .., n) / n. */
export function ramp(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (i + 1) / n);
}

/** max_i |x_i - y_i|. */
export function largestDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i] - y[i]));
  return largest;
}

/** The eigenvalues of a symmetric matrix, descending, by Jacobi's rotations (Golub & Van Loan 2013, section 8.5). */
export function jacobiEigenvalues(matrix: ArrayLike<number>, n: number): Float64Array {
  const A = Float64Array.from(matrix);
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const entry = A[p * n + q];
        if (entry === 0) continue;
        const ratio = (A[q * n + q] - A[p * n + p]) / (2 * entry);
        const t = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
        const c = 1 / Math.hypot(1, t);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [A[k * n + p], A[k * n + q]];
          A[k * n + p] = c * x - s * y;
          A[k * n + q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [A[p * n + k], A[q * n + k]];
          A[p * n + k] = c * x - s * y;
          A[q * n + k] = s * x + c * y;
        }
      }
  return Float64Array.from({ length: n }, (_, i) => A[i * (n + 1)])
    .sort()
    .reverse();
}
