import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { denseMultiply } from "../dense.ts";
import { qrFactorize, qrOrthonormal } from "../factorize/qr.ts";
import { type SingularValueDecomposition, singularValues } from "../factorize/singular-values.ts";
import { type DenseMatrix, denseMatrix } from "../matrix.ts";
import { transposeOperator } from "../operator/combine.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator, identityOperator } from "../operator/structured.ts";
import { asynchronous, gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { axpy, dot } from "../vector.ts";
import { randomizedRange, randomizedSvd } from "./randomized.ts";
import { truncatedSvd } from "./truncated.ts";

/** A random matrix of the given singular values. */
function withSingularValues(rows: number, columns: number, s: readonly number[], seed: number): Float64Array {
  const k = s.length;
  const orthonormal = (seed: number, n: number) =>
    qrOrthonormal(qrFactorize(denseMatrix(gaussianNumbers(seed, n * k), n, k))).values;
  const [U, V] = [orthonormal(seed, rows), orthonormal(seed + 1, columns)];
  const A = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let l = 0; l < k; l++) A[i * columns + j] += U[i * k + l] * s[l] * V[j * k + l];
  return A;
}

const column = ({ rows, columns, values }: DenseMatrix, j: number) =>
  Float64Array.from({ length: rows }, (_, i) => values[i * columns + j]);

/** Orthonormal factors with A v = s u. */
function expectTriplets(A: Float64Array, { U, s, V }: SingularValueDecomposition, digits: number): void {
  const k = s.length;
  const [rows, columns] = [U.rows, V.rows];
  for (let j = 0; j < k; j++) {
    const [u, v] = [column(U, j), column(V, j)];
    expect(
      largestDifference(
        denseMultiply(A, rows, columns, v),
        u.map((x) => s[j] * x),
      ),
    ).toBeLessThan(10 ** -digits);
    for (let l = 0; l <= j; l++) {
      expect(dot(u, column(U, l))).toBeCloseTo(l === j ? 1 : 0, 11);
      expect(dot(v, column(V, l))).toBeCloseTo(l === j ? 1 : 0, 11);
    }
  }
}

const decaying = Array.from({ length: 30 }, (_, j) => 2 ** -j);
const wraps: [string, (A: LinearOperator) => LinearOperator][] = [
  ["synchronous", (A) => A],
  ["asynchronous", asynchronous],
];

describe("randomizedRange", () => {
  test("its error stays below the expectation of Halko, Martinsson and Tropp, theorem 10.6", async () => {
    const [rows, columns, k, p] = [60, 45, 6, 4];
    const s = Array.from({ length: 40 }, (_, j) => 1 / (1 + j));
    const A = withSingularValues(rows, columns, s, 1);
    const tail = Math.sqrt(s.slice(k).reduce((sum, value) => sum + value * value, 0));
    const bound = (1 + Math.sqrt(k / (p - 1))) * s[k] + ((Math.E * Math.sqrt(k + p)) / p) * tail;
    const errors = [];
    for (let seed = 0; seed < 30; seed++) {
      const Q = await randomizedRange(matrixOperator(denseMatrix(A, rows, columns)), k + p, { seed });
      const error = new Float64Array(rows * columns);
      for (let j = 0; j < columns; j++) {
        const rest = column(denseMatrix(A, rows, columns), j);
        for (let l = 0; l < Q.columns; l++) axpy(-dot(column(Q, l), rest), column(Q, l), rest);
        for (let i = 0; i < rows; i++) error[i * columns + j] = rest[i];
      }
      errors.push(singularValues(denseMatrix(error, rows, columns))[0]);
    }
    const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length;
    expect(mean).toBeLessThan(bound);
    // no basis of k + p vectors does better than sigma_{k+p+1}
    expect(Math.min(...errors)).toBeGreaterThanOrEqual(s[k + p] - 1e-12);
  });

  test("has no more vectors than the rank", async () => {
    const A = withSingularValues(12, 9, [3, 2, 1], 5);
    expect((await randomizedRange(denseMatrix(A, 12, 9), 7)).columns).toBe(3);
    expect((await randomizedRange(diagonalOperator(new Float64Array(4)), 2)).columns).toBe(0);
  });
});

describe.each(wraps)("randomizedSvd of %s products", (_, wrap) => {
  // The longer ones are made orthogonal in WebAssembly memory.
  test.each([
    [50, 35],
    [150, 90],
  ])("finds the leading triplets of a decaying spectrum, %d x %d", async (rows, columns) => {
    const A = withSingularValues(rows, columns, decaying, 3);
    const svd = await randomizedSvd(wrap(matrixOperator(denseMatrix(A, rows, columns))), {
      rank: 8,
      oversampling: 6,
    });
    expect(svd.s.length).toBe(8);
    expectTriplets(A, svd, 12);
    for (let j = 0; j < 8; j++) expect(svd.s[j] / decaying[j]).toBeCloseTo(1, 12);
  });
});

