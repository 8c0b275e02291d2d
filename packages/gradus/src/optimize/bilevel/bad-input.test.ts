import { expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import {
  alternatingDescent,
  type BilevelProblem,
  doubleLoopPenalty,
  estimateErrorBound,
  hypergradient,
  hypergradientDescent,
  minimizeBilevel,
  penaltyHyperobjective,
  regularBilevelProblem,
  singleLoopPenalty,
  valueFunctionPenalty,
} from "./index.ts";

const { problem, start } = regularBilevelProblem({ seed: 2 });

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
  expect(() => run({ ...problem, lowerConstraints })).toThrow("projectY must be given with lowerConstraints");
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
