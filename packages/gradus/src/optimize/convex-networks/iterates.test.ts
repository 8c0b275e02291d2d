import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import type { SplittingState } from "./admm-state.ts";
import { certifyNetwork } from "./certificate.ts";
import { type ConvexNetworkOptions, convexNetworkIterates } from "./iterates.ts";
import { networkObjective } from "./network.ts";
import { enumeratePatterns, samplePatterns } from "./patterns.ts";
import type { NetworkProblem } from "./problem.ts";
import { refinedNetworkIterates } from "./refined-iterates.ts";
import { normalRows, signs } from "./test-support.ts";

const problemOf = (loss: "squared" | "logistic" | "hinge", seed: number, beta = 0.1) => {
  const { x, y } = normalRows(8, 2, seed);
  return { x, y: loss === "squared" ? y : signs(y), loss, beta, intercept: false } satisfies NetworkProblem;
};

const run = (
  problem: NetworkProblem,
  options: Partial<ConvexNetworkOptions> = {},
  maxIterations = 10_000,
) => {
  const { patterns = enumeratePatterns(problem.x) } = options;
  return solve(convexNetworkIterates({ ...problem, ...options, patterns }), { maxIterations });
};

describe("the exact program in the plane", () => {
  test.each(["squared", "logistic"] as const)(
    "%s: the proved lower bound meets the network's objective",
    async (loss) => {
      for (const seed of [3, 4]) {
        const problem = problemOf(loss, seed);
        const { iterate } = await run(problem, { rho: 0.2 });
        const certificate = certifyNetwork(problem, iterate.network, { dual: iterate.dual });
        expect(certificate.kind).toBe("proved");
        expect(certificate.gap).toBeGreaterThan(-1e-9);
        expect(certificate.relativeGap).toBeLessThan(1e-3);
        expect(Math.abs(networkObjective(problem, iterate.network) - iterate.objective)).toBeLessThan(1e-4);
      }
    },
  );

  test("the hinge too, whose dual comes from the method", async () => {
    const problem = problemOf("hinge", 5);
    const { iterate } = await run(problem, { rho: 0.2, relaxation: 1.6 });
    const { relativeGap } = certifyNetwork(problem, iterate.network, { dual: iterate.dual });
    expect(relativeGap).toBeGreaterThan(-1e-9);
    expect(relativeGap).toBeLessThan(0.01);
  });

  test.each([-5, -2, 3, 5])(
    "targets and beta in the unit 16^%d have the same iterates in that unit",
    async (power) => {
      const unit = 16 ** power;
      const problem = problemOf("squared", 6);
      const [plain, scaled] = [
        await run(problem, { tolerance: 1e-300 }, 300),
        await run(
          { ...problem, y: problem.y.map((value) => value * unit), beta: 0.1 * unit },
          { tolerance: 1e-300 },
          300,
        ),
      ];
      // every operation is a linear one, and powers of two cost no digits
      expect(scaled.iterate.objective).toBe(plain.iterate.objective * unit * unit);
      expect(scaled.iterate.weights.positive.values.map((value) => value / unit)).toEqual(
        plain.iterate.weights.positive.values,
      );
    },
  );

  test("refined directions reach the same optimum by other means", async () => {
    const problem = problemOf("squared", 6);
    const [admm, refined] = [
      await run(problem, { rho: 0.2 }),
      await solve(refinedNetworkIterates({ ...problem, tolerance: 1e-8 }), { maxIterations: 200 }),
    ];
    expect(refined.iterate.certificate.relativeGap).toBeLessThan(1e-8);
    expect(Math.abs(admm.iterate.objective / refined.iterate.objective - 1)).toBeLessThan(1e-5);
  });

  test("block coordinate descent comes to the same value", async () => {
    for (const loss of ["squared", "logistic"] as const) {
      const problem = problemOf(loss, 7);
      const exact = await run(problem, { rho: 0.2 });
      const blocks = await run(problem, { rho: 0.2, update: "block-coordinate", seed: 1 }, 200);
      expect(Math.abs(blocks.iterate.objective / exact.iterate.objective - 1)).toBeLessThan(5e-3);
    }
  });

  test("more patterns never raise the optimum", async () => {
    const { x, y } = normalRows(15, 3, 8);
    const problem = { x, y, beta: 0.5, intercept: false };
    const values: number[] = [];
    for (const count of [3, 9, 27]) {
      const patterns = samplePatterns(x, { count, seed: 1 });
      values.push((await run(problem, { patterns, relaxation: 1.6 }, 4000)).iterate.objective);
    }
    expect(values[1]).toBeLessThan(values[0] + 1e-4);
    expect(values[2]).toBeLessThan(values[1] + 1e-4);
  });
});

test("y to c y and beta to c beta scale the optimum by c^2", async () => {
  const problem = problemOf("squared", 9);
  const scaled = { ...problem, y: problem.y.map((value) => 3 * value), beta: 3 * problem.beta };
  const [one, three] = [await run(problem, { rho: 0.3 }), await run(scaled, { rho: 0.3 })];
  expect(Math.abs(three.iterate.objective / (9 * one.iterate.objective) - 1)).toBeLessThan(1e-5);
});

