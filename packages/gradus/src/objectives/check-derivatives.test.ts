import { array, exp, log, mul, sub, sum } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { equalityTestProblems } from "../optimize/constrained/problems/equality-test-problems.ts";
import { gradientDescent } from "../optimize/first-order/gradient-descent.ts";
import { levenbergMarquardt } from "../optimize/least-squares/levenberg-marquardt.ts";
import { minimize } from "../optimize/minimize.ts";
import { lbfgs } from "../optimize/quasi-newton/lbfgs.ts";
import { trustRegion } from "../optimize/second-order/trust-region.ts";
import { checkDerivatives } from "./check-derivatives.ts";
import { objectiveFromGraph } from "./from-graph.ts";
import { logSumExpObjective } from "./log-sum-exp.ts";
import type { HostObjective } from "./objective.ts";
import { linearResidual, rosenbrockResidual } from "./residual.ts";
import { rosenbrock } from "./rosenbrock.ts";

const start = Float64Array.of(-1.2, 1);

/** Rosenbrock's function with another gradient. */
function wrongly(change: (gradient: Float64Array) => Float64Array): HostObjective {
  const { dimension, value, gradient } = rosenbrock(2);
  const wrong = (x: Float64Array) => change(gradient(x));
  return {
    dimension,
    value,
    gradient: wrong,
    valueAndGradient: (x) => ({ value: value(x), gradient: wrong(x) }),
  };
}

test("agrees with all derivatives of the library's functions, in tiny and huge units", async () => {
  const { agree, comparisons, message } = await checkDerivatives(rosenbrock(2), start);
  expect(agree).toBe(true);
  expect(comparisons.map(({ derivative }) => derivative)).toEqual([
    "gradient",
    "valueAndGradient",
    "hessian",
    "hessianVectorProduct",
  ]);
  expect(message).toBe("gradient, valueAndGradient, hessian, hessianVectorProduct: as differences give them");
  expect(await checkDerivatives(rosenbrockResidual, start)).toMatchObject({ agree: true });
  for (const unit of [1e-12, 1, 1e12]) {
    const objective: HostObjective = {
      dimension: 2,
      value: ([a, b]) => Math.exp(a / unit) + (b / unit) ** 4,
      gradient: ([a, b]) => Float64Array.of(Math.exp(a / unit) / unit, (4 * (b / unit) ** 3) / unit),
      valueAndGradient: (x) => ({ value: objective.value(x), gradient: objective.gradient(x) }),
    };
    const x = Float64Array.of(0.3 * unit, -0.7 * unit);
    expect({ unit, ...(await checkDerivatives(objective, x)) }).toMatchObject({ unit, agree: true });
    const twice = {
      ...objective,
      gradient: (at: Float64Array) => objective.gradient(at).map((g) => 1.01 * g),
    };
    expect({ unit, ...(await checkDerivatives(twice, x)) }).toMatchObject({ unit, agree: false });
  }
});

test("agrees with traced derivatives in float32 and beside the edge of the domain", async () => {
  for (const Type of [Float32Array, Float64Array]) {
    const x0 = { p: array(Type.of(0.3, 1e-3, 2)) };
    using objective = await objectiveFromGraph((q) => sum(sub(mul(q.p, log(q.p)), exp(q.p))), x0, {});
    const { agree, message } = await checkDerivatives(objective, objective.pack(x0));
    expect({ agree, message }).toMatchObject({ agree: true });
  }
});

test.each(Object.entries({ lbfgs, gradientDescent, trustRegion }))(
  "the message of %s with a gradient of the wrong sign leads to the entry that is wrong",
  async (_, method) => {
    const objective = wrongly((gradient) => gradient.map((g, j) => (j === 0 ? -g : g)));
    const { status, message, x } = await minimize(objective, start, { method: method as typeof lbfgs });
    expect(status).toMatch(/^(no-acceptable-step|precision-limit)$/);
    expect(message).toContain("or a derivative is wrong: try checkDerivatives");
    const check = await checkDerivatives(objective, x);
    expect(check.agree).toBe(false);
    // by hand: -400 x (y - x^2) - 2 (1 - x) = -215.6 at (-1.2, 1)
    expect(check.message).toMatch(/^gradient: entry \[0\] is 215\.6, but differences give -215\.6 ± /);
    expect(check.comparisons[0].expected).toBeCloseTo(-215.6, 6);
  },
);

