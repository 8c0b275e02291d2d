import fc from "fast-check";
import { expect, test } from "vitest";
import { ConvergenceError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { luFactorize, luSolve } from "../factorize/lu.ts";
import { denseMatrix } from "../matrix.ts";
import { multiply } from "../multiply.ts";
import { composeOperators, shiftOperator } from "../operator/combine.ts";
import { operatorEntries } from "../operator/contract.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator } from "../operator/structured.ts";
import {
  asynchronous,
  gaussianNumbers,
  largestDifference,
  ramp,
  tridiagonalOperator,
} from "../test-matrices.ts";
import { norm2 } from "../vector.ts";
import { minres } from "./minres.ts";

const n = 50;
/** 11 of its 50 eigenvalues are negative. */
const indefinite = shiftOperator(tridiagonalOperator(n, -1, 2, -1), -0.5);

// python3 -c "import numpy as np, scipy.sparse as sp, scipy.sparse.linalg as sl; n = 50; b = np.arange(1, n+1)/n
//   A = (sp.diags([-1,2,-1], [-1,0,1], shape=(n,n)) - .5*sp.eye(n)).tocsr(); out = []
//   sl.minres(A, b, rtol=1e-12, callback=lambda x: out.append(np.linalg.norm(b - A@x))); print(out[4], out[9], out[19], out[29])"
test.each([
  ["synchronous", indefinite],
  ["asynchronous", asynchronous(indefinite)],
])("follows scipy's residuals on an indefinite system, %s", async (_, A) => {
  const norms: number[] = [];
  let x = new Float64Array(n);
  for await (const iterate of minres(A, ramp(n), { relativeTolerance: 1e-12 })) {
    norms.push(iterate.residualNorm);
    x = Float64Array.from(iterate.x);
  }
  for (const [step, expected] of [
    [5, 0.8643053068297114],
    [10, 0.5991695276780895],
    [20, 0.4127175168421437],
    [30, 0.34268000598138904],
  ])
    expect(norms[step] / expected).toBeCloseTo(1, 9);
  expect(norms.length).toBeLessThanOrEqual(n + 2);
  const exact = luSolve(luFactorize(await operatorEntries(indefinite)), ramp(n));
  expect(largestDifference(x, exact)).toBeLessThan(1e-10);
});

test("residuals are those of x and never grow, on random symmetric systems", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(10_000), fc.integer({ min: 1, max: 12 }), async (seed, order) => {
      const G = gaussianNumbers(seed, order * order);
      const A = matrixOperator(
        denseMatrix(
          G.map((v, k) => v + G[(k % order) * order + Math.floor(k / order)]),
          order,
          order,
        ),
        { symmetric: true },
      );
      const b = gaussianNumbers(seed + 1, order);
      const x0 = gaussianNumbers(seed + 2, order);
      let last = Number.POSITIVE_INFINITY;
      let final = "";
      for await (const { x, residualNorm, outcome } of minres(A, b, { x0 })) {
        const product = new Float64Array(order);
        A.apply(x, product);
        const actual = norm2(product.map((v, i) => b[i] - v));
        expect(Math.abs(actual - residualNorm)).toBeLessThan(1e-8);
        expect(residualNorm).toBeLessThanOrEqual(last);
        last = residualNorm;
        final = outcome ?? "";
      }
      expect(final).toBe("converged");
    }),
    { numRuns: 40 },
  );
});

/** The same system with row and column k scaled by sqrt(1 + k), and the preconditioner that takes that away. */
const scale = Float64Array.from({ length: n }, (_, i) => Math.sqrt(2 + i));
const scaled = composeOperators(
  diagonalOperator(scale),
  composeOperators(indefinite, diagonalOperator(scale)),
  { symmetric: true },
);
const unscale = diagonalOperator(scale.map((s) => 1 / s ** 2));

