import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { denseMultiply } from "../dense.ts";
import { type DenseMatrix, denseMatrix } from "../matrix.ts";
import { gaussianNumbers } from "../test-matrices.ts";
import { cholesky, choleskyLogDeterminant, choleskySolve } from "./cholesky.ts";
import { NotPositiveDefiniteError, SingularMatrixError } from "./errors.ts";
import { keptMatrix } from "./kept-factors.ts";
import { luDeterminant, luFactorize, luSolve } from "./lu.ts";

fc.configureGlobal({ seed: 1 });

const ORDERS = [255, 256, 301];

/** Symmetric, with a diagonal that outweighs the rest. */
function definite(n: number): DenseMatrix {
  const G = gaussianNumbers(n, n * n);
  const entry = (i: number, j: number) => (i === j ? 10 * n : G[i * n + j] + G[j * n + i]);
  const values = Float64Array.from({ length: n * n }, (_, k) => entry(Math.floor(k / n), k % n));
  return denseMatrix(values, n, n);
}

const general = (n: number) => denseMatrix(gaussianNumbers(n, n * n), n, n);

/** max |A x - b| / (n eps max |A| max |x|). */
function residual({ rows: n, values }: DenseMatrix, x: Float64Array, b: Float64Array): number {
  const most = (numbers: Float64Array) => numbers.reduce((all, one) => Math.max(all, Math.abs(one)), 0);
  const error = denseMultiply(values, n, n, x).map((value, i) => value - b[i]);
  return most(error) / (n * Number.EPSILON * most(values) * most(x));
}

test("a solution has the same bits before and after L is read, and L multiplies back", () => {
  for (const n of ORDERS) {
    const A = definite(n);
    const b = gaussianNumbers(1, n);
    const B = denseMatrix(gaussianNumbers(2, 3 * n), n, 3);
    const F = cholesky(A);
    const [x, X, logarithm] = [choleskySolve(F, b), choleskySolve(F, B), choleskyLogDeterminant(F)];
    expect(keptMatrix(F) === undefined).toBe(n < 256);
    expect(residual(A, x, b)).toBeLessThan(1);
    const { L } = F;
    expect(keptMatrix(F)).toBeUndefined();
    for (const other of [F, { L }, { ...F }]) {
      expect(choleskySolve(other, b)).toEqual(x);
      expect(choleskySolve(other, B)).toEqual(X);
      expect(choleskyLogDeterminant(other)).toBe(logarithm);
    }
    expect(F.L).toBe(L);
    for (const [i, j] of [
      [0, 0],
      [n - 1, 0],
      [n - 1, n - 1],
      [n >> 1, n >> 2],
    ]) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += L.values[i * n + k] * L.values[j * n + k];
      expect(Math.abs(sum - A.values[i * n + j])).toBeLessThan(n * Number.EPSILON * 10 * n);
      if (j < i) expect(L.values[j * n + i]).toBe(0);
    }
  }
});

test("so has one with the factors L and U", () => {
  for (const n of ORDERS) {
    const A = general(n);
    const b = gaussianNumbers(1, n);
    const B = denseMatrix(gaussianNumbers(2, 3 * n), n, 3);
    const F = luFactorize(A);
    const [x, X, determinant] = [luSolve(F, b), luSolve(F, B), luDeterminant(F)];
    expect(keptMatrix(F) === undefined).toBe(n < 256);
    expect(residual(A, x, b)).toBeLessThan(10);
    const { L, U, permutation } = F;
    expect(keptMatrix(F)).toBeUndefined();
    for (const other of [F, { L, U, permutation }]) {
      expect(luSolve(other, b)).toEqual(x);
      expect(luSolve(other, B)).toEqual(X);
      expect(luDeterminant(other)).toBe(determinant);
    }
    const [i, j] = [n >> 1, n >> 2];
    let sum = 0;
    for (let k = 0; k <= j; k++) sum += L.values[i * n + k] * U.values[k * n + j];
    expect(Math.abs(sum - A.values[permutation[i] * n + j])).toBeLessThan(1e-11);
    expect([L.values[i * (n + 1)], L.values[j * n + i], U.values[i * n + j]]).toEqual([1, 0, 0]);
  }
});

test("a change of L after it was read counts", () => {
  const F = cholesky(definite(256));
  F.L.values.forEach((value, k) => {
    F.L.values[k] = 2 * value;
  });
  const b = gaussianNumbers(1, 256);
  const expected = choleskySolve(cholesky(definite(256)), b).map((value) => value / 4);
  expect(choleskySolve(F, b)).toEqual(expected);
});

test("factors are copied out when the next matrix is factorized, whether or not that succeeds", () => {
  const A = definite(256);
  const b = gaussianNumbers(1, 256);
  const F = cholesky(A);
  const expected = choleskySolve(F, b);
  const G = luFactorize(A);
  const others = luSolve(G, b);
  expect([keptMatrix(F), keptMatrix(G)?.rows]).toEqual([undefined, 256]);
  expect(() => cholesky({ ...A, values: A.values.map((value) => -value) })).toThrow(NotPositiveDefiniteError);
  expect(keptMatrix(G)).toBeUndefined();
  expect(choleskySolve(F, b)).toEqual(expected);
  expect(luSolve(G, b)).toEqual(others);
  expect(F.L).toEqual(cholesky(A).L);
});

test("a number that is not finite is named wherever it stands", () => {
  const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const symmetric = definite(256);
  for (const [A, factorize] of [
    [symmetric, cholesky],
    [definite(60), cholesky],
    [general(256), luFactorize],
    [general(3), luFactorize],
    [denseMatrix([1, 0, 0, 1], 2, 2), luFactorize],
  ] as const) {
    const n = A.rows;
    fc.assert(
      fc.property(fc.nat(n - 1), fc.nat(n - 1), bad, (i, j, value) => {
        const values = A.values.slice();
        values[i * n + j] = value;
        const attempt = () => factorize({ rows: n, columns: n, values });
        expect(attempt).toThrow(`A must be finite, got ${value} in row ${i}, column ${j}`);
        expect(attempt).toThrow(DataError);
      }),
      { numRuns: 25 },
    );
  }
  symmetric.values[0] = -1;
  expect(() => cholesky(symmetric)).toThrow(NotPositiveDefiniteError);
  expect(() => luFactorize(denseMatrix(new Float64Array(256 * 256), 256, 256))).toThrow(SingularMatrixError);
});

test("what overflows is not taken for an argument that is not finite", () => {
  expect(luFactorize(denseMatrix([1, 1e308, -1, 1e308], 2, 2)).U.values[3]).toBe(Number.POSITIVE_INFINITY);
  const n = 256;
  const A = definite(n);
  A.values[n] = 1e200;
  expect(() => cholesky(A)).toThrow(NotPositiveDefiniteError);
});

test("right-hand sides that do not fit are refused", () => {
  const F = cholesky(definite(256));
  expect(() => choleskySolve(F, new Float64Array(255))).toThrow("must have 256 numbers, got 255");
  const G = luFactorize(general(256));
  expect(() => luSolve(G, denseMatrix(new Float64Array(4), 2, 2))).toThrow("must have 256 rows, got 2");
  expect(() =>
    choleskySolve({ L: denseMatrix(new Float64Array(600), 300, 2) }, new Float64Array(300)),
  ).toThrow("L must be square, got 300 x 2");
});
