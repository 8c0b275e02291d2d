import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { HostObjective } from "../../objectives/objective.ts";
import { quadratic } from "../../objectives/quadratic.ts";
import { rosenbrock } from "../../objectives/rosenbrock.ts";
import { moreGarbowHillstrom } from "../../objectives/test-problems/more-garbow-hillstrom.ts";
import { armijo } from "../line-search/armijo.ts";
import { minimize } from "../minimize.ts";
import { lbfgs } from "./lbfgs.ts";
import { lbfgsb } from "./lbfgsb.ts";

function objectiveOf(
  dimension: number,
  value: (x: Float64Array) => number,
  gradient: (x: Float64Array) => number[],
): HostObjective {
  const gradientAt = (x: Float64Array) => Float64Array.from(gradient(x));
  return {
    dimension,
    value,
    gradient: gradientAt,
    valueAndGradient: (x) => ({ value: value(x), gradient: gradientAt(x) }),
  };
}

const { POSITIVE_INFINITY: open } = Number;

/** Hock & Schittkowski 1981, the problems with bounds alone: objective, start, bounds, known minimum. */
const hockSchittkowski: readonly [string, HostObjective, number[], number[], number[], number][] = [
  ["1", rosenbrock(2), [-2, 1], [-open, -1.5], [open, open], 0],
  ["2", rosenbrock(2), [-2, 1], [-open, 1.5], [open, open], 4.941229318],
  [
    "3",
    objectiveOf(
      2,
      ([a, b]) => b + 1e-5 * (b - a) ** 2,
      ([a, b]) => [-2e-5 * (b - a), 1 + 2e-5 * (b - a)],
    ),
    [10, 1],
    [-open, 0],
    [open, open],
    0,
  ],
  [
    "4",
    objectiveOf(
      2,
      ([a, b]) => (a + 1) ** 3 / 3 + b,
      ([a]) => [(a + 1) ** 2, 1],
    ),
    [1.125, 0.125],
    [1, 0],
    [open, open],
    8 / 3,
  ],
  [
    "5",
    objectiveOf(
      2,
      ([a, b]) => Math.sin(a + b) + (a - b) ** 2 - 1.5 * a + 2.5 * b + 1,
      ([a, b]) => [Math.cos(a + b) + 2 * (a - b) - 1.5, Math.cos(a + b) - 2 * (a - b) + 2.5],
    ),
    [0, 0],
    [-1.5, -3],
    [4, 3],
    -Math.sqrt(3) / 2 - Math.PI / 3,
  ],
  [
    "25",
    objectiveOf(
      3,
      (x) => moreGarbowHillstrom.gulfResearch().objective.value(x),
      (x) => [...moreGarbowHillstrom.gulfResearch().objective.gradient(x)],
    ),
    [20, 20, 1],
    [0.1, 0, 0],
    [100, 25.6, 5],
    0,
  ],
  ["38", moreGarbowHillstrom.wood().objective, [-3, -1, -3, -1], [-10, -10, -10, -10], [10, 10, 10, 10], 0],
  [
    "45",
    objectiveOf(
      5,
      (x) => 2 - x.reduce((product, xj) => product * xj, 1) / 120,
      (x) => [...x].map((_, j) => -x.reduce((product, xk, k) => (k === j ? product : product * xk), 1) / 120),
    ),
    [2, 2, 2, 2, 2],
    [0, 0, 0, 0, 0],
    [1, 2, 3, 4, 5],
    1,
  ],
];

test.each(hockSchittkowski)(
  "problem %s of Hock and Schittkowski, within its bounds all the way",
  async (_, objective, start, lower, upper, minimum) => {
    const { value, status } = await minimize(objective, Float64Array.from(start), {
      method: lbfgsb,
      lower,
      upper,
      gradientTolerance: 1e-7,
      onIterate: ({ x }) =>
        x.forEach((xj, j) => {
          expect(xj).toBeGreaterThanOrEqual(lower[j]);
          expect(xj).toBeLessThanOrEqual(upper[j]);
        }),
    });
    expect(["converged", "precision-limit"]).toContain(status);
    expect(Math.abs(value - minimum)).toBeLessThan(1e-6);
  },
);

test("a quadratic in a box ends where the KKT conditions hold, with many bounds active", async () => {
  const n = 60;
  const R = gaussianNumbers(3, n * n);
  const Q = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) Q[i * n + j] += R[k * n + i] * R[k * n + j];
      if (i === j) Q[i * n + j] += 1;
    }
  const f = quadratic(
    { rows: n, columns: n, values: Q },
    gaussianNumbers(4, n).map((b) => 30 * b),
  );
  const { x, status } = await minimize(f, new Float64Array(n), {
    method: lbfgsb,
    lower: -0.2,
    upper: 0.2,
    gradientTolerance: 1e-9,
    maxIterations: 2000,
  });
  expect(status).toBe("converged");
  const g = f.gradient(x);
  let active = 0;
  for (let j = 0; j < n; j++) {
    if (Math.abs(x[j]) === 0.2) active += 1;
    if (x[j] === 0.2) expect(g[j]).toBeLessThanOrEqual(1e-8);
    else if (x[j] === -0.2) expect(g[j]).toBeGreaterThanOrEqual(-1e-8);
    else expect(Math.abs(g[j])).toBeLessThan(1e-8);
  }
  expect(active).toBeGreaterThan(n / 4);
  expect(active).toBeLessThan(n);
});

test("without bounds it makes the steps of L-BFGS, up to rounding", async () => {
  const y = Int32Array.from({ length: 80 }, (_, i) => (i % 3 === 0 ? -1 : 1));
  const f = logisticRegression({ rows: 80, columns: 6, values: gaussianNumbers(5, 480) }, y);
  const limits = { maxIterations: 6, gradientTolerance: 0 };
  const bounded = await minimize(f, new Float64Array(6), { method: lbfgsb, ...limits });
  const plain = await minimize(f, new Float64Array(6), { method: lbfgs, ...limits });
  expect(largestDifference(bounded.x, plain.x)).toBeLessThan(1e-10);
});

test("takes backtracking too, and moves a start outside into the box", async () => {
  const { x, value } = await minimize(rosenbrock(2), Float64Array.of(-5, 9), {
    method: lbfgsb,
    lower: 1.5,
    upper: 4,
    search: armijo,
  });
  // with x_1 >= 1.5 the minimum is (1.5, 2.25)
  expect(largestDifference(x, [1.5, 2.25])).toBeLessThan(1e-7);
  expect(value).toBeCloseTo(0.25, 12);
});

test("bounds that do not fit are refused", () => {
  const x0 = new Float64Array(2);
  expect(() => lbfgsb(rosenbrock(2), x0, { lower: [1, 2, 3] })).toThrow("lower must have 2 numbers, got 3");
  expect(() => lbfgsb(rosenbrock(2), x0, { lower: [0, 3], upper: 2 })).toThrow(
    "lower must be at most upper, got 3 and 2 at index 1",
  );
  expect(() => lbfgsb(rosenbrock(2), x0, { upper: Number.NaN })).toThrow("lower must be at most upper");
});

test("names the function that an objective lacks, as other methods do", async () => {
  const { value, gradient, dimension } = objectiveOf(
    1,
    ([x]) => x * x,
    ([x]) => [2 * x],
  );
  const lacking = { dimension, value, gradient };
  // @ts-expect-error what programs without types pass
  await expect(async () => solve(lbfgsb(lacking, new Float64Array(1)))).rejects.toThrow(
    "objective must have a function valueAndGradient, got undefined",
  );
});
