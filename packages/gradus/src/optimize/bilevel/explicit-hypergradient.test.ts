import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { norm2 } from "../../linalg/vector.ts";
import {
  affineBilevelProblem,
  type BilevelProblem,
  hypergradient,
  hypergradientDescent,
  regularBilevelProblem,
  warpedBilevelProblem,
} from "./index.ts";
import { expectClose, pointOf } from "./test-support.ts";

describe("the explicit formula", () => {
  test.each([
    ["affine", affineBilevelProblem({ seed: 5 }), 4],
    ["warped", warpedBilevelProblem({ seed: 5 }), 5],
    ["regular", regularBilevelProblem({ seed: 5 }), 5],
  ] as const)("is the closed form where the lower level has many solutions: %s", async (_, family, d) => {
    const x = pointOf(7, d);
    const y = family.lowerSolution(x);
    const found = await hypergradient(family.problem, x, { method: "explicit", y });
    expectClose(found.gradient, family.hypergradient(x), 1e-8);
    const near = await hypergradient(family.problem, x, { method: "explicit", sigma: 1e-5 });
    expectClose(near.gradient, family.hypergradient(x), 1e-3);
  });

  test.each([
    ["affine", affineBilevelProblem({ seed: 5 }), 4],
    ["warped", warpedBilevelProblem({ seed: 5 }), 5],
    ["regular", regularBilevelProblem({ seed: 5 }), 5],
  ] as const)("is what aid finds on a singular Hessian: %s", async (_, { problem, start }, d) => {
    const x = pointOf(8, d);
    const found = await hypergradient(problem, x, { method: "aid" });
    expect(found.status).toBe("converged");
    const wanted = await hypergradient(problem, x, { method: "explicit", y: found.y });
    expectClose(found.gradient, wanted.gradient, 1e-7);

    // x does not move, so that the second solve starts from the solution
    const options = { stepSize: 1e-12, innerStepSize: 0.2, innerSteps: 200, relativeTolerance: 1e-10 };
    for (const warmStart of [false, true]) {
      const run = hypergradientDescent(problem, { ...start, x0: x }, { ...options, warmStart });
      const { iterate } = await solve(run, { maxIterations: 2 });
      const at = await hypergradient(problem, x, { method: "explicit", y: iterate.y });
      expect(iterate.stationarity).toBeCloseTo(norm2(at.gradient), 2);
      expect(iterate.products).toBeLessThan(24);
    }
  });

  test("aid reports a Hessian with negative curvature", async () => {
    const { problem } = regularBilevelProblem({ seed: 5 });
    const lowerProducts = {
      yy: (_x: unknown, _y: unknown, v: Float64Array) => v.map((s) => -s),
      xy: () => new Float64Array(5),
    };
    const found = await hypergradient({ ...problem, lowerProducts }, pointOf(8, 5), { method: "aid" });
    expect(found.status).toBe("inner-not-converged");
  });

  test("takes active constraints into account", async () => {
    // S(x) = {y: y_1 + y_2 = x, y_3 <= 1, y_4 = y_3 + x}, f = |y - c|^2 / 2: y_3 = 1 is active for c_3 = 3
    const A = Float64Array.of(1, 1, 0, 0, 0, 0, -1, 1);
    const c = [1, -2, 3, 0.5];
    const problem: BilevelProblem = {
      dimensionX: 1,
      dimensionY: 4,
      upper: {
        value: (_, y) => y.reduce((sum, v, i) => sum + (v - c[i]) ** 2 / 2, 0),
        gradientX: (_x, _y, out) => out.fill(0),
        gradientY: (_, y) => y.map((v, i) => v - c[i]),
      },
      lower: {
        value: ([x], y) => denseMultiply(A, 2, 4, y).reduce((sum, v) => sum + (v - x) ** 2 / 2, 0),
        gradientX: ([x], y) => Float64Array.of(-denseMultiply(A, 2, 4, y).reduce((sum, v) => sum + v - x, 0)),
        gradientY: ([x], y) => {
          const [a, b] = denseMultiply(A, 2, 4, y).map((v) => v - x);
          return Float64Array.of(a, a, -b, b);
        },
      },
      projectY: (y) => y.with(2, Math.min(1, y[2])),
      lowerProducts: {
        yy: (_x, _y, v) => {
          const [a, b] = denseMultiply(A, 2, 4, v);
          return Float64Array.of(a, a, -b, b);
        },
        xy: (_x, _y, v) => Float64Array.of(-denseMultiply(A, 2, 4, v).reduce((sum, value) => sum + value, 0)),
      },
      lowerConstraints: {
        values: (y) => Float64Array.of(y[2] - 1),
        jacobian: () => ({ rows: 1, columns: 4, values: Float64Array.of(0, 0, 1, 0) }),
      },
    };
    // y_1 = (x + 3)/2, y_2 = (x - 3)/2, y_4 = 1 + x: psi' = (y_1 - 1)/2 + (y_2 + 2)/2 + (y_4 - 0.5)
    const x = 0.4;
    const slope = ((x + 3) / 2 - 1) / 2 + ((x - 3) / 2 + 2) / 2 + (1 + x - 0.5);
    const y = Float64Array.of((x + 3) / 2, (x - 3) / 2, 1, 1 + x);
    const found = await hypergradient(problem, Float64Array.of(x), { method: "explicit", y });
    expect(found.gradient[0]).toBeCloseTo(slope, 10);
    expect(found.active).toEqual([0]);
    expect(found.multipliers[0]).toBeCloseTo(0, 10);
    const penalty = await hypergradient(problem, Float64Array.of(x), { sigma: 1e-4 });
    expect(Math.abs(penalty.gradient[0] - slope)).toBeLessThan(1e-2);
    const { lowerConstraints: _, ...unconstrained } = problem;
    const wrong = await hypergradient(unconstrained, Float64Array.of(x), { method: "explicit", y });
    expect(Math.abs(wrong.gradient[0] - slope)).toBeGreaterThan(0.1);

    const far = y.with(2, 1.5);
    await expect(hypergradient(problem, Float64Array.of(x), { method: "explicit", y: far })).rejects.toThrow(
      "y must be a point of Y, got one with q = 0.5 > 0 in constraint 0",
    );
    const narrow = {
      ...problem.lowerConstraints,
      jacobian: () => ({ rows: 1, columns: 3, values: new Float64Array(3) }),
    };
    await expect(
      hypergradient({ ...problem, lowerConstraints: narrow as never }, Float64Array.of(x), {
        method: "explicit",
        y,
      }),
    ).rejects.toThrow("lowerConstraints.jacobian must return a 1 x 4 matrix, got 1 x 3");
    const twice = {
      values: (at: Float64Array) => Float64Array.of(at[2] - 1, at[2] - 1),
      jacobian: () => ({ rows: 2, columns: 4, values: Float64Array.of(0, 0, 1, 0, 0, 0, 1, 0) }),
    };
    await expect(
      hypergradient({ ...problem, lowerConstraints: twice }, Float64Array.of(x), { method: "explicit", y }),
    ).rejects.toThrow("linearly dependent");
  });

  test("constraints that bend enter with their multipliers", async () => {
    // min |y - (3, x)|^2 / 2 over |y|^2 <= 1 has one solution, the point of the circle towards (3, x); f = y_2
    const target = ([x]: Float64Array) => [3, x];
    const problem: BilevelProblem = {
      dimensionX: 1,
      dimensionY: 2,
      upper: {
        value: (_, y) => y[1],
        gradientX: (_x, _y, out) => out.fill(0),
        gradientY: () => Float64Array.of(0, 1),
      },
      lower: {
        value: (x, y) => y.reduce((sum, v, i) => sum + (v - target(x)[i]) ** 2 / 2, 0),
        gradientX: (x, y) => Float64Array.of(x[0] - y[1]),
        gradientY: (x, y) => y.map((v, i) => v - target(x)[i]),
      },
      projectY: (y) => y.map((v) => v / Math.max(1, Math.hypot(...y))),
      lowerProducts: { yy: (_x, _y, v) => v.slice(), xy: (_x, _y, v) => Float64Array.of(-v[1]) },
      lowerConstraints: {
        values: (y) => Float64Array.of((y[0] ** 2 + y[1] ** 2 - 1) / 2),
        jacobian: (y) => ({ rows: 1, columns: 2, values: y.slice() }),
        hessianProduct: (_, [lambda], v) => v.map((value) => lambda * value),
      },
    };
    const x = 0.7;
    const size = Math.hypot(3, x);
    const y = Float64Array.of(3 / size, x / size);
    const found = await hypergradient(problem, Float64Array.of(x), { method: "explicit", y });
    expect(found.gradient[0]).toBeCloseTo(9 / size ** 3, 10); // (x / |(3, x)|)'
    expect(found.multipliers[0]).toBeCloseTo(size - 1, 10);
  });
});

