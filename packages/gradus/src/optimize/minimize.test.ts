import { describe, expect, test } from "vitest";
import { rosenbrock } from "../objectives/rosenbrock.ts";
import { minimizeEquality } from "./constrained/minimize-equality.ts";
import { poissonControl } from "./constrained/problems/poisson-control.ts";
import { gradientMethod } from "./first-order/gradient-method.ts";
import { minimize } from "./minimize.ts";
import { lbfgs } from "./quasi-newton/lbfgs.ts";
import { cubicNewton } from "./second-order/cubic-newton.ts";
import { gnsNewton } from "./second-order/gns-newton.ts";
import { trustRegion } from "./second-order/trust-region.ts";

test.each([lbfgs, gnsNewton, trustRegion, cubicNewton])(
  "$name computes in double precision, whatever array x0 is",
  async (method) => {
    class Numbers extends Float64Array {}
    const start = [-1.25, 1];
    const f = rosenbrock(2);
    const expected = await minimize(f, Float64Array.from(start), { method });
    for (const x0 of [Float32Array.from(start), start, Numbers.from(start), Object.freeze([...start])]) {
      const { x, iterations } = await minimize(f, x0 as never, { method });
      expect(Object.getPrototypeOf(x)).toBe(Float64Array.prototype);
      expect([x, iterations]).toEqual([expected.x, expected.iterations]);
    }
  },
);

test("constrained methods compute in double precision, whatever array x0 is", async () => {
  const problem = poissonControl(3);
  const start = Array.from({ length: problem.dimension }, (_, i) => (i % 4) / 4);
  for (const method of ["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"] as const) {
    const expected = await minimizeEquality(problem, Float64Array.from(start), { method });
    const { x, lambda } = await minimizeEquality(problem, Float32Array.from(start) as never, { method });
    expect(x).toEqual(expected.x);
    expect(lambda).toEqual(expected.lambda);
  }
});

describe("what is no problem is refused at the border", () => {
  const f = rosenbrock(2);
  const x0 = Float64Array.of(-1, 1);
  const wanted =
    "problem must be an objective { dimension, value, gradient, valueAndGradient } or a residual";
  test.each([
    [undefined, x0, `${wanted}, got undefined`],
    [(x: Float64Array) => x[0] ** 2, x0, `${wanted}, got a function`],
    [{ value: () => 1 }, x0, `${wanted}, got an object with keys value`],
    [f, undefined, "x0 must be a Float64Array, got undefined"],
    [f, 3, "x0 must be a Float64Array, got 3"],
    [f, new Float64Array(3), "x0 must have 2 numbers, got 3"],
    [{ ...f, dimension: 1.5 }, x0, "dimension must be a positive integer, got 1.5"],
  ])("%#", async (problem, start, message) => {
    for (const options of [{}, { method: gnsNewton }])
      await expect(minimize(problem as never, start as never, options)).rejects.toThrow(message);
  });

  test("a function that is missing is named, with where it comes from", async () => {
    await expect(minimize({ dimension: 2, value: f.value } as never, x0)).rejects.toThrow(
      "objective must have a function gradient, got undefined; objectiveFromGraph derives it, and minimizeByValues needs values alone",
    );
    const { value, gradient, valueAndGradient } = f;
    const first = { dimension: 2, value, gradient, valueAndGradient };
    await expect(minimize(first, x0, { method: gnsNewton })).rejects.toThrow(
      'hessian: the objective has no Hessian-vector products; "differences" takes those of gradients',
    );
    const { status } = await minimize(first, x0, { method: gnsNewton, hessian: "differences" });
    expect(status).toBe("converged");
  });
});

describe("what a function of the objective returns is checked", () => {
  const f = rosenbrock(2);
  const x0 = Float64Array.of(-1, 1);
  test.each([
    [undefined, "valueAndGradient must return { value, gradient }, got undefined"],
    [3, "valueAndGradient must return { value, gradient }, got 3"],
    [{ value: "3", gradient: x0 }, 'the value at x0 must be finite, got "3"'],
    [{ value: 3, gradient: x0.subarray(1) }, "the gradient at x0 must have 2 numbers, got 1"],
    [{ value: 3, gradient: new Float64Array(3) }, "the gradient at x0 must have 2 numbers, got 3"],
    [{ value: 3, gradient: undefined }, "the gradient at x0 must be an array of numbers, got undefined"],
  ])("%j", async (answer, message) => {
    const own = { ...f, valueAndGradient: () => answer as never };
    for (const method of [lbfgs, gradientMethod, trustRegion])
      await expect(minimize(own, x0, { method })).rejects.toThrow(message);
  });

  test.each([
    [undefined, "the Hessian-vector product must be an array of numbers, got undefined"],
    [new Float64Array(1), "the Hessian-vector product must have 2 numbers, got 1"],
    [new Float64Array(3), "the Hessian-vector product must have 2 numbers, got 3"],
  ])("%j as a product", async (product, message) => {
    for (const given of [product, Promise.resolve(product)]) {
      const own = { ...f, hessianVectorProduct: () => given as never };
      await expect(minimize(own, x0, { method: trustRegion })).rejects.toThrow(message);
    }
  });
});

test("the message of the iteration limit names checkDerivatives only where steps hardly change the value", async () => {
  const f = rosenbrock(2);
  const wrong = (x: Float64Array) => f.gradient(x).map((slope) => 10 * slope);
  const objective = {
    ...f,
    gradient: wrong,
    valueAndGradient: (x: Float64Array) => ({ value: f.value(x), gradient: wrong(x) }),
  };
  const x0 = Float64Array.of(-1.2, 1);
  const stalled = await minimize(objective, x0, { method: gnsNewton, maxIterations: 100 });
  expect(stalled.status).toBe("max-iterations");
  expect(stalled.message).toBe(
    "the iteration limit was reached: rounding hides any further decrease, or a derivative is wrong: try checkDerivatives",
  );
  const slow = await minimize(f, x0, { method: gradientMethod, maxIterations: 100 });
  expect(slow.message).toBe("the iteration limit was reached");
});
