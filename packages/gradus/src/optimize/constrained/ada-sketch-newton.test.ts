import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { adaSketchNewton } from "./ada-sketch-newton.ts";
import type { AdaSketchNewtonOptions } from "./ada-sketch-options.ts";
import { affineConstraints, sphereConstraint, subjectTo } from "./constraint-functions.ts";
import type { ConstrainedIterate, ConstrainedState } from "./contract.ts";
import { minimizeEquality } from "./minimize-equality.ts";
import type { EqualityProblem } from "./problem.ts";
import { equalityTestProblems } from "./problems/equality-test-problems.ts";
import { poissonControl } from "./problems/poisson-control.ts";
import type { SketchMaker } from "./sketch/contract.ts";
import { kaczmarz } from "./sketch/kaczmarz.ts";

const named = (name: string) => {
  const entry = equalityTestProblems.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(name);
  return entry;
};

/** Outer iterations of an independent implementation with exact inner solves, tolerance 1e-4. */
const published: Readonly<Record<string, number>> = {
  HS6: 9,
  HS7: 10,
  HS28: 1,
  HS39: 13,
  HS40: 3,
  HS42: 4,
  HS47: 14,
  HS48: 1,
  HS50: 8,
  HS51: 1,
  HS52: 1,
  HS56: 5,
  HS77: 8,
  HS78: 4,
  HS79: 4,
  HS100LNP: 8,
  BT2: 11,
  BT3: 1,
  BT5: 5,
  BT10: 7,
  BT11: 7,
};

describe.each(equalityTestProblems.map((entry) => [entry.name, entry] as const))("%s", (name, entry) => {
  test("takes the published number of iterations with exact solves", async () => {
    const run = await minimizeEquality(entry.problem, entry.start, { sketch: "exact", accuracy: "theory" });
    expect(run.status).toBe("converged");
    expect(Math.abs(run.iterations - published[name])).toBeLessThanOrEqual(1);
    expect(run.history).toHaveLength(run.iterations);
    for (const step of run.history) expect(step.merit).toBeLessThanOrEqual(step.meritBefore);
  });

  test.each(["kaczmarz", "kaczmarz-weighted", "gaussian", "block", "block-gaussian"] as const)(
    "%s finds the optimum, each step one of enough descent",
    async (sketch) => {
      const run = await minimizeEquality(entry.problem, entry.start, {
        sketch,
        seed: 1,
        maxSketchSteps: 1e5,
      });
      expect(run.status).toBe("converged");
      expect(Math.abs(run.value - entry.optimum)).toBeLessThanOrEqual(
        1e-3 * Math.max(1, Math.abs(entry.optimum)),
      );
      for (const step of run.history) {
        expect(step.descent).toBe(true);
        expect(step.merit - step.meritBefore).toBeLessThanOrEqual(1e-15 * Math.abs(step.meritBefore));
      }
    },
  );
});

test.each([
  ["HS7", 5.6e-7],
  ["HS40", 4.3e-6],
  ["HS42", 7.4e-5],
  ["HS77", 3.9e-5],
  ["HS78", 1.9e-9],
])("%s ends at the KKT residual that the authors' code prints", async (name, kkt) => {
  const { problem, start } = named(name);
  const run = await minimizeEquality(problem, start, { sketch: "exact", accuracy: "theory" });
  expect(run.kkt / kkt).toBeCloseTo(1, 1);
});

test("a quadratic program takes one exact step, at the published optimum", async () => {
  const problem = poissonControl(3);
  const run = await minimizeEquality(problem, new Float64Array(18).fill(1), {
    sketch: "exact",
    lambda0: new Float64Array(9).fill(1),
  });
  expect(run.iterations).toBe(1);
  expect(run.value).toBeCloseTo(9.644442, 6);
});

test("equilibration and sparse rows solve the control problem where plain rows are too slow", async () => {
  const run = await minimizeEquality(poissonControl(5), new Float64Array(50).fill(1), {
    equilibrate: true,
    tolerance: 1e-7,
    seed: 1,
  });
  const exact = await minimizeEquality(poissonControl(5), new Float64Array(50), { sketch: "exact" });
  expect(run.status).toBe("converged");
  expect(run.value).toBeCloseTo(exact.value, 6);
});

