import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import type { Method } from "../../iterate/iterate.ts";
import { singularValues } from "../../linalg/factorize/singular-values.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { augmentedLagrangian } from "./augmented-lagrangian.ts";
import type { ConstrainedIterate, ConstrainedOptions, ConstrainedState } from "./contract.ts";
import { l1Model } from "./l1-model.ts";
import { type MinimizeEqualityOptions, minimizeEquality } from "./minimize-equality.ts";
import { type EqualityProblem, pointAt } from "./problem.ts";
import { equalityTestProblems } from "./problems/equality-test-problems.ts";
import { poissonControl } from "./problems/poisson-control.ts";
import { sqpL1 } from "./sqp-l1.ts";

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** GMRES as in the authors' code: cycles of two steps, as many as it takes, and no second-order corrections. */
const short = { restart: 2, maxCycles: 100_000, secondOrderCorrection: false } as const;

describe("GMRES l1-SQP on the 21 problems, against the medians of the authors' stored runs", () => {
  const runAll = (options: MinimizeEqualityOptions) =>
    Promise.all(equalityTestProblems.map(({ problem, start }) => minimizeEquality(problem, start, options)));

  test("adaptive: 6 iterations, KKT residual 3e-5", async () => {
    const runs = await runAll({ method: "sqp-l1", ...short });
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => "converged"));
    expect(median(runs.map(({ iterations }) => iterations))).toBe(6);
    expect(Math.abs(Math.log10(median(runs.map(({ kkt }) => kkt)) / 3.1e-5))).toBeLessThan(0.2);
  });

  test("two tests: about 43 iterations, KKT residual 9e-5", async () => {
    const runs = await runAll({ method: "sqp-l1", termination: "two-tests", ...short });
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => "converged"));
    expect(Math.abs(median(runs.map(({ iterations }) => iterations)) - 43)).toBeLessThanOrEqual(4);
    expect(Math.abs(Math.log10(median(runs.map(({ kkt }) => kkt)) / 8.9e-5))).toBeLessThan(0.2);
    for (const { history } of runs)
      for (const { merit, meritBefore } of history) expect(merit).toBeLessThanOrEqual(meritBefore);
  });
});

test("the control problem: 32 iterations with two tests and 4 multipliers, as in the authors' stored runs", async () => {
  const run = (options: MinimizeEqualityOptions) =>
    minimizeEquality(poissonControl(3), new Float64Array(18).fill(1), {
      lambda0: new Float64Array(9).fill(1),
      ...options,
    });
  const adaptive = await run({ method: "sqp-l1", ...short });
  // the authors' code makes 7 Krylov steps a cycle on this problem, and 2 on the small ones
  const loose = await run({ method: "sqp-l1", termination: "two-tests", ...short, restart: 7 });
  const multipliers = await run({ method: "augmented-lagrangian", shift: "always" });
  for (const { status, value } of [adaptive, loose, multipliers]) {
    expect(status).toBe("converged");
    expect(value).toBeCloseTo(9.644442, 3);
  }
  expect(adaptive.iterations).toBeLessThanOrEqual(10);
  expect(Math.abs(loose.iterations - 32)).toBeLessThanOrEqual(1);
  expect(multipliers.iterations).toBe(4);
});

test.each([1e-3, 1e-2, 0.1, 1, 10, 100])(
  "four variables and constraints in the unit %d: the solution of a quadratic in one direction",
  async (unit) => {
    // sum_i w_i (x_i - a_i)^2 / 2 on x = (s, s, 1/2 - s, 1/2 - s): s = (w1 a1 + w2 a2 + w3 (1/2 - a3) + w4 (1/2 - a4)) / sum w
    const [w, a] = [
      [1, 3, 0.5, 2],
      [2, -1, 0.5, 1],
    ];
    const s = -4 / 13;
    const rows = [
      [1, 1, 1, 1],
      [1, -1, 0, 0],
      [0, 0, 1, -1],
    ];
    const problem: EqualityProblem = {
      dimension: 4,
      constraintCount: 3,
      value: (x) => x.reduce((sum, v, i) => sum + (w[i] * (v - a[i]) ** 2) / 2, 0),
      gradient: (x) => x.map((v, i) => w[i] * (v - a[i])),
      constraints: (x) =>
        Float64Array.from(
          rows,
          (row, k) => unit * (row.reduce((sum, v, i) => sum + v * x[i], 0) - Number(k === 0)),
        ),
      jacobian: () =>
        denseMatrix(
          rows.flat().map((v) => unit * v),
          3,
          4,
        ),
      hessianLagrangian: () =>
        denseMatrix(
          Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? w[k >> 2] : 0)),
          4,
          4,
        ),
    };
    for (const termination of ["adaptive", "two-tests"] as const) {
      const options = { method: "sqp-l1", termination, tolerance: 1e-9 * unit } as const;
      const { status, x, counts } = await minimizeEquality(problem, new Float64Array(4), options);
      expect(status).toBe("converged");
      expect(counts.innerSteps).toBeLessThanOrEqual(70); // 10 Krylov steps an unknown
      [s, s, 1 / 2 - s, 1 / 2 - s].forEach((value, i) => {
        expect(x[i]).toBeCloseTo(value, 9);
      });
    }
  },
);

