import { randomStream } from "gradus/random";
import { expect } from "vitest";

/*
 * For what the published programs must print, computed by plain loops, closed forms and methods other than the
 * library's: only data sets, random numbers and gradients come from the library.
 */

type Matrix = readonly Float64Array[];

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

export const average = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const gaussianRows = (rows: number, columns: number): Matrix => {
  const values = randomStream(1).fillNormal(new Float64Array(rows * columns));
  return Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
};

/** Gaussian elimination with row exchanges. */
export function solved(matrix: readonly ArrayLike<number>[], right: ArrayLike<number>): Float64Array {
  const n = right.length;
  const A = matrix.map((row, i) => Float64Array.from([...Array.from(row), right[i]]));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[pivot][k])) pivot = i;
    [A[k], A[pivot]] = [A[pivot], A[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = A[i][k] / A[k][k];
      for (let j = k; j <= n; j++) A[i][j] -= factor * A[k][j];
    }
  }
  const x = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    let sum = A[k][n];
    for (let j = k + 1; j < n; j++) sum -= A[k][j] * x[j];
    x[k] = sum / A[k][k];
  }
  return x;
}

/** The largest eigenvalue of a positive semidefinite matrix, by power iteration. */
export function topEigenvalue(
  product: (v: Float64Array) => Float64Array,
  n: number,
  iterations = 3000,
): number {
  let v = Float64Array.from({ length: n }, (_, i) => 1 + (i % 3));
  let value = 0;
  for (let k = 0; k < iterations; k++) {
    const next = product(v);
    value = Math.sqrt(dot(next, next) / dot(v, v));
    const size = Math.sqrt(dot(next, next));
    v = next.map((entry) => entry / size);
  }
  return value;
}

/** Numbers of a program's output, in order. */
export const numbersIn = (text: string): number[] =>
  [...text.matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)].map(([number]) => Number(number));

export const close = (actual: number, wanted: number, relative = 1e-6) =>
  expect(Math.abs(actual / wanted - 1)).toBeLessThan(relative);
