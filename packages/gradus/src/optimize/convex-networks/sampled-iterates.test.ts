import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { singularValues } from "../../linalg/factorize/singular-values.ts";
import { hiddenFeatures, squaredNormBound, unitDirections } from "./features.ts";
import { networkObjective } from "./network.ts";
import { checkProblem } from "./problem.ts";
import { solveDirections } from "./refined-iterates.ts";
import { fistaIterates, sampledNetworkIterates } from "./sampled-iterates.ts";
import { formulaMatrix, normalRows, reference } from "./test-support.ts";

const targets = Float64Array.from(
  { length: 24 },
  (_, k) => 2 * Math.sin(3.1 * (k + 1)) + reference.x.values[2 * k],
);

/** 30 unit directions by a formula. */
const directions = (() => {
  const raw = formulaMatrix(30, 3, (j, c) => Math.sin(0.9 * j + 1.3 * c * c + 0.2 * j * c));
  const values = raw.values.map((value, at) => {
    const row = raw.values.subarray(3 * Math.floor(at / 3), 3 * Math.floor(at / 3) + 3);
    return value / Math.hypot(...row);
  });
  return { ...raw, values };
})();

// Phi = max(0, [X, 1] U^T): Lasso(alpha=0.2/24, fit_intercept=False, tol=1e-14) and, for the labels,
// LogisticRegression(penalty="l1", C=5, fit_intercept=False, solver="saga", tol=1e-13) of scikit-learn 1.4.2 print
const LASSO = 13.551294303693547;
const LOGISTIC = 15.592662499877441;
const LASSO_WEIGHTS = [
  [4, -0.05888519222410771],
  [6, 0.0457278572650355],
  [10, -0.42519944780039465],
  [13, -0.21211984274504778],
  [17, 1.1549952375193633],
  [18, -0.6247785419929323],
  [20, 0.359483111772033],
  [25, -0.6591719041574055],
  [29, 0.07800874566567458],
];

const lasso = checkProblem({ x: reference.x, y: targets, beta: 0.2 });
const logistic = checkProblem({ x: reference.x, y: reference.labels, loss: "logistic", beta: 0.2 });

test("FISTA with restarts: the optima of scikit-learn's Lasso and logistic regression", async () => {
  for (const [problem, optimum] of [
    [lasso, LASSO],
    [logistic, LOGISTIC],
  ] as const) {
    const { iterate } = await solve(fistaIterates(problem, directions, { tolerance: 1e-11 }), {
      maxIterations: 50_000,
    });
    expect(Math.abs(iterate.objective / optimum - 1)).toBeLessThan(1e-9);
    expect(iterate.sampledGap).toBeGreaterThan(iterate.objective - optimum - 1e-12);
    expect(iterate.restarts).toBeGreaterThan(0);
  }
});

test("coordinate descent for the same program: the weights of scikit-learn", async () => {
  const { alpha } = await solveDirections(lasso, directions, new Float64Array(30), { relativeGap: 1e-14 });
  const expected = new Float64Array(30);
  for (const [j, value] of LASSO_WEIGHTS) expected[j] = value;
  for (let j = 0; j < 30; j++) expect(alpha[j]).toBeCloseTo(expected[j], 5);
});

test("the objective is that of the network, and falls with more directions on average", async () => {
  const { x, y } = normalRows(25, 3, 4);
  const problem = { x, y, beta: 0.3 };
  const means = [];
  for (const samples of [30, 300]) {
    let sum = 0;
    for (const seed of [1, 2, 3]) {
      const { iterate } = await solve(
        sampledNetworkIterates({ ...problem, samples, seed, tolerance: 1e-5 }),
        {
          maxIterations: 5000,
        },
      );
      expect(networkObjective(problem, iterate.network)).toBeCloseTo(iterate.objective, 9);
      sum += iterate.objective / 3;
    }
    means.push(sum);
  }
  expect(means[1]).toBeLessThan(means[0]);
});

test("the bound of |Phi|^2 is above the largest singular value's square, and close", () => {
  for (const seed of [1, 2, 3]) {
    const features = hiddenFeatures(normalRows(20, 4, seed).x, unitDirections(60, 4, seed));
    const [largest] = singularValues(features);
    const bound = squaredNormBound(features);
    expect(bound).toBeGreaterThanOrEqual(largest * largest * (1 - 1e-12));
    expect(bound).toBeLessThan(1.01 * largest * largest);
  }
});

test("a run resumes bit for bit; a loss without a gradient and bad options are refused", async () => {
  const { x, y } = normalRows(12, 2, 5);
  const options = { x, y, beta: 0.1, samples: 40, seed: 2 };
  const whole = await solve(sampledNetworkIterates(options), { maxIterations: 40 });
  const half = await solve(sampledNetworkIterates(options), { maxIterations: 17 });
  const resumed = await solve(sampledNetworkIterates({ ...options, resume: half.iterate }), {
    maxIterations: 40,
  });
  expect(resumed.iterate.state).toStrictEqual(whole.iterate.state);
  const start = (changes: object) => () => sampledNetworkIterates({ ...options, ...changes });
  expect(start({ samples: 0 })).toThrow("samples must be a positive integer, got 0");
  expect(start({ loss: "hinge", y: y.map(() => 1) })).toThrow('needs a loss with a gradient, got "hinge"');
  expect(start({ count: 1 })).toThrow('sampledNetworkIterates has no option "count"');
  expect(
    start({ resume: { iteration: 1, state: { ...half.iterate.state, alpha: new Float64Array(3) } } }),
  ).toThrow("resume.state.alpha must have 40 numbers, got 3");
});
