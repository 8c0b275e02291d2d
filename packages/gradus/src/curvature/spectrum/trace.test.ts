import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { matrixOperator } from "../../linalg/operator/matrix-operator.ts";
import { diagonalOperator } from "../../linalg/operator/structured.ts";
import { randomStream } from "../../random/stream.ts";
import { hutchPlusPlusTrace } from "./hutch-plus-plus.ts";
import { hutchinsonTrace } from "./hutchinson-trace.ts";

const n = 30;
/** A symmetric matrix with Gaussian entries, its trace and the variance of a Hutchinson probe. */
function symmetric(seed: number) {
  const entries = randomStream(seed).fillNormal(new Float64Array(n * n));
  const A = new Float64Array(n * n);
  let [trace, variance] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      A[i * n + j] = entries[i * n + j] + entries[j * n + i];
      if (i === j) trace += A[i * n + j];
      else variance += 2 * A[i * n + j] ** 2;
    }
  return { A: matrixOperator(denseMatrix(A, n, n), { symmetric: true }), trace, variance };
}

describe("Hutchinson's trace", () => {
  test("has the known variance, and the trace within its standard error", async () => {
    const { A, trace, variance } = symmetric(1);
    const probes = 4000;
    const { estimate, standardError, products } = (await solve(hutchinsonTrace(A, { probes }))).iterate;
    expect(products).toBe(probes);
    expect(Math.abs(estimate - trace)).toBeLessThan(4 * standardError);
    expect((standardError ** 2 * probes) / variance).toBeCloseTo(1, 0);
    expect(Math.abs((standardError ** 2 * probes) / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / probes));
  });

  test("is exact on diagonal matrices, and resumes", async () => {
    const D = diagonalOperator(Float64Array.of(1, -2, 5));
    const first = await hutchinsonTrace(D).next();
    expect(first.value?.estimate).toBeNaN();
    const { iterate } = await solve(hutchinsonTrace(D, { probes: 3 }));
    expect([iterate.estimate, iterate.standardError]).toEqual([4, 0]);
    const { A } = symmetric(2);
    const whole = (await solve(hutchinsonTrace(A, { probes: 9, seed: 4 }))).iterate;
    const half = (await solve(hutchinsonTrace(A, { probes: 9, seed: 4 }), { maxIterations: 4 })).iterate;
    const resumed = (await solve(hutchinsonTrace(A, { probes: 9, seed: 4, resume: half }))).iterate;
    expect(resumed).toEqual(whole);
    expect(() => hutchinsonTrace(A, { probes: 0 })).toThrow(ArgumentError);
  });
});

describe("Hutch++", () => {
  test("has the trace within its standard error, and beats Hutchinson where few eigenvalues carry it", async () => {
    // eigenvalues 1/k^2 in a random basis
    const { values: Q } = randomStream(7).orthogonal(n);
    const entries = new Float64Array(n * n);
    let trace = 0;
    for (let k = 0; k < n; k++) {
      trace += 1 / (k + 1) ** 2;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) entries[i * n + j] += (Q[i * n + k] * Q[j * n + k]) / (k + 1) ** 2;
    }
    const A = matrixOperator(denseMatrix(entries, n, n), { symmetric: true });
    const errors = { hutchinson: 0, plus: 0 };
    for (let seed = 0; seed < 30; seed++) {
      const plain = (await solve(hutchinsonTrace(A, { probes: 24, seed }))).iterate;
      const plus = (await solve(hutchPlusPlusTrace(A, { products: 24, seed }))).iterate;
      expect(plus.products).toBe(24);
      expect(Math.abs(plus.estimate - trace)).toBeLessThan(6 * plus.standardError + 1e-3);
      errors.hutchinson += (plain.estimate - trace) ** 2;
      errors.plus += (plus.estimate - trace) ** 2;
    }
    expect(errors.plus).toBeLessThan(errors.hutchinson / 100);
  });

  test("is exact where the sketch holds the whole range, and resumes", async () => {
    const entries = Float64Array.from({ length: n }, (_, i) => (i < 3 ? i + 1 : 0));
    const { iterate } = await solve(hutchPlusPlusTrace(diagonalOperator(entries), { products: 15 }));
    expect(iterate.estimate).toBeCloseTo(6, 12);
    const { A } = symmetric(3);
    const whole = (await solve(hutchPlusPlusTrace(A, { products: 12 }))).iterate;
    for (const at of [2, 6, 10]) {
      const part = (await solve(hutchPlusPlusTrace(A, { products: 12 }), { maxIterations: at })).iterate;
      expect((await solve(hutchPlusPlusTrace(A, { products: 12, resume: part }))).iterate).toEqual(whole);
    }
    expect(() => hutchPlusPlusTrace(A, { products: 2 })).toThrow("products must be an integer of at least 3");
    const plain = matrixOperator(denseMatrix(new Float64Array(4), 2, 2));
    expect(() => hutchPlusPlusTrace(plain, { products: 3 })).toThrow("A must be symmetric");
  });
});