test("names an entry of a Jacobian and of a Hessian", async () => {
  const wrong = {
    ...rosenbrockResidual,
    jacobian(x: Float64Array) {
      const J = rosenbrockResidual.jacobian(x);
      return { rows: 2, columns: 2, values: J.values.map((v, k) => (k === 2 ? -v : v)) };
    },
  };
  const { status, message } = await minimize(wrong, start, { method: levenbergMarquardt, maxIterations: 50 });
  expect(status).not.toBe("converged");
  if (status === "no-acceptable-step") expect(message).toContain("try checkDerivatives");
  expect(await checkDerivatives(wrong, start)).toMatchObject({
    agree: false,
    comparisons: [{ derivative: "jacobian", row: 1, column: 0, given: -24, expected: expect.closeTo(24, 8) }],
    message: expect.stringContaining("jacobian: entry [1, 0] is -24, but differences give 24"),
  });
  const smooth = logSumExpObjective(
    { rows: 3, columns: 2, values: Float64Array.of(1, 2, 3, 4, 5, 7) },
    Float64Array.of(1, 0, 2),
    { smoothing: 1 },
  );
  expect(await checkDerivatives(smooth, start)).toMatchObject({ agree: true });
  const products = smooth.hessianVectorProduct;
  const half = {
    ...smooth,
    hessianVectorProduct: (x: Float64Array, v: Float64Array) => products(x, v).map((p) => p / 2),
  };
  const { comparisons } = await checkDerivatives(half, start);
  expect(comparisons.filter(({ agrees }) => !agrees).map(({ derivative }) => derivative)).toEqual([
    "hessianVectorProduct",
  ]);
});

test("checks problems with equality constraints", async () => {
  for (const { problem, start: x0 } of equalityTestProblems) {
    const x = x0.map((xj, j) => xj + 0.1 + 0.01 * j);
    const { agree, comparisons, message } = await checkDerivatives(problem, x);
    expect({ agree, message }).toMatchObject({ agree: true });
    expect(comparisons.length).toBeGreaterThanOrEqual(3);
  }
  const [{ problem, start: x0 }] = equalityTestProblems;
  const wrong = {
    ...problem,
    async jacobian(x: Float64Array) {
      const J = await problem.jacobian(x);
      return { ...J, values: J.values.map((entry) => -2 * entry - 1) };
    },
  };
  const { message } = await checkDerivatives(
    wrong,
    x0.map((xj) => xj + 0.1),
  );
  expect(message).toMatch(/^jacobian: entry \[0, \d+\] is /);
});

test("varies the coordinates asked for, counts NaN as wrong and refuses what is no problem or no point", async () => {
  const objective = wrongly(([first, second]) => Float64Array.of(Number.NaN * first, second));
  expect(await checkDerivatives(objective, start, { coordinates: [1] })).toMatchObject({ agree: true });
  expect((await checkDerivatives(objective, start)).message).toContain("gradient: entry [0] is NaN");
  const edge = {
    ...objective,
    value: ([x]: Float64Array) => Math.sqrt(x),
    gradient: () => Float64Array.of(1, 0),
  };
  for (const [problem, options, message] of [
    [null, {}, "problem must be an objective or a residual, got null"],
    [
      objective,
      { coordinates: [2] },
      "coordinates must be numbers from 0 to 1, at least one, got Array of length 1",
    ],
    [objective, { coordinates: [] }, "at least one"],
    [objective, { tolerance: 0 }, "tolerance must be a positive number, got 0"],
    [objective, { step: 1 }, "step"],
    [edge, {}, "x must lie where the function is finite"],
  ] as const) {
    const run = checkDerivatives(
      problem as never,
      problem === edge ? Float64Array.of(-1, 1) : start,
      options as never,
    );
    await expect(run).rejects.toThrow(ArgumentError);
    await expect(run).rejects.toThrow(message);
  }
});

test("names a function that changes x, or overwrites what it returned before", async () => {
  const { dimension, value, gradient } = rosenbrock(2);
  const memory = new Float64Array(2);
  const shared = (x: Float64Array) => {
    memory.set(gradient(x));
    return memory;
  };
  const own = {
    dimension,
    value,
    gradient,
    valueAndGradient: (x: Float64Array) => ({ value: value(x), gradient: gradient(x) }),
  };
  await expect(checkDerivatives({ ...own, gradient: shared }, start)).rejects.toThrow(
    "gradient must return a new array at every call; its next call overwrote the one before",
  );
  const both = (x: Float64Array) => ({ value: value(x), gradient: shared(x) });
  await expect(checkDerivatives({ ...own, valueAndGradient: both }, start)).rejects.toThrow(
    "valueAndGradient must return a new array",
  );
  const moving = (x: Float64Array) => {
    const result = value(x);
    x[1] = 7;
    return result;
  };
  await expect(checkDerivatives({ ...own, value: moving }, start)).rejects.toThrow(
    "value must leave x as it is; it changed number 1 from 1 to 7",
  );
  const J = rosenbrockResidual.jacobian(start);
  const jacobian = (x: Float64Array) => {
    J.values.set(rosenbrockResidual.jacobian(x).values);
    return J;
  };
  await expect(checkDerivatives({ ...rosenbrockResidual, jacobian }, start)).rejects.toThrow(
    "jacobian must return",
  );
  // a constant matrix may be the same at every call
  const line = linearResidual({ rows: 2, columns: 2, values: Float64Array.of(1, 2, 3, 4) }, [1, 1]);
  expect(await checkDerivatives(line, start)).toMatchObject({ agree: true });
});
