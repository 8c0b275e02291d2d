import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { type Method, solve } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import {
  alternatingDescent,
  type BilevelIterate,
  type BilevelProblem,
  doubleLoopPenalty,
  estimateErrorBound,
  hypergradient,
  hypergradientDescent,
  minimizeBilevel,
  penaltyHyperobjective,
  powerSchedule,
  regularBilevelProblem,
  singleLoopPenalty,
  valueFunctionPenalty,
} from "./index.ts";

const family = regularBilevelProblem({ seed: 2 });
const { problem, start } = family;
const innerStepSize = 1 / (2.25 * 1.44 + 0.6);

/** The problem with normal noise on every gradient, the same for the same sample. */
function noisy(of: BilevelProblem, scale: number): BilevelProblem {
  const add = (values: Float64Array, sample: number | undefined, label: string) => {
    const noise = randomStream(sample ?? 0)
      .split(label)
      .fillNormal(new Float64Array(values.length));
    return values.map((value, i) => value + scale * noise[i]);
  };
  const level = (name: "upper" | "lower") => ({
    value: of[name].value,
    gradientX: async (x: Float64Array, y: Float64Array, out: Float64Array, sample: number | undefined) =>
      add(await of[name].gradientX(x, y, out, undefined), sample, `${name} x`),
    gradientY: async (x: Float64Array, y: Float64Array, out: Float64Array, sample: number | undefined) =>
      add(await of[name].gradientY(x, y, out, undefined), sample, `${name} y`),
  });
  return { ...of, stochastic: true, upper: level("upper"), lower: level("lower") };
}

describe("deterministic", () => {
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
});

describe("stochastic", () => {
  const options = {
    sigma: powerSchedule(0.3, 1 / 5),
    innerStepSize: powerSchedule(0.2, 2 / 5),
    stepSize: powerSchedule(0.05, 3 / 5),
    proxParameter: 1,
    averaging: 0.5,
    seed: 4,
  };
  const momentum = (k: number) => Math.min(1, 0.3 * (1 + k / 10) ** -0.8);

  test("momentum comes closer than without at equal steps", async () => {
    const tail = async (given: object) => {
      const sizes: number[] = [];
      const method = singleLoopPenalty(noisy(problem, 1), start, {
        ...options,
        ...given,
        stepsPerIterate: 5,
      });
      await solve(method, {
        maxIterations: 400,
        onIterate: ({ iteration, x }) => {
          if (iteration > 300) sizes.push(norm2(family.hypergradient(x)));
        },
      });
      return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    };
    expect(await tail({ momentum })).toBeLessThan(await tail({}));
  });

  test("counts gradients: twelve a step with momentum, 3 T + 3 M in the double loop", async () => {
    const single = singleLoopPenalty(noisy(problem, 0.1), start, { ...options, momentum: 0.5 });
    expect((await solve(single, { maxIterations: 10 })).iterate.oracleCalls).toBe(6 + 9 * 12);
    const double = doubleLoopPenalty(noisy(problem, 0.1), start, { ...options, innerSteps: 4, batchSize: 3 });
    expect((await solve(double, { maxIterations: 10 })).iterate.oracleCalls).toBe(10 * 21);
  });

  test.each(["single", "double"] as const)("the %s loop resumes bit for bit through text", async (loop) => {
    const begin = (resume?: { iteration: number; state: never }): Method<BilevelIterate> =>
      loop === "single"
        ? singleLoopPenalty(noisy(problem, 1), start, {
            ...options,
            momentum: 0.3,
            ...(resume && { resume }),
          })
        : doubleLoopPenalty(noisy(problem, 1), start, {
            ...options,
            batchSize: 2,
            ...(resume && { resume }),
          });
    const whole = await solve(begin(), { maxIterations: 12 });
    const half = await solve(begin(), { maxIterations: 5 });
    const resumed = await solve(begin(parseCheckpoint(serializeCheckpoint(half.iterate)) as never), {
      maxIterations: 12,
    });
    expect(resumed.iterate.state).toEqual(whole.iterate.state);
    expect(resumed.iterate.oracleCalls).toBe(whole.iterate.oracleCalls);
  });

  test("a sample that cannot be evaluated twice is refused", async () => {
    let calls = 0;
    const lower = {
      ...problem.lower,
      gradientY: (_x: Float64Array, y: Float64Array) => y.map((value) => value + ++calls),
    };
    const method = singleLoopPenalty({ ...problem, lower, stochastic: true }, start, options);
    await expect(solve(method, { maxIterations: 1 })).rejects.toThrow("must be the same for the same sample");
  });
});

