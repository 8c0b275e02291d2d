import { describe, expect, test } from "vitest";
import { huberLoss } from "../losses/huber.ts";
import { binaryLogisticLoss } from "../losses/logistic.ts";
import { squaredLoss } from "../losses/squared.ts";
import { exponentialStepSize } from "../train/schedules/exponential-step-size.ts";
import { sgdRule, stochasticDescent, svrg } from "./baselines.ts";
import { batchObjective } from "./batch-objective.ts";
import { targetAdagrad, targetLineSearch } from "./eta.ts";
import { innerArmijo } from "./inner/armijo.ts";
import { innerExact } from "./inner/exact.ts";
import { innerGradientDescent } from "./inner/gradient-descent.ts";
import { linearTargets } from "./linear-targets.ts";
import { sso } from "./sso.ts";
import { targetSurrogate } from "./surrogate.ts";
import { targetLoss } from "./target-loss.ts";
import { targetProblem } from "./target-problem.ts";
import { counting, random, steps, worked, workedProblem } from "./test-support.ts";

const zero = new Float64Array(2);

/** 40 rows, 6 features, noisy labels. */
function random40() {
  const x = random(240, "x");
  const labels = random(40, "labels").map((z) => (z > 0 ? 1 : 0));
  return {
    model: linearTargets({ rows: 40, columns: 6, values: x }),
    loss: targetLoss(binaryLogisticLoss, labels),
  };
}

test.each([3, 12])(
  "%i inner steps on a batch of many entries are those of loops over the rows",
  async (count) => {
    const [rows, columns, eta, stepSize] = [80, 60, 4, 0.05];
    const values = random(rows * columns, "many");
    const labels = random(rows, "many labels").map((z) => (z > 0 ? 1 : 0));
    const problem = targetProblem(
      linearTargets({ rows, columns, values }),
      targetLoss(binaryLogisticLoss, labels),
    );
    const start = random(columns, "start");
    const inner = innerGradientDescent({ stepSize });
    const [, after] = await steps(problem, start, 1, { eta, innerSteps: count, inner });
    const product = (theta: Float64Array) =>
      Float64Array.from({ length: rows }, (_, i) =>
        theta.reduce((sum, value, k) => sum + values[i * columns + k] * value, 0),
      );
    const targets = product(start);
    const slopes = targets.map((t, i) => 1 / (1 + Math.exp(-t)) - labels[i]);
    let theta = start.slice();
    for (let step = 0; step < count; step++) {
      const moved = product(theta);
      theta = theta.map((value, k) => {
        let sum = 0;
        for (let i = 0; i < rows; i++)
          sum += values[i * columns + k] * (slopes[i] + (moved[i] - targets[i]) / eta);
        return value - (stepSize * sum) / rows;
      });
    }
    for (let k = 0; k < columns; k++) expect(after.theta[k]).toBeCloseTo(theta[k], 12);
  },
);

test("the exact step on a batch of many entries solves its normal equations, which conjugate gradients do too", async () => {
  const [rows, columns, eta] = [80, 60, 4];
  const values = random(rows * columns, "many");
  const labels = random(rows, "many labels").map((z) => (z > 0 ? 1 : 0));
  const problem = targetProblem(
    linearTargets({ rows, columns, values }),
    targetLoss(binaryLogisticLoss, labels),
  );
  const start = new Float64Array(columns);
  for (const inner of ["exact", "conjugateGradient"] as const) {
    const [, after] = await steps(problem, start, 1, { eta, innerSteps: 200, inner });
    // X^T (g + X theta / eta) = 0, with the slopes g = 1/2 - y at 0
    const rest = Float64Array.from({ length: rows }, (_, i) => {
      const target = after.theta.reduce((sum, value, k) => sum + values[i * columns + k] * value, 0);
      return 0.5 - labels[i] + target / eta;
    });
    for (let k = 0; k < columns; k++)
      expect(rest.reduce((sum, value, i) => sum + values[i * columns + k] * value, 0)).toBeCloseTo(0, 6);
  }
});