/** min k (|x|^2 - 1) - x_1 on the unit circle: (1, 0), the multiplier 1/2 - k (Powell 1987, of Maratos' effect). */
const circle = (k: number): EqualityProblem => ({
  dimension: 2,
  constraintCount: 1,
  value: ([a, b]) => k * (a * a + b * b - 1) - a,
  gradient: ([a, b]) => Float64Array.of(2 * k * a - 1, 2 * k * b),
  constraints: ([a, b]) => Float64Array.of(a * a + b * b - 1),
  jacobian: ([a, b]) => denseMatrix([2 * a, 2 * b], 1, 2),
  hessianLagrangian: (_, [lambda]) => denseMatrix([2 * (k + lambda), 0, 0, 2 * (k + lambda)], 2, 2),
});

test.each(["adaptive", "two-tests"] as const)(
  "the Maratos effect: steps along a circle are corrected, not cut (%s)",
  async (termination) => {
    for (const k of [2, 100, 1000]) {
      const [problem, start] = [circle(k), Float64Array.of(0.1, Math.sqrt(0.99))];
      const lambda0 = Float64Array.of(0.5 - k);
      const options = { method: "sqp-l1", termination, tolerance: 1e-9, lambda0 } as const;
      const { status, x, lambda, iterations, history } = await minimizeEquality(problem, start, options);
      expect(status).toBe("converged");
      expect(iterations).toBeLessThanOrEqual(40);
      expect(x[0]).toBeCloseTo(1, 9);
      expect(x[1]).toBeCloseTo(0, 9);
      expect(lambda[0]).toBeCloseTo(0.5 - k, 8);
      for (const { merit, meritBefore } of history) expect(merit).toBeLessThanOrEqual(meritBefore);
    }
    const uncorrected = { method: "sqp-l1", termination, secondOrderCorrection: false } as const;
    const run = await minimizeEquality(circle(1000), Float64Array.of(0.1, Math.sqrt(0.99)), {
      ...uncorrected,
      lambda0: Float64Array.of(-999.5),
      tolerance: 1e-9,
    });
    expect(run.iterations).toBeGreaterThan(300);
  },
);

test("where a subproblem has no acceptable step, all figures are of the last point", async () => {
  const { problem, start } = equalityTestProblems.find(({ name }) => name === "HS40") ?? expect.fail();
  const run = await minimizeEquality(problem, start, { method: "augmented-lagrangian" });
  expect(run.status).toBe("no-acceptable-step");
  const G = await problem.jacobian(run.x);
  expect(run.smallestSingularValue / Math.min(...singularValues(G))).toBeCloseTo(1, 9);
  expect(run.value).toBe(await problem.value(run.x));
});

test("the multiplier method finds the optimum of HS77 and says where it does not", async () => {
  const run = (name: string) => {
    const entry =
      equalityTestProblems.find((candidate) => candidate.name === name) ?? equalityTestProblems[0];
    return minimizeEquality(entry.problem, entry.start, { method: "augmented-lagrangian" });
  };
  const found = await run("HS77");
  expect(found).toMatchObject({ status: "converged" });
  expect(found.value).toBeCloseTo(0.24150513, 4);
  // its first subproblem has no minimum: f + c^T c / 2 of HS40 falls without bound
  expect((await run("HS40")).status).toBe("no-acceptable-step");
});