// python3, with A, b and n as above: k = np.arange(1, n+1); D = 1 + k; B = (sp.diags(D**.5) @ A @ sp.diags(D**.5)).tocsr()
//   out = []; sl.minres(B, b, M=sp.diags(1/D), rtol=1e-12, callback=lambda x: out.append(np.linalg.norm(b - B@x)))
test.each([
  ["synchronous", scaled, unscale],
  ["asynchronous", asynchronous(scaled), asynchronous(unscale)],
])("follows scipy's residuals with a preconditioner, %s", async (_, A, preconditioner) => {
  const norms: number[] = [];
  let x = new Float64Array(n);
  for await (const iterate of minres(A, ramp(n), { preconditioner, relativeTolerance: 1e-12 })) {
    norms.push(iterate.residualNorm);
    x = Float64Array.from(iterate.x);
  }
  for (const [step, expected] of [
    [5, 0.844745774621179],
    [10, 0.569107800276532],
    [20, 0.36737712970312586],
    [30, 0.2817465160161829],
  ])
    expect(norms[step] / expected).toBeCloseTo(1, 9);
  expect(norms.length).toBeLessThanOrEqual(n + 2);
  const product = new Float64Array(n);
  scaled.apply(x, product);
  expect(largestDifference(product, ramp(n))).toBeLessThan(1e-10);
});

test("the absolute value of A as preconditioner leaves two eigenvalues and so two steps", async () => {
  const diagonal = Float64Array.of(5, -3, 2, -0.1, 40);
  const { iterate } = await solve(
    minres(diagonalOperator(diagonal), Float64Array.of(1, 2, 3, 4, 5), {
      preconditioner: diagonalOperator(diagonal.map((value) => 1 / Math.abs(value))),
    }),
  );
  expect(iterate.outcome).toBe("converged");
  expect(iterate.iteration).toBe(2);
  for (let i = 0; i < 5; i++) expect(iterate.x[i]).toBeCloseTo((i + 1) / diagonal[i], 12);
});

test("refuses a preconditioner of another order and reports one that is not positive definite", async () => {
  const options = (...entries: number[]) => ({
    preconditioner: diagonalOperator(Float64Array.from(entries)),
  });
  const [A, b] = [diagonalOperator(Float64Array.of(1, 2)), Float64Array.of(1, 1)];
  expect(() => minres(A, b, options(1))).toThrow("preconditioner must be of order 2, got 1");
  await expect(solve(minres(A, b, options(1, -3)))).rejects.toThrow("v^T M^-1 v = -2");
  // x = 0 would pass for a least-squares solution
  await expect(solve(minres(A, b, options(0, 0)))).rejects.toThrow("v^T M^-1 v = 0");
});

test("a singular system without a solution ends at a least-squares solution", async () => {
  const diagonal = Float64Array.of(4, -3, 2, 1, 0, 0);
  const b = Float64Array.of(1, 1, 1, 1, 3, 4);
  const { iterate, status } = await solve(minres(diagonalOperator(diagonal), b), { maxIterations: 50 });
  expect(status).toBe("converged");
  expect(iterate.outcome).toBe("least-squares");
  expect(iterate.residualNorm).toBeCloseTo(5, 12);
  for (let i = 0; i < 4; i++) expect(iterate.x[i]).toBeCloseTo(1 / diagonal[i], 9);
});

/** The Laplacian of a graph of 100 nodes whose weights lie over decades, and a right-hand side. */
function weightedGraph(seed: number) {
  const nodes = 100;
  const numbers = gaussianNumbers(seed, 3 * nodes);
  const values = new Float64Array(nodes * nodes);
  const join = (i: number, j: number, weight: number) => {
    values[i * nodes + i] += weight;
    values[j * nodes + j] += weight;
    values[i * nodes + j] -= weight;
    values[j * nodes + i] -= weight;
  };
  for (let i = 0; i < nodes; i++) {
    join(i, (i + 1) % nodes, Math.exp(2 * numbers[i]));
    join(i, (7 * i + 5) % nodes, Math.exp(2 * numbers[nodes + i]));
  }
  return { nodes, A: denseMatrix(values, nodes, nodes), b: numbers.subarray(2 * nodes) };
}