describe("the worked example of the specification (eta = 4)", () => {
  const value = async (theta: Float64Array) => batchObjective(await workedProblem.at(0, theta)).value(theta);
  const surrogate = async () => targetSurrogate(await workedProblem.at(0, zero), zero, { eta: 4 });

  test("gradient of the surrogate and of the loss where they touch", async () => {
    const { gradient } = await batchObjective(await workedProblem.at(0, zero)).valueAndGradient(zero);
    expect([...gradient]).toEqual([expect.closeTo(-1 / 3, 12), expect.closeTo(1 / 6, 12)]);
    expect([...(await (await surrogate()).gradient(zero))]).toEqual([...gradient]);
    expect(await (await surrogate()).value(zero)).toBeCloseTo(Math.log(2), 12);
  });

  test.each([
    [1, [0.754322, -0.377161], 0.43219, 0.431072],
    [5, [2.083208, -0.779515], 0.22174, 0.182828],
  ])("%d steps of 1/beta", async (innerSteps, theta, s, h) => {
    const [, after] = await steps(workedProblem, zero, 1, { eta: 4, innerSteps, inner: "gradientDescent" });
    expect([...after.theta]).toEqual(theta.map((value) => expect.closeTo(value, 6)));
    expect(await (await surrogate()).value(after.theta)).toBeCloseTo(s, 6);
    expect(await value(after.theta)).toBeCloseTo(h, 6);
  });

  test.each(["exact", "conjugateGradient", "gaussNewton", "lbfgs"] as const)("%s, twice", async (inner) => {
    const [, once, twice] = await steps(workedProblem, zero, 2, { eta: 4, innerSteps: 30, inner });
    expect([...once.theta]).toEqual([expect.closeTo(2.444444, 5), expect.closeTo(-0.888889, 5)]);
    expect(await (await surrogate()).value(once.theta)).toBeCloseTo(0.211666, 6);
    expect([...twice.theta]).toEqual([expect.closeTo(3.060234, 5), expect.closeTo(-1.103943, 5)]);
    expect(await value(twice.theta)).toBeCloseTo(0.094117, 6);
  });

  test("Armijo's inner search ends where the exact solver does", async () => {
    const [, after] = await steps(workedProblem, zero, 1, { eta: 4, innerSteps: 500, inner: "armijo" });
    expect([...after.theta]).toEqual([expect.closeTo(22 / 9, 4), expect.closeTo(-8 / 9, 4)]);
    expect(after.inner).toBe("converged");
  });
});

describe("what the surrogate promises", () => {
  test("on all rows the loss never increases, and its gradients fall as 2 beta (h_0 - h*) / T", async () => {
    const { model, loss } = random40();
    const problem = targetProblem(model, loss);
    const long = await steps(problem, new Float64Array(6), 400, { inner: "exact" });
    const lowest = long.at(-1)?.batchLoss ?? Number.NaN;
    const seen = await steps(problem, new Float64Array(6), 60, { innerSteps: 5, inner: "gradientDescent" });
    const losses = seen.slice(1).map(({ batchLoss }) => Number(batchLoss));
    for (let t = 1; t < losses.length; t++) expect(losses[t]).toBeLessThanOrEqual(losses[t - 1] + 1e-12);
    const gram = model.on().design?.gram(new Float64Array(40).fill(1 / 40)) ?? new Float64Array();
    const trace = [0, 1, 2, 3, 4, 5].reduce((sum, j) => sum + gram[j * 7], 0); // an upper bound of lambda_max
    const least = Math.min(...seen.slice(1).map(({ batchGradientNorm }) => Number(batchGradientNorm) ** 2));
    expect(least).toBeLessThanOrEqual(((2 * trace) / 4) * ((losses[0] - lowest) / 60));
  });

  test("one inner step with a constant step is stochastic gradient descent", async () => {
    const { model, loss } = random40();
    const problem = targetProblem(model, loss, { batchSize: 7, seed: 3 });
    const inner = innerGradientDescent({ stepSize: 0.3 });
    const surrogate = await steps(problem, new Float64Array(6), 25, { innerSteps: 1, inner, eta: 2 });
    const plain = stochasticDescent(problem, new Float64Array(6), sgdRule(0.3));
    for (const { theta } of surrogate) {
      const next = await plain.next();
      const reference = next.done ? zero : next.value.theta;
      theta.forEach((entry, k) => {
        expect(Math.abs(entry - reference[k])).toBeLessThanOrEqual(1e-12);
      });
    }
  });

  test("squared loss, eta = 1 and an exact solver: least squares in one call", async () => {
    const x = random(60, "x");
    const y = random(20, "y");
    const problem = targetProblem(
      linearTargets({ rows: 20, columns: 3, values: x }),
      targetLoss(squaredLoss, y),
    );
    const [, once, twice] = await steps(problem, new Float64Array(3), 2, { inner: "exact" });
    expect(twice.batchGradientNorm).toBeLessThan(1e-14);
    expect(once.counts).toMatchObject({ oracleCalls: 1, innerSteps: 1 });
  });

  test("the two-point example: restricted to the batch it goes to 3/8, on all rows to 0", async () => {
    const model = linearTargets({ rows: 2, columns: 1, values: Float64Array.of(1, 2) });
    const end = async (domain: "batch" | "full") => {
      const problem = targetProblem(model, targetLoss(squaredLoss, [1, -0.5]), {
        batchSize: 1,
        replacement: true,
        seed: 5,
      });
      const eta = exponentialStepSize(1, 4000);
      const seen = await steps(problem, new Float64Array(1), 4000, { inner: "exact", domain, eta });
      return seen.at(-1)?.theta[0];
    };
    expect(await end("batch")).toBeCloseTo(0.375, 1);
    expect(await end("full")).toBeCloseTo(0, 1);
  });
});

