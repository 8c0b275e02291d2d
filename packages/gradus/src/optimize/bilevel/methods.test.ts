import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { type Method, solve } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import {
  alternatingDescent,
  type BilevelIterate,
  type BilevelProblem,
  doubleLoopPenalty,
  hypergradientDescent,
  minimizeBilevel,
  regularBilevelProblem,
  singleLoopPenalty,
  valueFunctionPenalty,
} from "./index.ts";
import { noisy } from "./test-support.ts";

const family = regularBilevelProblem({ seed: 2 });
const { problem, start } = family;
const innerStepSize = 1 / (2.25 * 1.44 + 0.6);

const tolerance = 0.003;

test("the double loop reaches a stationary point of the hyper-objective", async () => {
  const found = await minimizeBilevel(problem, start, {
    sigma: 0.03 * tolerance,
    stepSize: 0.2,
    innerStepSize,
    tolerance,
  });
  expect(found.status).toBe("converged");
  expect(found.products).toBe(0);
  expect(norm2(family.hypergradient(found.x))).toBeLessThan(2 * tolerance);
  expect(found.value).toBeLessThanOrEqual(family.hyperobjective(found.x) + 1e-6);
  expect(found.history.at(-1)?.oracleCalls).toBe(found.oracleCalls);
  expect(found.oracleCalls).toBe(33 * found.iterations);
});

describe("sigma halved below the stationarity", () => {
  const options = { stepSize: 0.2, innerStepSize, sigma: { start: 0.3 } };

  test("reaches a stationary point of the hyper-objective, which sigma as it starts does not", async () => {
    const found = await minimizeBilevel(problem, start, { ...options, tolerance: 1e-4 });
    expect(found.status).toBe("converged");
    // the gradient at the end is off by O(sigma), with sigma <= 1e-4
    expect(norm2(family.hypergradient(found.x))).toBeLessThan(2e-3);
    const fixed = await minimizeBilevel(problem, start, { ...options, sigma: 0.3, tolerance: 1e-4 });
    expect(norm2(family.hypergradient(fixed.x))).toBeGreaterThan(0.1);

    const { history } = found;
    expect(history[0].sigma).toBe(0.3);
    for (const [k, { sigma, stationarity }] of history.slice(0, -1).entries())
      expect(history[k + 1].sigma).toBe(stationarity < sigma ? Math.max(sigma / 2, 1e-4) : sigma);
    expect(history.at(-1)?.sigma).toBe(1e-4);
  });

  test("stops at the least sigma", async () => {
    const sigma = { start: 0.3, least: 0.02 };
    const found = await minimizeBilevel(problem, start, { ...options, sigma, tolerance: 1e-6 });
    expect(found.status).toBe("converged");
    expect(found.history.at(-1)?.sigma).toBe(0.02);
    const fixed = await minimizeBilevel(problem, start, { ...options, sigma: 0.02, tolerance: 1e-6 });
    for (const [j, value] of found.x.entries()) expect(value).toBeCloseTo(fixed.x[j], 5);
  });

  test("resumes bit for bit through text, wherever it was left", async () => {
    const begin = (resume?: { iteration: number; state: never }) =>
      doubleLoopPenalty(problem, start, { ...options, stepsPerIterate: 3, ...(resume && { resume }) });
    const whole = await solve(begin(), { maxIterations: 12 });
    expect(whole.iterate.sigma).toBeLessThan(0.01);
    for (const maxIterations of [0, 1, 5, 9]) {
      const part = await solve(begin(), { maxIterations });
      const text = serializeCheckpoint(part.iterate);
      const resumed = await solve(begin(parseCheckpoint(text) as never), { maxIterations: 12 });
      expect(resumed.iterate.state).toEqual(whole.iterate.state);
    }
  });

  test.each([
    [{ start: 0 }, "sigma.start must be a positive number, got 0"],
    [{}, "sigma.start must be a positive number, got undefined"],
    [{ start: Number.NaN }, "sigma.start must be a positive number, got NaN"],
    [{ start: 0.1, least: -1 }, "sigma.least must be a positive number, got -1"],
    [{ start: 0.1, least: 0.2 }, "sigma.least must be at most sigma.start, 0.1, got 0.2"],
    [{ start: 0.1, end: 0.2 }, 'sigma has no option "end"; its options are start, least'],
  ])("%j is refused", (sigma, message) => {
    const begin = () => doubleLoopPenalty(problem, start, { ...options, sigma: sigma as never });
    expect(begin).toThrow(ArgumentError);
    expect(begin).toThrow(message);
  });

  test("noisy residuals are refused", () => {
    expect(() => doubleLoopPenalty(noisy(problem, 1), start, options)).toThrow(
      "sigma must be a number or a function of the iteration for a stochastic problem",
    );
  });
});

test("prox centers lead to the same point", async () => {
  const options = { sigma: 1e-3, stepSize: 0.1, innerStepSize: 0.2, tolerance: 1e-3, maxIterations: 5000 };
  const plain = await minimizeBilevel(problem, start, options);
  const centered = await minimizeBilevel(problem, start, { ...options, proxParameter: 1, averaging: 0.5 });
  const single = await minimizeBilevel(problem, start, {
    ...options,
    method: singleLoopPenalty,
    stepSize: 3e-3,
  });
  expect([plain.status, centered.status, single.status]).toEqual(["converged", "converged", "converged"]);
  for (const [j, value] of centered.x.entries()) expect(value).toBeCloseTo(plain.x[j], 2);
  for (const [j, value] of single.x.entries()) expect(value).toBeCloseTo(plain.x[j], 2);
  expect(single.oracleCalls).toBe(6 * single.iterations);
});