test.each([1e12, 1e14, 1e16, 1e20])(
  "multipliers for a convex quadratic whose curvatures are %d, 1 and 100: the closed form",
  async (largest) => {
    // f = sum_i d_i x_i^2 / 2 + g_i x_i on a^T x = 1: x_i = -(g_i + lambda a_i) / d_i
    const d = Float64Array.of(largest, 1, 100);
    const a = Float64Array.of(0.5 * Math.sqrt(largest), 1, 3);
    const g = Float64Array.of(0.3 * Math.sqrt(largest), -0.4, 1);
    const sum = (of: (i: number) => number) => of(0) + of(1) + of(2);
    const lambda = -(1 + sum((i) => (a[i] * g[i]) / d[i])) / sum((i) => a[i] ** 2 / d[i]);
    const problem: EqualityProblem = {
      ...{ dimension: 3, constraintCount: 1 },
      value: (x) => sum((i) => (d[i] * x[i] ** 2) / 2 + g[i] * x[i]),
      gradient: (x) => x.map((v, i) => d[i] * v + g[i]),
      constraints: (x) => Float64Array.of(sum((i) => a[i] * x[i]) - 1),
      jacobian: () => denseMatrix(a, 1, 3),
      hessianLagrangian: () =>
        denseMatrix(
          Array.from({ length: 9 }, (_, k) => (k % 4 === 0 ? d[k >> 2] : 0)),
          3,
          3,
        ),
    };
    const { status, x } = await minimizeEquality(problem, new Float64Array(3), {
      method: "augmented-lagrangian",
    });
    expect(status).toBe("converged");
    x.forEach((value, i) => {
      expect(value * Math.sqrt(d[i])).toBeCloseTo(-(g[i] + lambda * a[i]) / Math.sqrt(d[i]), 3);
    });
  },
);

test.each([
  [1, 1, 0],
  [1, 1, 1e8],
  [1, 1e-2, 0],
  [1e-6, 1e-2, 1e8],
  [1e-3, 100, 0],
  [1e3, 100, -1e8],
  [1e6, 1, 0],
])(
  "multipliers for a quadratic in the unit %d, constraints in %d, an offset of %d",
  async (unit, one, offset) => {
    // f = unit (offset + sum_i w_i (x_i - a_i)^2 / 2),  x1 + x2 + x3 + x4 = 1 and x1 = x2
    const [w, a] = [
      [1, 3, 0.5, 20],
      [2, -1, 0.5, 1],
    ];
    const rows = [
      [1, 1, 1, 1],
      [1, -1, 0, 0],
    ];
    const problem: EqualityProblem = {
      dimension: 4,
      constraintCount: 2,
      value: (x) => unit * (offset + x.reduce((sum, v, i) => sum + (w[i] * (v - a[i]) ** 2) / 2, 0)),
      gradient: (x) => x.map((v, i) => unit * w[i] * (v - a[i])),
      constraints: (x) =>
        Float64Array.from(
          rows,
          (row, k) => one * (row.reduce((s, v, i) => s + v * x[i], 0) - Number(k === 0)),
        ),
      jacobian: () =>
        denseMatrix(
          rows.flat().map((v) => one * v),
          2,
          4,
        ),
      hessianLagrangian: () =>
        denseMatrix(
          Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? unit * w[k >> 2] : 0)),
          4,
          4,
        ),
    };
    const tolerance = 1e-7 * Math.min(unit, one);
    const found = await minimizeEquality(problem, new Float64Array(4), {
      method: "augmented-lagrangian",
      tolerance,
    });
    expect(found.status).toBe("converged");
    // x - a = -(lambda1 (1, 1, 1, 1) + lambda2 (1, -1, 0, 0)) / w: by hand with lambda1 = 0, lambda2 = 9/4
    [-1 / 4, -1 / 4, 1 / 2, 1].forEach((value, i) => {
      expect(found.x[i]).toBeCloseTo(value, 5);
    });
    expect(found.lambda[1] / ((unit * 9) / 4 / one)).toBeCloseTo(1, 5);
    expect(found.counts.hessian).toBeLessThan(60);
  },
);

test("a penalty that only adds rounding ends the multiplier method", async () => {
  const { problem, start } =
    equalityTestProblems.find(({ name }) => name === "HS77") ?? equalityTestProblems[0];
  const { status, kkt, iterations } = await minimizeEquality(problem, start, {
    method: "augmented-lagrangian",
    tolerance: 1e-30,
  });
  expect(status).toBe("no-acceptable-step");
  expect(kkt).toBeLessThan(1e-11);
  expect(iterations).toBeLessThan(60);
});

