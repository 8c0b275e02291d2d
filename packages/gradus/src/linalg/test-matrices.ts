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
