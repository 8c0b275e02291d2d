import { expect, test } from "vitest";
import { dot } from "../../linalg/vector.ts";
import { counted } from "../../objectives/counted.ts";
import type { LossReduction } from "../../objectives/linear-loss.ts";
import { linearRegression } from "../../objectives/linear-regression.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { HostObjective } from "../../objectives/objective.ts";
import { withRidge } from "../../objectives/ridge.ts";
import { randomStream } from "../../random/stream.ts";
import { diagonalMetric } from "../descent/metric.ts";
import { minimize } from "../minimize.ts";
import { type GnsNewtonOptions, gnsNewton } from "./gns-newton.ts";

const limits = { method: gnsNewton, gradientTolerance: 1e-9 } as const;

/** A logistic regression on normal rows whose columns have the given scales. */
function problem(
  rows: number,
  scales: readonly number[],
  ridge = 1e-3,
  reduction: LossReduction = "mean",
): HostObjective {
  const columns = scales.length;
  const stream = randomStream(31);
  const values = Float64Array.from(
    { length: rows * columns },
    (_, k) => scales[k % columns] * stream.normal(),
  );
  const labels = Array.from({ length: rows }, () => (stream.uniform() < 0.5 ? -1 : 1));
  return withRidge(logisticRegression({ rows, columns, values }, labels, { reduction }), ridge);
}

const even = (columns: number) => Array.from({ length: columns }, () => 1);
/** Rows that are nearly copies of each other in all but one direction: hard for conjugate gradients. */
function hardProblem(columns: number): HostObjective {
  const stream = randomStream(32);
  const rows = 2 * columns;
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    let running = 0;
    for (let j = 0; j < columns; j++) {
      running += stream.normal();
      values[i * columns + j] = running;
    }
  }
  const labels = Array.from({ length: rows }, () => (stream.uniform() < 0.5 ? -1 : 1));
  return withRidge(logisticRegression({ rows, columns, values }, labels), 1e-8);
}

test("many columns: the minimum is that of the matrix, and none is formed", async () => {
  const objective = problem(300, even(120));
  const x0 = new Float64Array(120);
  const { objective: watched, counts } = counted(objective);
  const found = await minimize(watched, x0, limits);
  expect(found.status).toBe("converged");
  expect(counts.hessians).toBe(0);
  const { x } = await minimize(objective, x0, { ...limits, hessian: "exact" });
  expect(Math.hypot(...x.map((xj, j) => xj - found.x[j]))).toBeLessThan(1e-6);
});

test("few columns: the matrix alone, iterate by iterate that of hessian: exact", async () => {
  const objective = problem(300, even(4));
  const { objective: watched, counts } = counted(objective);
  const found = await minimize(watched, new Float64Array(4), limits);
  expect(counts.hessianVectorProducts).toBe(0);
  const exact = await minimize(objective, new Float64Array(4), { ...limits, hessian: "exact" });
  expect(found.x).toEqual(exact.x);
});

test("once products cost more than the matrix, it is formed in every step", async () => {
  const columns = 40;
  const { objective, counts } = counted(hardProblem(columns));
  // (n d^2 + d^3 / 3) / 4 n d products are worth a matrix
  const worth = Math.floor((2 * columns ** 3 + columns ** 3 / 3) / (8 * columns ** 2));
  let productsBefore = 0;
  let formed = false;
  for await (const { iteration } of gnsNewton(objective, new Float64Array(columns))) {
    const products = counts.hessianVectorProducts - productsBefore;
    productsBefore = counts.hessianVectorProducts;
    if (formed) expect(products).toBe(0);
    if (counts.hessians > 0 && !formed) {
      formed = true;
      expect(products).toBeGreaterThanOrEqual(worth);
    }
    if (iteration >= 12) break;
  }
  expect(formed).toBe(true);
});

test("a method resumed after it formed the matrix goes on bit for bit", async () => {
  const objective = hardProblem(40);
  const states = [];
  for await (const { iteration, state, x } of gnsNewton(objective, new Float64Array(40))) {
    states.push({ iteration, state, x });
    if (iteration === 12) break;
  }
  const { iteration, state } = states[10];
  expect(state.memory.formsHessian).toBe(true);
  const resume = structuredClone({ iteration, state });
  for await (const later of gnsNewton(objective, new Float64Array(40), { resume })) {
    expect(later.x).toEqual(states[later.iteration].x);
    if (later.iteration === 12) break;
  }
});