test.each([2 ** -20, 2 ** -40])(
  "y and beta times %d give the same least objective, times its square",
  async (unit) => {
    const problem = problemOf("squared", 9);
    const scaled = { ...problem, y: problem.y.map((value) => unit * value), beta: unit * problem.beta };
    const [one, small] = [await run(problem, { rho: 0.1 }), await run(scaled)];
    expect(small.iterate.objective / unit ** 2 / one.iterate.objective).toBeCloseTo(1, 6);
  },
);

test("the network is 0 from beta = max |y^T (X u)_+| on, and not just below", async () => {
  const problem = problemOf("squared", 10);
  const zero = {
    hidden: { rows: 2, columns: 1, values: new Float64Array(2) },
    biases: Float64Array.of(0),
    outputs: Float64Array.of(0),
  };
  const { overshoot } = certifyNetwork(problem, zero);
  const threshold = overshoot * problem.beta;
  const lossAtZero = problem.y.reduce((sum, value) => sum + (value * value) / 2, 0);
  const above = await run({ ...problem, beta: 1.01 * threshold });
  expect(above.iterate.activeBlocks).toBe(0);
  expect(above.iterate.objective).toBeCloseTo(lossAtZero, 10);
  const below = await run({ ...problem, beta: 0.97 * threshold });
  expect(below.iterate.activeBlocks).toBeGreaterThan(0);
  expect(below.iterate.objective).toBeLessThan(lossAtZero);
});

test.each([
  ["exact", "squared"],
  ["exact", "hinge"],
  ["block-coordinate", "logistic"],
] as const)("%s, %s: a run resumes bit for bit, through text", async (update, loss) => {
  const problem = problemOf(loss, 11);
  const options = { update, balance: true, seed: 4 } as const;
  const whole = await run(problem, options, 30);
  const half = await run(problem, options, 15);
  const { iteration, state } = half.iterate;
  const resume = parseCheckpoint(serializeCheckpoint({ iteration, state })) as {
    iteration: number;
    state: SplittingState;
  };
  const resumed = await run(problem, { ...options, resume }, 30);
  expect(resumed.iterate.state).toStrictEqual(whole.iterate.state);
});

test("what does not fit is refused, with what was wanted", async () => {
  const problem = problemOf("logistic", 1);
  const patterns = enumeratePatterns(problem.x);
  const start = (changes: object) => () => convexNetworkIterates({ ...problem, patterns, ...changes });
  expect(start({ beta: 0 })).toThrow("beta must be a positive number, got 0");
  expect(start({ rho: -1 })).toThrow("rho must be a positive number, got -1");
  expect(start({ relaxation: 2 })).toThrow("relaxation must be in (0, 2), got 2");
  expect(start({ loss: "l1" })).toThrow('loss must be "squared", "logistic" or "hinge", got "l1"');
  expect(start({ y: problem.y.map((_, k) => k) })).toThrow("y must be -1 or 1, got 0 in row 0");
  expect(start({ y: [1] })).toThrow("y must have 8 numbers, got 1");
  expect(start({ loss: "hinge", update: "block-coordinate" })).toThrow(
    'needs a loss with a gradient, got "hinge"',
  );
  expect(start({ intercept: 1 })).toThrow("intercept must be true or false, got 1");
  expect(start({ x: { rows: 0, columns: 2, values: new Float64Array(0) }, y: [] })).toThrow(
    "at least one row",
  );
  expect(start({ stepsize: 1 })).toThrow('convexNetworkIterates has no option "stepsize"');
  const values = problem.x.values.slice();
  values[3] = Number.NaN;
  expect(start({ x: { ...problem.x, values } })).toThrow("x must be finite, got NaN in row 1, column 1");
  const { iterate } = await run(problem, {}, 2);
  expect(start({ patterns: samplePatterns(problem.x, { count: 3 }), resume: iterate })).toThrow(
    "resume must be a state of this problem",
  );
  await expect(run(problem, { signal: AbortSignal.abort(new Error("closed")) })).rejects.toThrow("closed");
});

test("columns of zeros change nothing but get weights of 0", async () => {
  const { x, y } = normalRows(10, 2, 12);
  const wide = { rows: 10, columns: 4, values: new Float64Array(40) };
  for (let k = 0; k < 10; k++) {
    wide.values[4 * k] = x.values[2 * k];
    wide.values[4 * k + 2] = x.values[2 * k + 1];
  }
  const patterns = enumeratePatterns(x);
  const narrow = await run({ x, y, beta: 0.2, intercept: false }, { patterns }, 300);
  const padded = await run({ x: wide, y, beta: 0.2, intercept: false }, { patterns }, 300);
  expect(padded.iterate.objective).toBe(narrow.iterate.objective);
  const { hidden } = padded.iterate.network;
  expect(hidden.rows).toBe(4);
  for (const row of [1, 3])
    expect(
      hidden.values.subarray(row * hidden.columns, (row + 1) * hidden.columns).every((w) => w === 0),
    ).toBe(true);
});