test("a matrix, multiplied at once, gives what its operator gives, vector by vector", async () => {
  for (const [rows, columns] of [
    [50, 35],
    [35, 50],
  ]) {
    const A = denseMatrix(withSingularValues(rows, columns, decaying, 3), rows, columns);
    const options = { rank: 6, seed: 2 };
    const [one, other] = [await randomizedSvd(A, options), await randomizedSvd(matrixOperator(A), options)];
    expect(largestDifference(one.s, other.s)).toBeLessThan(1e-13);
    expect(largestDifference(one.U.values, other.U.values)).toBeLessThan(1e-11);
    expect(largestDifference(one.V.values, other.V.values)).toBeLessThan(1e-11);
    const range = { powerIterations: 1, seed: 2 };
    const [Q, P] = [await randomizedRange(A, 8, range), await randomizedRange(matrixOperator(A), 8, range)];
    expect(largestDifference(Q.values, P.values)).toBeLessThan(1e-10);
  }
});

test("power iterations help where the spectrum is flat", async () => {
  const flat = Array.from({ length: 40 }, (_, j) => (j < 5 ? 1 : 0.5));
  const A = matrixOperator(denseMatrix(withSingularValues(60, 50, flat, 7), 60, 50));
  const error = async (powerIterations: number) =>
    Math.abs((await randomizedSvd(A, { rank: 5, oversampling: 3, powerIterations })).s[4] - 1);
  expect(await error(0)).toBeGreaterThan(1e-2);
  expect(await error(4)).toBeLessThan(1e-4);
});

test("a matrix of smaller rank gives fewer triplets, the zero matrix none", async () => {
  const A = withSingularValues(20, 30, [5, 4], 9);
  const svd = await randomizedSvd(matrixOperator(denseMatrix(A, 20, 30)), { rank: 6 });
  expect(svd.s.length).toBe(2);
  expectTriplets(A, svd, 12);
  const zero = await randomizedSvd(diagonalOperator(new Float64Array(5)), { rank: 2 });
  expect([zero.U.columns, zero.s.length, zero.V.columns]).toEqual([0, 0, 0]);
});

describe.each(wraps)("truncatedSvd of %s products", (_, wrap) => {
  test.each([
    [50, 35],
    [35, 50],
    [150, 90],
  ])("is right to the tolerance on a slowly decaying spectrum, %i x %i", async (rows, columns) => {
    const s = Array.from({ length: 35 }, (_value, j) => 1 / (1 + j));
    const A = withSingularValues(rows, columns, s, 11);
    const svd = await truncatedSvd(wrap(matrixOperator(denseMatrix(A, rows, columns))), { rank: 5 });
    expect([svd.U.rows, svd.V.rows]).toEqual([rows, columns]);
    expect(svd.converged).toBe(true);
    expect(svd.steps).toBeLessThan(35);
    expectTriplets(A, svd, 9);
    for (let j = 0; j < 5; j++) expect(svd.s[j]).toBeCloseTo(s[j], 12);
  });
});

test("all steps give all singular values, also of rank-deficient and multiple ones", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.constantFrom(3, 2, 2, 1, 0, 1e-9), { minLength: 9, maxLength: 9 }),
      fc.nat(1000),
      async (rows, columns, values, seed) => {
        const rank = Math.min(rows, columns);
        const s = values.slice(0, rank).sort((a, b) => b - a);
        const A = withSingularValues(rows, columns, s, seed);
        const svd = await truncatedSvd(matrixOperator(denseMatrix(A, rows, columns)), { rank, tolerance: 0 });
        expect(svd.steps).toBe(rank);
        expect(svd.converged).toBe(true);
        for (let j = 0; j < rank; j++) expect(svd.s[j]).toBeCloseTo(s[j], 10);
        expectTriplets(A, svd, 10);
      },
    ),
    { numRuns: 60 },
  );
});

test("too few steps are said, with residuals that hold", async () => {
  const A = withSingularValues(
    40,
    40,
    Array.from({ length: 40 }, (_, j) => 1 - j / 50),
    13,
  );
  const svd = await truncatedSvd(matrixOperator(denseMatrix(A, 40, 40)), { rank: 3, maxSteps: 6 });
  expect(svd.converged).toBe(false);
  for (let j = 0; j < 3; j++) {
    const back = new Float64Array(40);
    transposeOperator(matrixOperator(denseMatrix(A, 40, 40))).apply(column(svd.U, j), back);
    axpy(-svd.s[j], column(svd.V, j), back);
    expect(Math.sqrt(dot(back, back))).toBeCloseTo(svd.residuals[j], 12);
  }
});

test("wrong sizes and aborted signals are refused", async () => {
  const A = identityOperator(4);
  await expect(truncatedSvd(A, { rank: 5 })).rejects.toThrow("rank must be an integer from 1 to 4, got 5");
  await expect(truncatedSvd(A, { rank: 3, maxSteps: 2 })).rejects.toThrow(
    "maxSteps must be an integer of at least 3, got 2",
  );
  await expect(randomizedSvd(A, { rank: 0 })).rejects.toThrow(ArgumentError);
  await expect(randomizedSvd(A, { rank: 1, oversampling: -1 })).rejects.toThrow("oversampling");
  await expect(randomizedSvd(A, { rank: 1, powerIterations: 0.5 })).rejects.toThrow("powerIterations");
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(randomizedSvd(A, { rank: 1, signal })).rejects.toThrow("enough");
  await expect(truncatedSvd(A, { rank: 1, signal })).rejects.toThrow("enough");
});
