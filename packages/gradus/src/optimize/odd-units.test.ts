import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import type { Method } from "../iterate/iterate.ts";
import type { Objective, SmoothObjective } from "../objectives/objective.ts";
import { rosenbrock } from "../objectives/rosenbrock.ts";
import type { RegularizedIterate, RegularizedState } from "./descent/adapted-parameter.ts";
import { fastGradientMethod } from "./first-order/fast-gradient-method.ts";
import { gradientMethod } from "./first-order/gradient-method.ts";
import { nonlinearConjugateGradient } from "./first-order/nonlinear-conjugate-gradient.ts";
import { minimize } from "./minimize.ts";
import { lbfgs } from "./quasi-newton/lbfgs.ts";
import { lbfgsb } from "./quasi-newton/lbfgsb.ts";
import { cubicNewton } from "./second-order/cubic-newton.ts";
import { newtonCg } from "./second-order/newton-cg.ts";
import { superUniversalNewton } from "./second-order/super-universal-newton.ts";
import { trustRegion } from "./second-order/trust-region.ts";

interface Units {
  /** What f is multiplied by. */
  readonly f: number;
  /** The unit in which x is given. */
  readonly x: number;
}

/** ln cosh(u_1 + 1) + ln cosh(2 u_2) with its minimum at (-1, 0), u = x / units.x. */
function logCosh({ f, x: unit }: Units): SmoothObjective {
  const scaled = (x: Float64Array) => [x[0] / unit + 1, (2 * x[1]) / unit];
  const value = (x: Float64Array) => f * scaled(x).reduce((sum, z) => sum + Math.log(Math.cosh(z)), 0);
  const gradient = (x: Float64Array) =>
    Float64Array.from(scaled(x), (z, j) => ((j + 1) * f * Math.tanh(z)) / unit);
  return {
    dimension: 2,
    value,
    gradient,
    valueAndGradient: (x) => ({ value: value(x), gradient: gradient(x) }),
    hessian(x) {
      const [p, q] = scaled(x).map((z, j) => ((j + 1) ** 2 * f * (1 - Math.tanh(z) ** 2)) / unit ** 2);
      return { rows: 2, columns: 2, values: Float64Array.of(p, 0, 0, q) };
    },
    hessianVectorProduct(x, v) {
      const [p, q] = scaled(x).map((z, j) => ((j + 1) ** 2 * f * (1 - Math.tanh(z) ** 2)) / unit ** 2);
      return Float64Array.of(p * v[0], q * v[1]);
    },
  };
}

async function take(method: Method<RegularizedIterate>, count: number): Promise<RegularizedIterate[]> {
  const iterates: RegularizedIterate[] = [];
  for await (const iterate of method) {
    iterates.push(iterate);
    if (iterates.length === count) break;
  }
  return iterates;
}

const methods = {
  lbfgs,
  lbfgsb,
  nonlinearConjugateGradient,
  gradientMethod,
  fastGradientMethod,
  cubicNewton,
  superUniversalNewton,
};
const units: readonly Units[] = [
  { f: 1e-8, x: 1 },
  { f: 1e8, x: 1 },
  { f: 1, x: 1e-6 },
  { f: 1, x: 1e6 },
  { f: 1e-8, x: 1e3 },
  { f: 1e8, x: 1e-6 },
];

describe.each(Object.entries(methods))("%s", (_, method) => {
  test.each(units)("finds the minimum with f times $f and x in units of $x", async ({ f, x: unit }) => {
    const objective = logCosh({ f, x: unit });
    const x0 = Float64Array.of(unit, -unit);
    const limits = { gradientTolerance: (1e-6 * f) / unit, maxIterations: 300 };
    const { status, x } = await minimize(objective, x0, { method, ...limits });
    expect(status).toBe("converged");
    expect(Math.abs(x[0] / unit + 1)).toBeLessThan(2e-6);
    expect(Math.abs(x[1] / unit)).toBeLessThan(2e-6);
  });
});

describe.each(Object.entries({ lbfgs, lbfgsb, nonlinearConjugateGradient }))(
  "%s in units far apart",
  (_, method) => {
    test.each([
      { f: 1e-20, x: 1 },
      { f: 1e20, x: 1 },
      { f: 1e-80, x: 1 },
      { f: 1e80, x: 1 },
      { f: 1, x: 1e-20 },
      { f: 1, x: 1e20 },
      { f: 1e-160, x: 1e-80 },
      { f: 1, x: 1e-100 },
      { f: 1, x: 1e100 },
    ])("finds the minimum with f times $f and x in units of $x", async ({ f, x: unit }) => {
      const objective = logCosh({ f, x: unit });
      const limits = { gradientTolerance: (1e-6 * f) / unit, maxIterations: 100 };
      const { status, x } = await minimize(objective, Float64Array.of(unit, -unit), { method, ...limits });
      expect(status).toBe("converged");
      expect(Math.abs(x[0] / unit + 1)).toBeLessThan(2e-6);
      expect(Math.abs(x[1] / unit)).toBeLessThan(2e-6);
    });
  },
);