describe("the explicit formula at a sigma", () => {
  test.each([0.3, 0.05])("is the mixed difference of the penalized value, sigma = %f", async (sigma) => {
    const family = affineBilevelProblem({ seed: 6 });
    const x = pointOf(9, 4);
    // min_y sigma f + g is sigma psi_sigma, since min g = 0; it is quadratic in x
    const value = (at: Float64Array, s: number) => s * family.penaltyValue(at, s);
    const [hx, hs] = [0.1, 1e-4];
    const found = await hypergradient(family.problem, x, { method: "explicit", sigma });
    expect(found.status).toBe("converged");
    for (const [j, xj] of x.entries()) {
      const along = (s: number) => value(x.with(j, xj + hx), s) - value(x.with(j, xj - hx), s);
      const difference = (along(sigma + hs) - along(sigma - hs)) / (4 * hx * hs);
      expect(Math.abs(found.gradient[j] - difference)).toBeLessThan(1e-5);
    }
    // neither the hypergradient nor that of psi_sigma
    const gap = (other: Float64Array) => norm2(found.gradient.map((entry, j) => entry - other[j]));
    expect(gap(family.hypergradient(x))).toBeGreaterThan(0.01);
    expect(gap(family.penaltyGradient(x, sigma))).toBeGreaterThan(0.01);
  });

  // f = x y_1^2/2 + y_1 y_2, g = (y_1 - x)^2/2 + (y_2 - 2)^2/2, y_2 <= 1: y_1 = (x - sigma)/(1 + sigma x), y_2 = 1
  const problem: BilevelProblem = {
    dimensionX: 1,
    dimensionY: 2,
    upper: {
      value: ([x], [a, b]) => (x * a ** 2) / 2 + a * b,
      gradientX: (_, [a]) => Float64Array.of(a ** 2 / 2),
      gradientY: ([x], [a, b]) => Float64Array.of(x * a + b, a),
    },
    lower: {
      value: ([x], [a, b]) => (a - x) ** 2 / 2 + (b - 2) ** 2 / 2,
      gradientX: ([x], [a]) => Float64Array.of(x - a),
      gradientY: ([x], [a, b]) => Float64Array.of(a - x, b - 2),
    },
    projectY: (y) => y.with(1, Math.min(1, y[1])),
    lowerProducts: { yy: (_x, _y, v) => v.slice(), xy: (_x, _y, [a]) => Float64Array.of(-a) },
    upperProducts: {
      yy: ([x], _, [a, b]) => Float64Array.of(x * a + b, a),
      xy: (_, [y], [a]) => Float64Array.of(y * a),
    },
    lowerConstraints: {
      values: (y) => Float64Array.of(y[1] - 1),
      jacobian: () => ({ rows: 1, columns: 2, values: Float64Array.of(0, 1) }),
    },
  };

  test("is the closed form with a constraint and an upper level that couples x and y", async () => {
    const [x, sigma] = [0.8, 0.2];
    // d l/d sigma = f(x, y)
    const upper = (at: number) => {
      const y = (at - sigma) / (1 + sigma * at);
      return (at * y ** 2) / 2 + y;
    };
    const difference = (upper(x + 1e-5) - upper(x - 1e-5)) / 2e-5;
    const found = await hypergradient(problem, Float64Array.of(x), { method: "explicit", sigma });
    expect(found.gradient[0]).toBeCloseTo(difference, 7);
    expect(found.active).toEqual([0]);
    expect(found.multipliers[0]).toBeCloseTo(1 - sigma * ((x - sigma) / (1 + sigma * x)), 7);
    const y = Float64Array.of((x - sigma) / (1 + sigma * x), 1);
    const known = await hypergradient(problem, Float64Array.of(x), { method: "explicit", sigma, y });
    expect(known.gradient[0]).toBeCloseTo(difference, 8);
  });

  test("needs second derivatives of the upper level", async () => {
    const { upperProducts: _, ...without } = problem;
    const options = { method: "explicit", sigma: 0.1 } as const;
    await expect(hypergradient(without, Float64Array.of(1), options)).rejects.toThrow(
      'upperProducts must be given for the "explicit" hypergradient at a sigma, got undefined',
    );
    const half = { yy: problem.upperProducts?.yy } as never;
    await expect(
      hypergradient({ ...without, upperProducts: half }, Float64Array.of(1), options),
    ).rejects.toThrow("upperProducts.xy must be a function, got undefined");
  });
});