test.each([
  ["batch", 3, [16, 16, 8]],
  ["skip", 2, [16, 16, 16]],
] as const)("rows left over at an epoch's end: %s", async (leftover, batchesPerEpoch, lengths) => {
  const { model, loss } = random40();
  const problem = targetProblem(model, loss, { batchSize: 16, leftover });
  const batches = await Promise.all([0, 1, 2].map((t) => problem.at(t, new Float64Array(6))));
  expect(problem.batchesPerEpoch).toBe(batchesPerEpoch);
  expect(batches.map(({ rowNumbers }) => rowNumbers?.length)).toEqual(lengths);
});

test("a batch is the same however often and in whatever order it is asked for", async () => {
  const { model, loss } = random40();
  const rowsAt = async (order: readonly number[]) => {
    const problem = targetProblem(model, loss, { batchSize: 7, seed: 2 });
    const seen = new Map<number, readonly number[]>();
    for (const t of order) {
      const rows = Array.from((await problem.at(t, new Float64Array(6))).rowNumbers ?? []);
      expect(seen.get(t) ?? rows).toEqual(rows);
      seen.set(t, rows);
    }
    return [0, 1, 2, 7].map((t) => seen.get(t));
  };
  const once = await rowsAt([0, 1, 2, 7]);
  expect(await rowsAt([0, 0, 1, 1, 2, 1, 2, 7, 0, 7, 7])).toEqual(once);
});

describe("calls of the oracle", () => {
  test.each(["armijo", "exact", "conjugateGradient", "gaussNewton", "lbfgs", "gradientDescent"] as const)(
    "%s: one gradient an outer step, no values",
    async (inner) => {
      const loss = counting(worked.loss);
      const seen = await steps(targetProblem(worked.model, loss), zero, 6, { inner, innerSteps: 4 });
      expect(loss.calls).toEqual({ gradients: 6, values: 0 });
      expect(seen.at(-1)?.counts.oracleCalls).toBe(6);
    },
  );

  test("a line search in target space takes values of the loss, and accepts an eta of at least 0.9/L", async () => {
    const { model, loss } = random40();
    const counted = counting(loss);
    const problem = targetProblem(model, counted, { batchSize: 10 });
    const seen = await steps(problem, new Float64Array(6), 12, {
      eta: targetLineSearch({ initial: 100 }),
      innerSteps: 3,
    });
    expect(counted.calls.gradients).toBe(12);
    expect(counted.calls.values).toBe(seen.at(-1)?.counts.lossValues);
    for (const { eta } of seen.slice(1)) expect(eta).toBeGreaterThanOrEqual(0.9 * 4);
  });

  test("AdaGrad's eta is eta_0 over the root of the sum of squares", async () => {
    const [, first] = await steps(workedProblem, zero, 1, { eta: targetAdagrad(2), inner: "exact" });
    expect(first.eta).toBeCloseTo(2 / (Math.sqrt(3 / 4) + 1e-6), 12); // g = (-1/2, 1/2, -1/2)
  });

  test("svrg makes two calls a step and a full gradient an epoch, and reaches the minimum of a noisy problem", async () => {
    const { model, loss } = random40();
    const problem = targetProblem(model, loss, { batchSize: 10 });
    const whole = targetProblem(model, loss);
    let last = new Float64Array(6);
    for await (const { theta, counts, iteration } of svrg(problem, whole, last, { stepSize: 0.5 })) {
      last = theta.slice();
      if (iteration === 8) expect(counts.oracleCalls).toBe(2 * 8 + 2 * 4);
      if (iteration === 2000) break;
    }
    const { gradient } = await batchObjective(await whole.at(0, last)).valueAndGradient(last);
    expect(Math.hypot(...gradient)).toBeLessThan(1e-6);
  });
});