test("a start that is nearly stationary is left where rounding hides what is won", async () => {
  // a valley at -100 is far lower, and the slope at 0 within rounding of the value
  const value = ([x]: Float64Array) => 1 + 1e-3 * x ** 2 - 2 * Math.exp(-((x + 100) ** 2));
  const gradient = ([x]: Float64Array) =>
    Float64Array.of(2e-3 * x + 4 * (x + 100) * Math.exp(-((x + 100) ** 2)) + 1e-12);
  const objective = {
    dimension: 1,
    value,
    gradient,
    valueAndGradient: (x: Float64Array) => ({ value: value(x), gradient: gradient(x) }),
  };
  for (const method of [lbfgs, lbfgsb, nonlinearConjugateGradient]) {
    const { x } = await minimize(objective, Float64Array.of(0), { method, gradientTolerance: 1e-15 });
    expect(Math.abs(x[0])).toBeLessThan(1e-8);
  }
});

/** Rosenbrock's function times a factor, with Hessian-vector products. */
function steepRosenbrock(factor: number): Objective {
  const { dimension, value, gradient, hessianVectorProduct } = rosenbrock(4);
  const times = (x: Float64Array) => x.map((entry) => factor * entry);
  return {
    dimension,
    value: (x) => factor * value(x),
    gradient: (x) => times(gradient(x)),
    valueAndGradient: (x) => ({ value: factor * value(x), gradient: times(gradient(x)) }),
    hessianVectorProduct: (x, v) => times(hessianVectorProduct(x, v)),
  };
}

const fromMinusOne = Float64Array.of(-1.2, 1, -1.2, 1);

test.each(Object.entries({ lbfgs, lbfgsb }))("%s keeps pairs of steep functions", async (_, method) => {
  const factor = 2 ** 60;
  const limits = { gradientTolerance: 1e-6 * factor, maxIterations: 100 };
  const { status, x } = await minimize(steepRosenbrock(factor), fromMinusOne, { method, ...limits });
  expect(status).toBe("converged");
  for (const coordinate of x) expect(coordinate).toBeCloseTo(1, 5);
});

describe.each(Object.entries({ trustRegion, newtonCg, lbfgs, lbfgsb, nonlinearConjugateGradient }))(
  "%s where squares leave the doubles",
  (_, method) => {
    test.each([1e-200, 1e-160, 1e100, 1e150, 1e200, 1e290])(
      "finds the minimum of a function times %d",
      async (factor) => {
        const limits = { gradientTolerance: 1e-6 * factor, maxIterations: 200 };
        const { status, x } = await minimize(steepRosenbrock(factor), fromMinusOne, { method, ...limits });
        expect(status).toBe("converged");
        for (const coordinate of x) expect(coordinate).toBeCloseTo(1, 5);
      },
    );
  },
);

test.each(Object.entries({ gradientMethod, fastGradientMethod, cubicNewton, superUniversalNewton }))(
  "%s resumes bit for bit with f times 1e-8",
  async (_, method) => {
    const objective = logCosh({ f: 1e-8, x: 1 });
    const x0 = Float64Array.of(1, -1);
    const whole = await take(method(objective, x0), 40);
    const stored = parseCheckpoint(serializeCheckpoint(whole[20].state)) as RegularizedState;
    const rest = await take(method(objective, x0, { resume: { iteration: 20, state: stored } }), 20);
    expect(rest).toEqual(whole.slice(20));
  },
);

test("the projected gradient of lbfgsb does not drown in x", async () => {
  const objective = logCosh({ f: 1e-8, x: 1e6 });
  const x0 = Float64Array.of(1e6, -1e6);
  const { gradientNorm } = await minimize(objective, x0, { method: lbfgsb, maxIterations: 0 });
  expect(gradientNorm).toBeCloseTo(1e-14 * 2 * Math.tanh(2), 28);
  const bounds = { lower: -1e6, upper: Float64Array.of(1e6, -1e6) };
  const bounded = await minimize(objective, x0, { method: lbfgsb, maxIterations: 0, ...bounds });
  expect(bounded.gradientNorm).toBeCloseTo(1e-14 * Math.tanh(2), 28);
});

test.each([
  { f: 1e-200, x: 1 },
  { f: 1e200, x: 1 },
  { f: 1, x: 1e-100 },
  { f: 1, x: 1e100 },
])("lbfgsb finds the minimum between bounds with f times $f and x in units of $x", async ({ f, x: unit }) => {
  const objective = logCosh({ f, x: unit });
  const bounds = { lower: -0.5 * unit, upper: Float64Array.of(unit, 2 * unit) };
  const { x } = await minimize(objective, Float64Array.of(unit, unit / 2), {
    method: lbfgsb,
    ...bounds,
    gradientTolerance: 0,
    maxIterations: 50,
  });
  expect(x[0]).toBe(-0.5 * unit);
  expect(Math.abs(x[1] / unit)).toBeLessThan(2e-6);
});

test("a function without minimum is unbounded in any units", async () => {
  for (const f of [1e-8, 1, 1e8]) {
    const gradient = (x: Float64Array) => Float64Array.of(-f, 0 * x[1]);
    const slope = {
      dimension: 2,
      value: (x: Float64Array) => -f * x[0],
      gradient,
      valueAndGradient: (x: Float64Array) => ({ value: -f * x[0], gradient: gradient(x) }),
    };
    const { status } = await minimize(slope, new Float64Array(2), { gradientTolerance: 0 });
    expect(status).toBe("unbounded");
  }
});