test.each(["aid", "itd"] as const)("%s finds the same point with second derivatives", async (estimator) => {
  const options = { stepSize: 0.2, innerStepSize, innerSteps: 40, tolerance };
  const found = await minimizeBilevel(problem, start, {
    ...options,
    method: hypergradientDescent,
    estimator,
  });
  expect(found.status).toBe("converged");
  expect(found.products).toBeGreaterThan(0);
  expect(norm2(family.hypergradient(found.x))).toBeLessThan(2 * tolerance);
});

test("alternating descent ends elsewhere", async () => {
  const found = await minimizeBilevel(problem, start, {
    method: alternatingDescent,
    stepSize: 0.2,
    innerStepSize,
    tolerance,
  });
  expect(found.status).toBe("converged");
  expect(norm2(family.hypergradient(found.x))).toBeGreaterThan(1);
});

describe("the toy problem of Shen & Chen 2023, S(x) = {-x}", () => {
  const f = (x: number, y: number) =>
    Math.cos(4 * y + 2) / (1 + Math.exp(2 - 4 * x)) + Math.log((4 * x - 2) ** 2 + 1) / 2;
  const slope = (s: number) => Float64Array.of(s);
  const toy: BilevelProblem = {
    dimensionX: 1,
    dimensionY: 1,
    upper: {
      value: ([x], [y]) => f(x, y),
      gradientX: ([x], [y]) => {
        const e = Math.exp(2 - 4 * x);
        const t = 4 * x - 2;
        return slope((4 * e * Math.cos(4 * y + 2)) / (1 + e) ** 2 + (4 * t) / (t * t + 1));
      },
      gradientY: ([x], [y]) => slope((-4 * Math.sin(4 * y + 2)) / (1 + Math.exp(2 - 4 * x))),
    },
    lower: {
      value: ([x], [y]) => (x + y) ** 2 + x * Math.sin(x + y) ** 2,
      gradientX: ([x], [y]) => slope(2 * (x + y) + Math.sin(x + y) ** 2 + x * Math.sin(2 * (x + y))),
      gradientY: ([x], [y]) => slope(2 * (x + y) + x * Math.sin(2 * (x + y))),
    },
    projectX: (x) => x.map((value) => Math.min(3, Math.max(0, value))),
  };
  const begin = { x0: slope(1.5), y0: slope(0.5) };

  // x, y and z printed by a scalar program in Python
  test.each([
    [
      "double loop",
      30,
      [1.2020246190130637, -1.2140567702713583, -1.2019976571212796],
      doubleLoopPenalty(toy, begin, {
        ...{ sigma: 0.05, stepSize: 0.02, innerStepSize: 0.15, innerSteps: 3 },
        ...{ proxParameter: 2, averaging: 0.5 },
      }),
    ],
    [
      "single loop",
      40,
      [1.2098062339559195, -1.2456802091387218, -1.2433752387811832],
      singleLoopPenalty(toy, begin, {
        ...{ sigma: (k) => 0.2 / Math.sqrt(1 + k), stepSize: 0.02, innerStepSize: 0.1, momentum: 0.3 },
        ...{ proxParameter: 2, averaging: 0.5 },
      }),
    ],
    [
      "value-function penalty",
      50,
      [1.1890436296065783, -1.2135230713876364, -1.1892086723123059],
      valueFunctionPenalty(toy, begin, { sigma: 0.1, stepSize: 0.01, innerStepSize: 0.1 }),
    ],
  ] as readonly [string, number, number[], Method<BilevelIterate>][])(
    "%s: the iterates of another implementation",
    async (_, maxIterations, wanted, run) => {
      const { iterate } = await solve(run, { maxIterations });
      for (const [i, [value]] of [iterate.x, iterate.y, iterate.z].entries())
        expect(value).toBeCloseTo(wanted[i], 12);
    },
  );

  // local minima of psi(x) = f(x, -x) on a grid of 3e5 points
  test.each([
    [0.1, 0.38236],
    [1.5, 1.21515],
    [2.5, 2.82964],
  ])("from %d the minimum at %d", async (x0, minimum) => {
    const from = { x0: slope(x0), y0: slope(0.5) };
    const penalty = await minimizeBilevel(toy, from, {
      ...{ sigma: 0.001, stepSize: 0.02, innerStepSize: 0.15, tolerance: 1e-6, maxIterations: 5000 },
    });
    expect(penalty.status).toBe("converged");
    expect(Math.abs(penalty.x[0] - minimum)).toBeLessThan(1e-3);
    const valueFunction = await minimizeBilevel(toy, from, {
      ...{ method: valueFunctionPenalty, sigma: 0.1, stepSize: 0.01, innerStepSize: 0.1 },
      maxIterations: 5000,
    });
    expect(Math.abs(valueFunction.x[0] - minimum)).toBeLessThan(0.05);
  });
});

test("projections of both levels are kept", async () => {
  const projectX = (x: Float64Array) => x.map((value) => Math.min(0.5, Math.max(-0.5, value)));
  const projectY = (y: Float64Array) => y.map((value) => Math.min(0.1, Math.max(-0.1, value)));
  const options = { sigma: 0.01, stepSize: 0.01, innerStepSize: 0.2 };
  const boxed = { ...problem, projectX, projectY };
  const runs: Method<BilevelIterate>[] = [
    doubleLoopPenalty(boxed, start, options),
    singleLoopPenalty(boxed, start, options),
  ];
  for (const run of runs) {
    const { iterate } = await solve(run, { maxIterations: 300 });
    for (const value of iterate.x) expect(Math.abs(value)).toBeLessThanOrEqual(0.5);
    for (const value of [...iterate.y, ...iterate.z]) expect(Math.abs(value)).toBeLessThanOrEqual(0.1);
  }
});
