import {
  type ArrayValue,
  add,
  array,
  cos,
  matmul,
  mul,
  sin,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { randomStream } from "../../random/stream.ts";
import { bilevelFromGraph, doubleLoopPenalty, hypergradient, minimizeBilevel } from "./index.ts";

const stream = randomStream(3);
const A = array(stream.fillNormal(new Float64Array(6)), [3, 2]);
const zeros = (...shape: number[]): ArrayValue =>
  array(new Float64Array(shape.reduce((size, n) => size * n, 1)), shape);

/** g = |A w + sin(b) - shift|^2 / 2 + |w|^2/10 with y = {w, b}, f = |w - 1|^2 + |b|^2 + |shift|^2/2. */
const make = (extra: object = {}) =>
  bilevelFromGraph({
    upper: (x: { shift: Tensor }, y: { w: Tensor; b: Tensor }, _data: { A: Tensor }) =>
      add(sum(square(sub(y.w, 1))), add(sum(square(y.b)), mul(0.5, sum(square(x.shift))))),
    lower: (x: { shift: Tensor }, y: { w: Tensor; b: Tensor }, data: { A: Tensor }) => {
      const rest = sub(add(matmul(data.A, y.w), add(y.b, mul(0.3, sin(y.b)))), x.shift);
      return add(mul(0.5, sum(square(rest))), mul(0.1, add(sum(square(y.w)), sum(cos(mul(0, y.b))))));
    },
    x: { shift: zeros(3) },
    y: { w: zeros(2), b: zeros(3) },
    data: { A },
    ...extra,
  });

test("gradients and products are differences, over trees as vectors", async () => {
  using problem = make();
  expect([problem.dimensionX, problem.dimensionY]).toEqual([3, 5]);
  const x = stream.fillNormal(new Float64Array(3));
  const y = stream.fillNormal(new Float64Array(5));
  const v = stream.fillNormal(new Float64Array(5));
  const h = 1e-5;
  for (const level of [problem.upper, problem.lower]) {
    const inX = await level.gradientX(x, y, x, undefined);
    const inY = await level.gradientY(x, y, y, undefined);
    for (const [slopes, at, value] of [
      [inX, x, (p: Float64Array) => level.value(p, y)],
      [inY, y, (p: Float64Array) => level.value(x, p)],
    ] as const)
      for (let j = 0; j < at.length; j++) {
        const [up, down] = [await value(at.with(j, at[j] + h)), await value(at.with(j, at[j] - h))];
        expect(slopes[j]).toBeCloseTo((up - down) / (2 * h), 7);
      }
  }
  const moved = (sign: number) => y.map((value, i) => value + sign * h * v[i]);
  for (const name of ["lower", "upper"] as const) {
    const products = problem[`${name}Products`];
    if (!products) throw new Error("no products");
    const yy = await products.yy(x, y, v);
    const xy = await products.xy(x, y, v);
    const { gradientX, gradientY } = problem[name];
    const [a, b] = [await gradientY(x, moved(1), y, undefined), await gradientY(x, moved(-1), y, undefined)];
    const [c, d] = [await gradientX(x, moved(1), x, undefined), await gradientX(x, moved(-1), x, undefined)];
    for (const [i, value] of yy.entries()) expect(value).toBeCloseTo((a[i] - b[i]) / (2 * h), 6);
    for (const [i, value] of xy.entries()) expect(value).toBeCloseTo((c[i] - d[i]) / (2 * h), 6);
  }
  expect(problem.packY(problem.unpackY(y))).toEqual(y);
  expect(problem.packX(problem.unpackX(x))).toEqual(x);
});

test("the loop in the graph makes the same steps as the loop outside", async () => {
  using problem = make();
  const { fused: _, ...plain } = problem;
  const options = { sigma: 0.05, stepSize: 0.1, innerStepSize: 0.1, proxParameter: 2, averaging: 0.7 };
  const inside = await solve(doubleLoopPenalty(problem, problem.start, options), { maxIterations: 8 });
  const outside = await solve(doubleLoopPenalty(plain, problem.start, options), { maxIterations: 8 });
  expect(inside.iterate.oracleCalls).toBe(outside.iterate.oracleCalls);
  for (const name of ["x", "y", "z"] as const)
    for (const [i, value] of inside.iterate[name].entries())
      expect(value).toBeCloseTo(outside.iterate[name][i], 12);
  expect(inside.iterate.stationarity).toBeCloseTo(outside.iterate.stationarity, 10);
  expect(inside.iterate.innerResidual).toBeCloseTo(outside.iterate.innerResidual, 10);
});

test("a solution has a small hypergradient by implicit differentiation", async () => {
  using problem = make();
  const found = await minimizeBilevel(problem, problem.start, {
    sigma: 1e-3,
    stepSize: 0.2,
    innerStepSize: 0.15,
    innerSteps: 50,
    tolerance: 1e-3,
  });
  expect(found.status).toBe("converged");
  const { gradient } = await hypergradient(problem, found.x, { method: "aid", y0: found.z });
  for (const value of gradient) expect(Math.abs(value)).toBeLessThan(2e-2);
});

test("samples choose the data", async () => {
  const sampleData = (sample: number) => ({
    A: array(randomStream(sample).fillNormal(new Float64Array(6)), [3, 2]),
  });
  using problem = make({ sampleData });
  expect(problem.stochastic).toBe(true);
  const { x0, y0 } = problem.start;
  const x = x0.map((_, i) => i + 1);
  const at = async (sample: number | undefined) =>
    Array.from(await problem.lower.gradientY(x, y0, y0, sample));
  expect(await at(1)).toEqual(await at(1));
  expect(await at(1)).not.toEqual(await at(2));
  const method = doubleLoopPenalty(problem, problem.start, {
    sigma: 0.1,
    stepSize: 0.05,
    innerStepSize: 0.05,
    batchSize: 2,
    innerSteps: 3,
  });
  const { iterate } = await solve(method, { maxIterations: 3 });
  expect(iterate.oracleCalls).toBe(3 * 15);
});

test("what is not finite in a compiled loop is named", async () => {
  const broken = { A: array(Float64Array.of(1, Number.NaN, 1, 1, 1, 1), [3, 2]) };
  using problem = make({ data: broken });
  const options = { sigma: 0.1, stepSize: 0.1, innerStepSize: 0.1 };
  await expect(minimizeBilevel(problem, problem.start, options)).rejects.toThrow(
    "the gradient of the lower level in y is NaN at index 0, at x = [0, 0, 0], y = [0, 0, 0, 0, ...]",
  );
  // at x = 0 the root's slope is infinite, in x alone
  using steep = make({
    upper: (x: { shift: Tensor }, y: { w: Tensor }) => add(sum(sqrt(x.shift)), sum(square(y.w))),
  });
  await expect(minimizeBilevel(steep, steep.start, options)).rejects.toThrow(
    "the gradient of the upper level in x is Infinity at index 0",
  );
});

test("what is wrong is refused", async () => {
  expect(() => make({ x: {} })).toThrow(ArgumentError);
  expect(() => make({ upper: 3 })).toThrow("upper must be a function, got 3");
  const problem = make();
  problem.dispose();
  await expect(
    Promise.resolve().then(() => problem.upper.value(problem.start.x0, problem.start.y0)),
  ).rejects.toThrow("disposed");
});