test("the defaults take the exact solve, which a handful of factorizations are", async () => {
  const start = new Float64Array(2 * 25).fill(1);
  const run = await minimizeEquality(poissonControl(5), start);
  const exact = await minimizeEquality(poissonControl(5), start, { sketch: "exact" });
  expect(run).toEqual(exact);
  expect(run.status).toBe("converged");
  expect(run.counts.innerSteps).toBe(run.iterations);
});

test("a sketch of one's own is drawn in place of the built-in ones", async () => {
  const { problem, start } = named("HS77");
  const options = { sketch: "kaczmarz" as const, equilibrate: false, seed: 3 };
  const built = await minimizeEquality(problem, start, options);
  let made = 0;
  const own: SketchMaker = (A, b, stream) => {
    made += 1;
    return kaczmarz(A, b, stream, { weighted: false });
  };
  const run = await minimizeEquality(problem, start, { ...options, sketch: own });
  expect(run).toEqual(built);
  expect(made).toBe(run.iterations);
});

test("unknown options and values of options are refused", () => {
  const { problem, start } = named("HS77");
  const refused = (options: object) => expect(() => adaSketchNewton(problem, start, options));
  refused({ sketchsize: 3 }).toThrow('adaSketchNewton has no option "sketchsize"');
  refused({ curvatureTest: "qr" }).toThrow('curvatureTest must be "cholesky" or "lanczos", got "qr"');
  refused({ eta1Limit: Number.NaN }).toThrow("eta1Limit must be a positive number, got NaN");
});

test("the accuracy follows its schedule, by name or by function", async () => {
  const { problem, start } = named("HS78");
  const residuals = async (theta: AdaSketchNewtonOptions["theta"]) => {
    const run = await minimizeEquality(problem, start, {
      theta,
      sketch: "kaczmarz",
      equilibrate: false,
      seed: 1,
      tolerance: 1e-8,
    });
    expect(run.status).toBe("converged");
    return run.history.map(({ residual }) => residual);
  };
  const asked: [number, number][] = [];
  const own = await residuals((iteration, kkt) => {
    asked.push([iteration, kkt]);
    return 1e-3;
  });
  expect(Math.max(...own)).toBeLessThanOrEqual(1e-4); // kappa = 0.1 times 1e-3
  expect(asked.map(([iteration]) => iteration)).toEqual(own.map((_, k) => k));
  (await residuals("harmonic")).forEach((residual, k) => {
    expect(residual).toBeLessThanOrEqual(0.1 / (k + 1) ** 2);
  });
  expect(Math.max(...(await residuals("constant")))).toBeGreaterThan(1e-4);
});

describe("the iterator", () => {
  const { problem, start } = named("HS77");
  const all = async (options: AdaSketchNewtonOptions) => {
    const iterates: ConstrainedIterate[] = [];
    for await (const iterate of adaSketchNewton(problem, start, options)) iterates.push(iterate);
    return iterates;
  };

  test.each(["kaczmarz", "gaussian", "block"] as const)(
    "resumes bit for bit from a checkpoint, %s",
    async (sketch) => {
      const whole = await all({ sketch, seed: 4 });
      const { iteration, state } = whole[3];
      const resume = {
        iteration,
        state: parseCheckpoint(serializeCheckpoint(state)) as ConstrainedState,
      };
      const rest = await all({ sketch, seed: 4, resume });
      expect(rest.map(({ x }) => x)).toEqual(whole.slice(3).map(({ x }) => x));
    },
  );

  test("leaves earlier iterates as they were", async () => {
    const seen: Float64Array[] = [];
    const copies: Float64Array[] = [];
    for await (const { x } of adaSketchNewton(problem, start)) {
      seen.push(x);
      copies.push(x.slice());
    }
    expect(seen).toEqual(copies);
  });

  test("the seed decides the path, and the same seed repeats it", async () => {
    const last = async (seed: number) => (await all({ sketch: "kaczmarz", seed })).at(-1)?.x;
    expect(await last(1)).toEqual(await last(1));
    expect(await last(1)).not.toEqual(await last(2));
  });

  test("stops with the signal's reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(all({ signal })).rejects.toThrow("enough");
  });
});