describe("bad input", () => {
  const good = { sigma: 0.1, stepSize: 0.1, innerStepSize: 0.1 };

  test.each([
    [{ ...good, sigma: 0 }, "sigma must be a positive number, got 0"],
    [{ ...good, stepSize: -1 }, "stepSize must be a positive number, got -1"],
    [{ ...good, averaging: 1.5 }, "averaging must be in (0, 1], got 1.5"],
    [{ ...good, averaging: 0 }, "averaging must be in (0, 1], got 0"],
    [{ ...good, proxParameter: 0 }, "proxParameter must be a positive number, got 0"],
    [{ ...good, innerSteps: 0 }, "innerSteps must be a positive integer, got 0"],
    [{ ...good, batchSize: 2 }, "batchSize must be 1 for a problem that is not stochastic"],
    [{ ...good, momentum: 0.5 }, 'has no option "momentum"'],
  ])("%j", (options, message) => {
    expect(() => doubleLoopPenalty(problem, start, options)).toThrow(ArgumentError);
    expect(() => doubleLoopPenalty(problem, start, options)).toThrow(message);
  });

  test("a schedule is checked where it is used", async () => {
    const method = doubleLoopPenalty(problem, start, { ...good, sigma: (k) => 1 - k });
    await expect(solve(method, { maxIterations: 5 })).rejects.toThrow(
      "sigma must be a positive number, got 0 at iteration 1",
    );
  });

  test("starts, projections and functions are checked", () => {
    const { x0, y0 } = start;
    const run = (of: BilevelProblem, from = start) => doubleLoopPenalty(of, from, good);
    expect(() => run(problem, { ...start, y0: y0.subarray(1) })).toThrow("y0 must have 20 numbers, got 19");
    expect(() => run(problem, { ...start, x0: x0.with(2, Number.NaN) })).toThrow("x0 must be finite");
    expect(() => run({ ...problem, projectY: (y) => y.map((v) => v + 1) })).toThrow(
      "projectY must leave projected points where they are",
    );
    expect(() => run({ ...problem, projectY: (y) => y.map((v) => v / 2) })).toThrow(
      "projectY must leave projected points where they are, got 0.5 and then 0.25 at index 0",
    );
    expect(() => run({ ...problem, projectX: 3 as never })).toThrow("projectX must be a function, got 3");
    expect(() => run({ ...problem, stochastic: "yes" as never })).toThrow("stochastic must be true or false");
    expect(() => run(undefined as never)).toThrow("problem must be an object, got undefined");
    expect(() => run(problem, null as never)).toThrow("start must be { x0, y0 }, got null");
    const lowerConstraints = {
      values: (y: Float64Array) => Float64Array.of(y[0] + 1),
      jacobian: () => ({ rows: 1, columns: 20, values: new Float64Array(20).with(0, 1) }),
    };
    expect(() => run({ ...problem, lowerConstraints, projectY: (y) => y })).toThrow(
      "projectY must return points of Y",
    );
    expect(() => run({ ...problem, lowerConstraints })).toThrow(
      "projectY must be given with lowerConstraints",
    );
    const missing = { value: problem.upper.value, gradientX: problem.upper.gradientX } as never;
    expect(() => run({ ...problem, upper: missing })).toThrow("upper.gradientY must be a function");
  });

  test("what is not finite is named with level, variable and point", async () => {
    const lower = { ...problem.lower, gradientX: (x: Float64Array) => x.map(() => Number.NaN) };
    const run = solve(doubleLoopPenalty({ ...problem, lower }, start, good), { maxIterations: 3 });
    await expect(run).rejects.toThrow(ConvergenceError);
    await expect(run).rejects.toThrow(
      "the gradient of the lower level in x is NaN at index 0, at x = [0, 0, 0, 0, ...], y = [",
    );
  });

  test.each([[new Float32Array(5)], [[0, 0, 0, 0, 0]], [new Float64Array(4)], [undefined]])(
    "a gradient must be a Float64Array of its length, not %o",
    async (values) => {
      const upper = { ...problem.upper, gradientX: () => values as never };
      const run = solve(doubleLoopPenalty({ ...problem, upper }, start, good), { maxIterations: 1 });
      await expect(run).rejects.toThrow(ArgumentError);
      await expect(run).rejects.toThrow(
        "the gradient of the upper level in x must be a Float64Array of 5 numbers, got",
      );
    },
  );

  test.each([
    ["doubleLoopPenalty", (resume: never) => doubleLoopPenalty(problem, start, { ...good, resume })],
    ["singleLoopPenalty", (resume: never) => singleLoopPenalty(problem, start, { ...good, resume })],
    [
      "hypergradientDescent",
      (resume: never) => hypergradientDescent(problem, start, { stepSize: 1, innerStepSize: 1, resume }),
    ],
    ["valueFunctionPenalty", (resume: never) => valueFunctionPenalty(problem, start, { ...good, resume })],
  ])("%s resumes only from iterates of the same sizes", (_, begin) => {
    const state = { x: new Float64Array(4), y: new Float64Array(20) };
    expect(() => begin({ iteration: 3, state } as never)).toThrow(
      "resume must be an iterate of this problem, with x of 5 and y of 20 numbers, got 4 and 20",
    );
    expect(() => begin({ iteration: 3 } as never)).toThrow(ArgumentError);
  });

  test("minimizeBilevel checks its own options", async () => {
    const run = (options: object) => minimizeBilevel(problem, start, { ...good, ...options });
    await expect(run({ onIterate: 3 })).rejects.toThrow("onIterate must be a function, got 3");
    await expect(minimizeBilevel(problem, start, undefined as never)).rejects.toThrow(
      "stepSize must be a positive number, got undefined",
    );
  });

  test("minimizeBilevel names its own limits and the method's options", async () => {
    const run = minimizeBilevel(problem, start, { ...good, maxIteratons: 5 } as never);
    await expect(run).rejects.toThrow(ArgumentError);
    await expect(run).rejects.toThrow(
      'minimizeBilevel has no option "maxIteratons"; its options are method, maxIterations, maxOracleCalls, timeLimit, onIterate, signal, and of doubleLoopPenalty innerSteps, batchSize, sigma,',
    );
    const nested = minimizeBilevel(problem, start, { ...good, sigma: { start: 1, end: 0 } as never });
    await expect(nested).rejects.toThrow('sigma has no option "end"; its options are start, least');
  });

  test.each([
    ["doubleLoopPenalty", doubleLoopPenalty],
    ["singleLoopPenalty", singleLoopPenalty],
    ["hypergradientDescent", hypergradientDescent],
    ["alternatingDescent", alternatingDescent],
    ["valueFunctionPenalty", valueFunctionPenalty],
  ] as const)("%s needs options, and a signal that is one", async (name, method) => {
    const call = (options?: object) => () => method(problem, start, options as never);
    expect(call()).toThrow(ArgumentError);
    expect(call()).toThrow(`the options of ${name} must be an object, got undefined`);
    for (const signal of [3, null, {}]) {
      const { sigma: _, ...steps } = good;
      const options = name.endsWith("Descent") ? steps : good;
      expect(call({ ...options, signal })).toThrow(ArgumentError);
      expect(call({ ...options, signal })).toThrow("signal must be an AbortSignal, got");
    }
  });

  test("functions of a point refuse a signal that is none", async () => {
    const signal = 3 as never;
    const wanted = "signal must be an AbortSignal, got 3";
    await expect(minimizeBilevel(problem, start, { ...good, signal })).rejects.toThrow(wanted);
    await expect(hypergradient(problem, start.x0, { signal })).rejects.toThrow(wanted);
    await expect(penaltyHyperobjective(problem, start.x0, 0.1, { signal })).rejects.toThrow(wanted);
    await expect(estimateErrorBound(problem, start.x0, 0.1, { signal })).rejects.toThrow(wanted);
  });

  test("a lower level without a minimizer is reported", async () => {
    const lower = { ...problem.lower, gradientY: (_: Float64Array, y: Float64Array) => y.map((v) => -1 - v) };
    const run = solve(doubleLoopPenalty({ ...problem, lower }, start, { ...good, innerStepSize: 1 }), {
      maxIterations: 100,
    });
    await expect(run).rejects.toThrow("the lower level has no minimizer");
  });

  test("a lower level that lags behind is not called solved", async () => {
    const still = { ...problem.upper, gradientX: (x: Float64Array) => x.map(() => 0) };
    const lower = { ...problem.lower, gradientX: (x: Float64Array) => x.map(() => 0) };
    const found = await minimizeBilevel({ ...problem, upper: still, lower }, start, {
      ...good,
      innerStepSize: 1e-6,
      tolerance: 1e-3,
      maxIterations: 5,
    });
    expect(found.status).toBe("inner-not-converged");
    expect(found.message).toContain(String(found.innerResidual));
  });

  test("limits end a run", async () => {
    const limited = await minimizeBilevel(problem, start, { ...good, maxOracleCalls: 100 });
    expect(limited.status).toBe("oracle-limit");
    expect(limited.oracleCalls).toBe(132);
    const stopped = await minimizeBilevel(problem, start, {
      ...good,
      onIterate: ({ iteration }) => iteration < 3,
    });
    expect([stopped.status, stopped.iterations]).toEqual(["stopped", 3]);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(minimizeBilevel(problem, start, { ...good, signal })).rejects.toThrow("enough");
  });

  test("a direction that grows tenfold halves the step", async () => {
    const steep = {
      ...problem,
      upper: { ...problem.upper, gradientX: (x: Float64Array) => x.map((value) => 1 + value * 2) },
      lower: { ...problem.lower, gradientX: (x: Float64Array) => x.map(() => 0) },
    };
    // |1 - 2 step| = 1.06: growth by 1.06^50 = 18 in 50 steps
    const method = doubleLoopPenalty(steep, start, { ...good, stepSize: 1.03, innerSteps: 1 });
    const { iterate } = await solve(method, { maxIterations: 400 });
    expect(iterate.state).toMatchObject({ scale: 0.5 });
    for (const value of iterate.x) expect(value).toBeCloseTo(-0.5, 6);
  });
});