describe("variants", () => {
  test.each([
    ["diagonal", "full"],
    ["diagonal", 20],
    ["newton", "full"],
    ["newton", 20],
  ] as const)("%s, batches of %s: half of the loss is gone", async (proximal, batchSize) => {
    const x = random(240, "x");
    const labels = Array.from({ length: 40 }, (_, i) => (x[6 * i] + x[6 * i + 1] > 0 ? 1 : 0));
    const model = linearTargets({ rows: 40, columns: 6, values: x });
    const loss = targetLoss(binaryLogisticLoss, labels);
    const problem = targetProblem(model, loss, { batchSize });
    const seen = await steps(problem, new Float64Array(6), 40, { proximal, eta: 0.3, inner: "exact" });
    const end = seen.at(-1)?.theta ?? zero;
    expect(await batchObjective(await targetProblem(model, loss).at(0, end)).value(end)).toBeLessThan(
      Math.log(2) / 2,
    );
  });

  test("Newton-like with eta = 1 on all rows is Newton's method", async () => {
    const { model, loss } = random40();
    const problem = targetProblem(model, loss);
    const seen = await steps(problem, new Float64Array(6), 8, { proximal: "newton", eta: 1, inner: "exact" });
    expect(seen.at(-1)?.batchGradientNorm).toBeLessThan(1e-10);
  });

  test("a Huber loss ends nearer to the truth than squares do beside an outlier", async () => {
    const values = Float64Array.from({ length: 20 }, () => 1);
    const y = new Float64Array(20);
    y[0] = 100;
    const model = linearTargets({ rows: 20, columns: 1, values });
    const seen = await steps(targetProblem(model, targetLoss(huberLoss(), y)), new Float64Array(1), 200, {
      inner: "exact",
    });
    expect(seen.at(-1)?.theta[0]).toBeCloseTo(1 / 19, 6); // 19 theta = 1
  });

  test("resumes bit for bit", async () => {
    const { model, loss } = random40();
    const problem = () => targetProblem(model, loss, { batchSize: 7, seed: 2 });
    const options = { eta: targetLineSearch(), proximal: "euclidean", inner: innerArmijo() } as const;
    const whole = await steps(problem(), new Float64Array(6), 20, options);
    const { iteration, state } = whole[9];
    const rest = await steps(problem(), new Float64Array(6), 20, {
      ...options,
      resume: { iteration, state },
    });
    expect(rest.at(-1)?.theta).toEqual(whole.at(-1)?.theta);
  });
});

describe("errors", () => {
  const wide = linearTargets({ rows: 1, columns: 2, values: Float64Array.of(1, 1) });

  test("options", () => {
    expect(() => sso(workedProblem, zero, { innerSteps: 0 })).toThrow(
      /innerSteps must be a positive integer/,
    );
    expect(() => sso(workedProblem, zero, { innerSteps: 1.5 })).toThrow(/innerSteps/);
    expect(() => sso(workedProblem, zero, { eta: Number.NaN })).toThrow(/eta must be a positive number/);
    expect(() => sso(workedProblem, zero, { eta: 0 })).toThrow(/eta/);
    expect(() => sso(workedProblem, new Float64Array(3), {})).toThrow(/theta0 must have 2 numbers/);
    const rough = { ...worked.loss, smoothness: undefined };
    expect(() => sso(targetProblem(worked.model, rough), zero)).toThrow(/line search in target space/);
  });

  test("data and shapes", () => {
    expect(() => targetProblem(worked.model, targetLoss(squaredLoss, [1, 2, 3, 4]))).toThrow(
      /\[3, 1\].*\[4, 1\]/,
    );
    expect(() => targetProblem(worked.model, worked.loss, { batchSize: 4 })).toThrow(
      /from 1 to n = 3, got 4/,
    );
    expect(() => worked.model.on(new Int32Array())).toThrow(/at least one row/);
    expect(() => targetLoss(squaredLoss, [1, 2, 3, Number.NaN], { outputs: 2 })).toThrow(
      /NaN in row 1, column 1/,
    );
    expect(() => targetLoss(binaryLogisticLoss, [0, 2])).toThrow(/labels must be 0 or 1, got 2 in row 1/);
  });

  test("a singular normal matrix: flagged, or refused when strict; the shortest solution", async () => {
    const problem = targetProblem(wide, targetLoss(squaredLoss, [3]));
    const [, once] = await steps(problem, zero, 1, { inner: "exact" });
    expect(once.rankDeficient).toBe(true);
    expect([...once.theta]).toEqual([expect.closeTo(1.5, 12), expect.closeTo(1.5, 12)]);
    await expect(steps(problem, zero, 1, { inner: innerExact({ strict: true }) })).rejects.toThrow(
      /singular/,
    );
  });

  test("what is not finite is reported with its place", async () => {
    const inner = innerGradientDescent({ stepSize: 1e300 });
    const problem = targetProblem(wide, targetLoss(squaredLoss, [3]));
    await expect(steps(problem, zero, 1, { inner, innerSteps: 3 })).rejects.toThrow(
      /outer step 0, inner step \d, step size 1e\+300/,
    );
  });

  test("a search that finds no step passes the batch over", async () => {
    const inner = innerArmijo({ initialStep: 10, minimalStep: 5 });
    const [, once] = await steps(workedProblem, zero, 1, { inner, eta: 0.01 });
    expect(once.inner).toBe("stalled");
    expect(once.theta).toEqual(zero);
  });
});