// Rounding keeps ||A r|| above the tolerance, and further steps would add null vectors to x.
test.each([1, 2, 3, 4, 5])("a weighted graph's Laplacian without a solution, %d", async (seed) => {
  const { nodes, A, b } = weightedGraph(seed);
  const total = b.reduce((sum, value) => sum + value, 0);
  const diagonal = Float64Array.from({ length: nodes }, (_, i) => A.values[i * nodes + i]);
  const trace = diagonal.reduce((sum, value) => sum + value, 0);
  for (const [preconditioner, left] of [
    // A r = 0: r is constant, and keeps the sum of b
    [undefined, diagonal.map(() => total / nodes)],
    // A M^-1 r = 0: r is a multiple of the diagonal M
    [diagonalOperator(diagonal.map((entry) => 1 / entry)), diagonal.map((entry) => (total / trace) * entry)],
  ] as const) {
    const { iterate } = await solve(minres(A, b, { preconditioner }), { maxIterations: 1000 });
    expect(iterate.outcome).toBe("least-squares");
    const Ax = multiply(A, iterate.x);
    const residual = b.map((value, i) => value - Ax[i]);
    expect(largestDifference(residual, left)).toBeLessThan(1e-6);
    expect(iterate.residualNorm / norm2(left)).toBeCloseTo(1, 6);
  }
});

test("b = 0 is solved by 0 without a step, wherever the method starts", async () => {
  const A = denseMatrix([2, 1, 1, 3], 2, 2);
  for (const scale of [1, 1e-200, 1e200]) {
    const x0 = Float64Array.of(scale, scale);
    const { iterate } = await solve(minres(A, new Float64Array(2), { x0 }));
    expect([[...iterate.x], iterate.iteration, iterate.outcome]).toEqual([[0, 0], 0, "converged"]);
  }
});

test("A = 0 is its own least-squares solution", async () => {
  const { iterate } = await solve(minres(diagonalOperator(new Float64Array(3)), Float64Array.of(1, 2, 2)));
  expect(iterate.outcome).toBe("least-squares");
  expect(iterate.residualNorm).toBe(3);
});

test.each([
  ["alone", indefinite, {}],
  ["with a preconditioner", scaled, { preconditioner: unscale }],
])("resumes bit for bit through text, %s", async (_, A, options) => {
  const whole = await solve(minres(A, ramp(n), options));
  const { iterate } = await solve(minres(A, ramp(n), options), { maxIterations: 13 });
  const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const resumed = await solve(minres(A, ramp(n), { ...options, resume }));
  expect(resumed.iterate.x).toEqual(whole.iterate.x);
  expect(resumed.iterate.iteration).toBe(whole.iterate.iteration);
});

test("reports a product that is not finite", async () => {
  const A = diagonalOperator(Float64Array.of(1, Number.POSITIVE_INFINITY));
  await expect(solve(minres(A, Float64Array.of(1, 1)))).rejects.toThrow(ConvergenceError);
  expect(() => minres(A, Float64Array.of(1, 1), { stationarityTolerance: -1 })).toThrow(
    "stationarityTolerance",
  );
});

test("a condition number of 5e8 is not taken for a singular matrix, as the tolerance of lsmr would", async () => {
  const A = diagonalOperator(Float64Array.of(1, 0.5, 2e-9));
  const b = Float64Array.of(1, 1, 1);
  const { iterate } = await solve(minres(A, b));
  expect(iterate.outcome).toBe("converged");
  expect(iterate.x[2] * 2e-9).toBeCloseTo(1, 7);
  const coarse = await solve(minres(A, b, { stationarityTolerance: 1e-8 }));
  expect(coarse.iterate.outcome).toBe("least-squares");
});