test("the l1 model is that of its formula", async () => {
  const { problem, start } = equalityTestProblems[1]; // HS7: n = 2, m = 1
  const counts = { objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 };
  const point = await pointAt(problem, start, Float64Array.of(0), counts, 0);
  // at (2, 2): grad f = (0.8, -1), c = 25 + 4 - 4 = 25, G = (40, 4); p = (-0.5, 1): G p + c = 9
  const model = l1Model(point, Float64Array.of(2, 0, 0, 4), Float64Array.of(-0.5, 1));
  expect(model.slope(3)).toBeCloseTo(-1.4 - 3 * 16, 12);
  // reduction 1.4 - 2.25 + 16 mu against sigma mu max(25, -16)
  expect(model.sufficient(1, 0.6)).toBe(true);
  expect(model.sufficient(1, 0.61)).toBe(false);
  expect(model.raised(0.01, 0.1)).toBeCloseTo((-1.4 + 2.25) / (0.9 * 16), 12);
});

test.each([
  // c = 1, G p + c = 1.5: reduction 1 - 0.5 against sigma max(1, 0.5)
  [0.5, 0.5],
  // c = 1, G p + c = 3: reduction 4 - 2 against sigma max(1, 2)
  [2, 1],
])("a step of %s that raises the violation needs a reduction by its growth", (step, most) => {
  const one = (x: number) => Float64Array.of(x);
  const point = {
    x: one(0),
    lambda: one(0),
    value: 0,
    gradient: one(-2),
    constraints: one(1),
    jacobian: one(1),
  };
  const model = l1Model({ ...point, lagrangianGradient: one(-2), kkt: Math.sqrt(5) }, one(0), one(step));
  expect(model.sufficient(1, most)).toBe(true);
  expect(model.sufficient(1, most + 0.01)).toBe(false);
});

test.each(["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"] as const)(
  "%s counts as often as the problem is called",
  async (method) => {
    const { problem, start } =
      equalityTestProblems.find(({ name }) => name === "HS77") ?? equalityTestProblems[0];
    const calls = { objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 };
    const counted =
      <A extends readonly unknown[], R>(what: keyof typeof calls, compute: (...given: A) => R) =>
      (...given: A): R => {
        calls[what] += 1;
        return compute(...given);
      };
    const { hessianLagrangian } = problem;
    if (!hessianLagrangian) throw new Error("the test problem must have a Hessian");
    const { counts } = await minimizeEquality(
      {
        ...problem,
        value: counted("objective", problem.value),
        constraints: counted("constraints", problem.constraints),
        gradient: counted("gradient", problem.gradient),
        jacobian: counted("jacobian", problem.jacobian),
        hessianLagrangian: counted("hessian", hessianLagrangian),
      },
      start,
      { method },
    );
    expect(calls.hessian).toBeGreaterThan(1);
    expect(counts).toMatchObject(calls);
  },
);

describe.each<[string, (options: ConstrainedOptions) => Method<ConstrainedIterate>]>([
  ["sqpL1", (options) => sqpL1(equalityTestProblems[12].problem, equalityTestProblems[12].start, options)],
  [
    "augmentedLagrangian",
    (options) =>
      augmentedLagrangian(equalityTestProblems[12].problem, equalityTestProblems[12].start, options),
  ],
])("%s", (_, method) => {
  const all = async (options: ConstrainedOptions) => {
    const iterates: ConstrainedIterate[] = [];
    for await (const iterate of method(options)) iterates.push(iterate);
    return iterates;
  };
  test("resumes bit for bit from a checkpoint", async () => {
    const whole = await all({});
    const { iteration, state } = whole[2];
    const resume = { iteration, state: parseCheckpoint(serializeCheckpoint(state)) as ConstrainedState };
    expect((await all({ resume })).map(({ x }) => x)).toEqual(whole.slice(2).map(({ x }) => x));
  });
  test("ends at its limit of iterations", async () => {
    expect((await all({ maxIterations: 1 })).at(-1)?.status).toBe("max-iterations");
  });
});

test.each<[MinimizeEqualityOptions, string]>([
  [{ method: "sqp-l1", penalty: 0 }, "penalty must be in (0, 1e8), got 0"],
  [{ method: "sqp-l1", restart: 0 }, "restart must be a positive integer, got 0"],
  [{ method: "sqp-l1", tolerance: -1 }, "tolerance must be a positive number, got -1"],
  [{ method: "augmented-lagrangian", penalty: -1 }, "penalty must be a positive number, got -1"],
  [
    { method: "augmented-lagrangian", maxSubproblemSteps: 0 },
    "maxSubproblemSteps must be a positive integer, got 0",
  ],
])("%o is refused", async (options, message) => {
  const { problem, start } = equalityTestProblems[0];
  await expect(minimizeEquality(problem, start, options)).rejects.toThrow(ArgumentError);
  await expect(minimizeEquality(problem, start, options)).rejects.toThrow(message);
});