describe("what can go wrong", () => {
  const { problem, start } = named("HS28");
  const run = (changes: Partial<EqualityProblem>, options = {}, x0 = start) =>
    minimizeEquality({ ...problem, ...changes }, x0, options);

  test.each<[string, Partial<EqualityProblem>, string]>([
    ["f", { value: () => Number.NaN }, "value is NaN at iteration 0"],
    ["c", { constraints: () => Float64Array.of(Number.POSITIVE_INFINITY) }, "constraints[0] is Infinity"],
    ["gradient", { gradient: () => Float64Array.of(0, Number.NaN, 0) }, "gradient[1] is NaN at iteration 0"],
    ["Jacobian", { jacobian: () => denseMatrix([1, 2, Number.NaN], 1, 3) }, "jacobian[2] is NaN"],
    [
      "Hessian",
      { hessianLagrangian: () => denseMatrix(new Float64Array(9).fill(Number.NaN), 3, 3) },
      "hessianLagrangian[0] is NaN",
    ],
  ])("%s that is not finite is named, with the iteration", async (_, changes, message) => {
    await expect(run(changes)).rejects.toThrow(ConvergenceError);
    await expect(run(changes)).rejects.toThrow(message);
  });

  test("a function that is not defined on any step tried is named", async () => {
    let calls = 0;
    const value = (x: Float64Array) => (calls++ === 0 ? problem.value(x) : Number.NaN);
    await expect(run({ value })).rejects.toThrow("value is NaN on every step tried at iteration 0");
  });

  test("a step into where f is not defined is shortened", async () => {
    // -ln(x1) + x1 + x2^2 on x1 + x2 = 1 from x1 = 5: the full step leaves the domain
    const log: EqualityProblem = {
      dimension: 2,
      constraintCount: 1,
      value: ([a, b]) => -Math.log(a) * 4 + a + b * b,
      gradient: ([a, b]) => Float64Array.of(-4 / a + 1, 2 * b),
      constraints: ([a, b]) => Float64Array.of(a + 10 * b - 3),
      jacobian: () => denseMatrix([1, 10], 1, 2),
      hessianLagrangian: ([a]) => denseMatrix([4 / (a * a), 0, 0, 2], 2, 2),
    };
    const found = await minimizeEquality(log, Float64Array.of(20, 0), { tolerance: 1e-9, sketch: "exact" });
    expect(found.status).toBe("converged");
    expect(found.history.some(({ stepSize }) => stepSize < 1)).toBe(true);
  });

  test.each<[string, Partial<EqualityProblem>, object, string]>([
    [
      "Jacobian",
      { jacobian: () => denseMatrix([1, 2, 3, 4], 2, 2) },
      {},
      "jacobian must return a 1 x 3 matrix, got 2 x 2",
    ],
    ["m > n", { constraintCount: 4 }, {}, "constraintCount must be at most dimension = 3, got 4"],
    ["no m", { constraintCount: 0 }, {}, "constraintCount must be a positive integer, got 0"],
    ["no Hessian", { hessianLagrangian: undefined }, {}, "hessianLagrangian or hessianVectorProduct"],
    ["lambda0", {}, { lambda0: new Float64Array(2) }, "lambda0 must have 1 numbers, got 2"],
    ["tolerance", {}, { tolerance: 0 }, "tolerance must be a positive number, got 0"],
    ["kappa", {}, { kappa: 1 }, "kappa must be in (0, 1), got 1"],
    ["beta", {}, { beta: 0.5 }, "beta must be in (0, 0.5), got 0.5"],
    ["nu", {}, { nu: 1 }, "nu must be in (1, 1e6), got 1"],
    ["eta1", {}, { eta1: 0 }, "eta1 must be a positive number, got 0"],
    ["eta2", {}, { eta2: -1 }, "eta2 must be a positive number, got -1"],
    ["sketch", {}, { sketch: "rows" }, 'sketch must be "exact", "kaczmarz"'],
    [
      "sketchSize",
      {},
      { sketch: "block", sketchSize: 9 },
      "sketchSize must be an integer from 1 to 4, got 9",
    ],
    [
      "sketchSize alone",
      {},
      { sketch: "kaczmarz", sketchSize: 2 },
      "sketchSize applies to block sketches only",
    ],
    ["accuracy", {}, { accuracy: "low" }, 'accuracy must be "relative" or "theory", got "low"'],
    ["theta", {}, { theta: "linear" }, 'theta must be "constant", "superlinear" or "harmonic"'],
    ["method", {}, { method: "ipm" }, 'method must be "ada-sketch-newton"'],
  ])("%s out of range is refused", async (_, changes, options, message) => {
    await expect(run(changes, options)).rejects.toThrow(ArgumentError);
    await expect(run(changes, options)).rejects.toThrow(message);
  });

  test("inequality constraints and bounds are refused by name", async () => {
    const bounded = { ...problem, bounds: [[0, 1]] };
    await expect(minimizeEquality(bounded, start)).rejects.toThrow(
      'got "bounds": inequality constraints and bounds are not supported',
    );
  });

  test("a start that is not finite is refused", async () => {
    await expect(run({}, {}, Float64Array.of(0, Number.NaN, 0))).rejects.toThrow("x0[1] must be finite");
  });

  test("dependent constraints end with a status and the smallest singular value", async () => {
    const quadratic = {
      dimension: 3,
      value: (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0),
      gradient: (x: Float64Array) => x.map((value) => 2 * value),
      valueAndGradient: (x: Float64Array) => ({ value: 0, gradient: x }),
      hessian: () => denseMatrix([2, 0, 0, 0, 2, 0, 0, 0, 2], 3, 3),
    };
    const twice = affineConstraints(denseMatrix([1, 1, 1, 2, 2, 2], 2, 3), Float64Array.of(1, 2));
    const result = await minimizeEquality(subjectTo(quadratic, twice), Float64Array.of(1, 0, 3));
    expect(result.status).toBe("singular-jacobian");
    expect(result.smallestSingularValue).toBeLessThan(1e-7);
    expect(result.iterations).toBe(0);
    // and the center of a sphere, where its gradient is 0
    const center = await minimizeEquality(subjectTo(quadratic, sphereConstraint(3)), new Float64Array(3));
    expect(center).toMatchObject({ status: "singular-jacobian", smallestSingularValue: 0 });
  });

  test("the limit of iterations is a status", async () => {
    const result = await minimizeEquality(named("BT2").problem, named("BT2").start, { maxIterations: 2 });
    expect(result).toMatchObject({ status: "max-iterations", iterations: 2 });
  });

  test("an inner solver that is cut off is not an error", async () => {
    const result = await run({}, { sketch: "kaczmarz", maxSketchSteps: 3, maxIterations: 3 });
    expect(["max-iterations", "no-acceptable-step"]).toContain(result.status);
  });

  test("infeasible constraints do not converge", async () => {
    // x1^2 + x2^2 + x3^2 = -1
    const impossible: EqualityProblem = {
      ...problem,
      constraints: (x) => Float64Array.of(1 + x.reduce((sum, value) => sum + value * value, 0)),
      jacobian: (x) => ({ rows: 1, columns: 3, values: x.map((value) => 2 * value) }),
      hessianLagrangian: (_, lambda) =>
        denseMatrix(
          [2, 2, 0, 2, 4, 2, 0, 2, 2].map((value, k) => value + (k % 4 === 0 ? 2 * lambda[0] : 0)),
          3,
          3,
        ),
    };
    const result = await minimizeEquality(impossible, start, { sketch: "exact", maxIterations: 200 });
    expect(result.status).not.toBe("converged");
    expect(result.constraintNorm).toBeGreaterThanOrEqual(1);
  });
});