test("columns of scales from 1 to 1,000 take few products: the diagonal makes them even", async () => {
  const scales = Array.from({ length: 60 }, (_, j) => 1000 ** (j / 59));
  const uneven = problem(600, scales, 1e-6);
  const { diagonalEstimate, ...without } = uneven;
  expect(diagonalEstimate).toBeDefined();
  const [plain, preconditioned] = [counted(without), counted(uneven)];
  const options = { method: gnsNewton, hessian: "products", gradientTolerance: 1e-6 } as const;
  const x0 = new Float64Array(60);
  const slow = await minimize(plain.objective, x0, options);
  const fast = await minimize(preconditioned.objective, x0, options);
  expect(fast.value).toBeCloseTo(slow.value, 9);
  expect(4 * preconditioned.counts.hessianVectorProducts).toBeLessThan(plain.counts.hessianVectorProducts);
});

test("on a quadratic every inexact step is accepted at once", async () => {
  const [rows, columns] = [400, 80];
  const stream = randomStream(33);
  const values = stream.fillNormal(new Float64Array(rows * columns));
  const y = stream.fillNormal(new Float64Array(rows));
  const objective = withRidge(linearRegression({ rows, columns, values }, y), 1e-3);
  const { trace, status } = await minimize(objective, new Float64Array(columns), limits);
  expect(status).toBe("converged");
  for (const { step } of trace.slice(0, -1)) expect(step?.trials).toBe(1);
});

test("iterates are the same bit for bit when f is multiplied by a power of two", async () => {
  const objective = problem(256, even(60));
  const compiled = problem(256, even(60), 256e-3, "sum");
  const factor = 2 ** 20;
  const times = (array: Float64Array) => array.map((value) => factor * value);
  const product = (x: Float64Array, v: Float64Array) => objective.hessianVectorProduct?.(x, v) ?? v;
  const scaled: HostObjective = {
    ...objective,
    value: (x) => factor * objective.value(x),
    gradient: (x) => times(objective.gradient(x)),
    valueAndGradient(x) {
      const { value, gradient } = objective.valueAndGradient(x);
      return { value: factor * value, gradient: times(gradient) };
    },
    hessianVectorProduct: (x, v) => times(product(x, v)),
    diagonalEstimate: (x) => times(objective.diagonalEstimate?.(x) ?? x),
  };
  const pointsOf = async (of: HostObjective) => {
    const points: Float64Array[] = [];
    for await (const { x, iteration } of gnsNewton(of, new Float64Array(60))) {
      points.push(x);
      if (iteration === 8) break;
    }
    return points;
  };
  expect(await pointsOf(compiled)).toEqual(await pointsOf(objective));
  expect(await pointsOf(scaled)).toEqual(await pointsOf({ ...objective, hessianVectorProduct: product }));
});

test("steps by compiled vectors are those by single products, but for rounding", async () => {
  for (const [rows, columns] of [
    [300, 60],
    [60, 300],
  ]) {
    const objective = problem(rows, even(columns));
    const { objective: watched, counts } = counted(objective);
    const [compiled, single] = [
      await minimize(objective, new Float64Array(columns), limits),
      await minimize(watched, new Float64Array(columns), limits),
    ];
    expect(counts.hessianVectorProducts).toBeGreaterThan(10);
    expect(compiled.iterations).toBe(single.iterations);
    compiled.x.forEach((value, j) => {
      expect(value).toBeCloseTo(single.x[j], 9);
    });
  }
});

test("the first lambda is a hundredth of the mean curvature, unless gamma is given", async () => {
  const objective = problem(300, even(60));
  const x0 = new Float64Array(60);
  const first = async (of: HostObjective, options: GnsNewtonOptions = {}) => {
    for await (const { step } of gnsNewton(of, x0, options)) if (step) return step;
  };
  // all rows have the same curvature at 0, so that the estimate of the diagonal is the diagonal itself
  const H = objective.hessian?.(x0).values ?? x0;
  const trace = x0.reduce((sum, _, j) => sum + H[j * 61], 0);
  expect((await first(objective))?.lambda).toBeCloseTo(trace / 6000, 12);
  const metric = diagonalMetric(new Float64Array(60).fill(4));
  expect((await first(objective, { metric }))?.lambda).toBeCloseTo(trace / 24_000, 12);

  const { diagonalEstimate: _, ...without } = objective;
  const g = objective.gradient(x0);
  const product = objective.hessianVectorProduct?.(x0, g) ?? g;
  expect((await first(without))?.lambda).toBeCloseTo(dot(g, product) / dot(g, g) / 100, 12);

  expect((await first(objective, { gamma: 4 }))?.gamma).toBe(4);
  expect((await first(objective, { hessian: "products" }))?.gamma).toBe(1);
});
