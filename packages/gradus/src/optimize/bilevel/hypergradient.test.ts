import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import {
  affineBilevelProblem,
  type BilevelProblem,
  estimateErrorBound,
  hypergradient,
  hypergradientDescent,
  penaltyHyperobjective,
  regularBilevelProblem,
  warpedBilevelProblem,
} from "./index.ts";

const pointOf = (seed: number, d: number) => randomStream(seed).fillNormal(new Float64Array(d));
const expectClose = (actual: ArrayLike<number>, wanted: ArrayLike<number>, size: number) => {
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(actual[i] - wanted[i])).toBeLessThan(size);
};

describe("the penalized hyper-objective", () => {
  const family = affineBilevelProblem({ seed: 4 });
  const x = pointOf(1, 4);

  test.each([0.1, 1e-3, 1e-4])("has the closed form's value and gradient, sigma = %f", async (sigma) => {
    const found = await penaltyHyperobjective(family.problem, x, sigma);
    expect(found.status).toBe("converged");
    expect(Math.abs(found.value - family.penaltyValue(x, sigma))).toBeLessThan(1e-7);
    expectClose(found.gradient, family.penaltyGradient(x, sigma), 1e-6);
  });

  test("says when a lower problem was not solved", async () => {
    const found = await penaltyHyperobjective(family.problem, x, 1e-3, { maxIterations: 3 });
    expect(found.status).toBe("inner-not-converged");
    expect(Math.max(...found.residuals)).toBeGreaterThan(1e-11);
  });

  test("the distance to the hyper-objective of the warped problem falls like sigma", async () => {
    const warped = warpedBilevelProblem({ seed: 0 });
    const at = pointOf(2, 5);
    const gaps: number[] = [];
    for (const sigma of [1e-2, 1e-3]) {
      const { value } = await penaltyHyperobjective(warped.problem, at, sigma);
      gaps.push(warped.hyperobjective(at) - value);
    }
    expect(gaps[1]).toBeGreaterThan(0);
    expect(gaps[0] / gaps[1]).toBeGreaterThan(8);
    expect(gaps[0] / gaps[1]).toBeLessThan(12);
  });

  test("of a linear lower level over a box is the closed form", async () => {
    // f = x^2 + y^2, g = x y on [-1, 1]: psi_sigma = x^2 + |x|/sigma - x^2/(4 sigma^2) up to |x| = 2 sigma, then x^2 + 1
    const clip = (y: Float64Array) => y.map((value) => Math.min(1, Math.max(-1, value)));
    const jump: BilevelProblem = {
      dimensionX: 1,
      dimensionY: 1,
      upper: {
        value: ([at], [y]) => at ** 2 + y ** 2,
        gradientX: ([at]) => Float64Array.of(2 * at),
        gradientY: (_, [y]) => Float64Array.of(2 * y),
      },
      lower: {
        value: ([at], [y]) => at * y,
        gradientX: (_, [y]) => Float64Array.of(y),
        gradientY: ([at]) => Float64Array.of(at),
      },
      projectY: clip,
    };
    const sigma = 0.1;
    for (const at of [-0.9, -0.1, 0.01, 0.15, 0.2, 0.7]) {
      const size = Math.abs(at);
      const wanted = at ** 2 + (size <= 2 * sigma ? size / sigma - (at / (2 * sigma)) ** 2 : 1);
      const found = await penaltyHyperobjective(jump, Float64Array.of(at), sigma);
      expect(found.value).toBeCloseTo(wanted, 10);
    }
  });

  test("sigma must be positive, values finite", async () => {
    await expect(penaltyHyperobjective(family.problem, x, 0)).rejects.toThrow(
      "sigma must be a positive number",
    );
    const upper = { ...family.problem.upper, value: () => Number.NaN };
    await expect(penaltyHyperobjective({ ...family.problem, upper }, x, 0.1)).rejects.toThrow(
      "the value of the upper level is NaN at x = [",
    );
  });
});

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

describe("one lower solution", () => {
  // g = |y - P x|^2 / 2 + (y . d)^2 / 2, f = |y - c|^2 / 2: psi has a closed form by the 3 x 3 system
  const d = [0.5, -1, 0.3];
  const c = [1, 2, -1];
  const P = [
    [1, 0.5],
    [-0.3, 1],
    [0.2, 0.7],
  ];
  const wanted = (x: Float64Array) => P.map((row) => row[0] * x[0] + row[1] * x[1]);
  const yy = (v: Float64Array) => {
    const along = d.reduce((sum, value, i) => sum + value * v[i], 0);
    return v.map((value, i) => value + d[i] * along);
  };
  /** (I + d d^T)^-1 v (Sherman & Morrison). */
  const inverse = (v: number[]) => {
    const along = d.reduce((sum, value, i) => sum + value * v[i], 0);
    const square = d.reduce((sum, value) => sum + value * value, 0);
    return v.map((value, i) => value - (d[i] * along) / (1 + square));
  };
  const back = (v: ArrayLike<number>) => [0, 1].map((j) => P.reduce((sum, row, i) => sum + row[j] * v[i], 0));
  const problem: BilevelProblem = {
    dimensionX: 2,
    dimensionY: 3,
    upper: {
      value: (_, y) => y.reduce((sum, v, i) => sum + (v - c[i]) ** 2 / 2, 0),
      gradientX: (_x, _y, out) => out.fill(0),
      gradientY: (_, y) => y.map((v, i) => v - c[i]),
    },
    lower: {
      value: (x, y) =>
        y.reduce((sum, v, i) => sum + (v - wanted(x)[i]) ** 2 / 2, 0) +
        y.reduce((sum, v, i) => sum + v * d[i], 0) ** 2 / 2,
      gradientX: (x, y) => Float64Array.from(back(y.map((v, i) => v - wanted(x)[i])), (v) => -v),
      gradientY: (x, y) => yy(y).map((v, i) => v - wanted(x)[i]),
    },
    lowerProducts: {
      yy: (_x, _y, v) => yy(v),
      xy: (_x, _y, v) => Float64Array.from(back(v), (value) => -value),
    },
  };
  const x = Float64Array.of(0.8, -0.4);
  const solution = inverse(wanted(x));
  const exact = back(inverse(solution.map((v, i) => v - c[i])));

  test.each([
    ["explicit", {}, 1e-3],
    ["penalty", { sigma: 1e-5 }, 1e-3],
    ["aid", {}, 1e-7],
    ["itd", { innerSteps: 200, innerStepSize: 0.4 }, 1e-7],
  ] as const)("%s agrees with the closed form", async (method, options, size) => {
    const found = await hypergradient(problem, x, { method, ...options });
    expect(found.status).toBe("converged");
    expectClose(found.gradient, exact, size);
    if (method === "penalty") expect(found.products).toBe(0);
    else expect(found.products).toBeGreaterThan(0);
  });

  test("itd tells that its steps were too few or too long", async () => {
    const few = await hypergradient(problem, x, { method: "itd", innerSteps: 3, innerStepSize: 0.4 });
    expect(few.status).toBe("inner-not-converged");
    const long = hypergradient(problem, x, { method: "itd", innerSteps: 100, innerStepSize: 4 });
    await expect(long).rejects.toThrow("a step size is too large");
  });

  test("a signal ends long solves", async () => {
    const weak = {
      ...problem,
      lower: {
        ...problem.lower,
        gradientY: (_: Float64Array, y: Float64Array) => Float64Array.of(1e-9 * y[0] - 1e-6, y[1], y[2]),
      },
    };
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 1);
    const options = { tolerance: 1e-14, maxIterations: 1e9, signal: stop.signal };
    await expect(penaltyHyperobjective(weak, x, 1e-6, options)).rejects.toThrow("enough");
  });

  test("what a method needs is asked for", async () => {
    const half = { yy: problem.lowerProducts?.yy } as never;
    await expect(hypergradient({ ...problem, lowerProducts: half }, x, { method: "aid" })).rejects.toThrow(
      "lowerProducts.xy must be a function, got undefined",
    );
    const { lowerProducts: _, ...first } = problem;
    await expect(hypergradient(first, x, { method: "aid" })).rejects.toThrow(
      'lowerProducts must be given for the "aid" hypergradient',
    );
    await expect(hypergradient({ ...problem, projectY: (y) => y }, x, { method: "itd" })).rejects.toThrow(
      "projectY must be absent",
    );
    await expect(hypergradient(problem, x, { method: "itd" })).rejects.toThrow(
      "innerStepSize must be a positive",
    );
    await expect(hypergradient(problem, x, { method: "hessian" as never })).rejects.toThrow(
      'method must be "explicit", "penalty", "aid" or "itd", got "hessian"',
    );
  });
});

describe("the error bound", () => {
  test("holds for the regular problem with a constant that does not fall with sigma", async () => {
    const { problem } = regularBilevelProblem({ seed: 1 });
    const x = pointOf(3, 5);
    const constants: number[] = [];
    for (const sigma of [0.1, 1e-3, 0]) {
      const found = await estimateErrorBound(problem, x, sigma, { samples: 8 });
      expect(found.status).toBe("converged");
      constants.push(found.constant);
    }
    expect(Math.min(...constants)).toBeGreaterThan(0.1);
  });

  test("is the curvature over 1 + rho curvature for a parabola", async () => {
    const bowl = (curvature: number): BilevelProblem => ({
      dimensionX: 1,
      dimensionY: 3,
      upper: {
        value: () => 0,
        gradientX: (_x, _y, out) => out.fill(0),
        gradientY: (_x, _y, out) => out.fill(0),
      },
      lower: {
        value: (_, y) => (curvature * y.reduce((sum, v) => sum + v * v, 0)) / 2,
        gradientX: (_x, _y, out) => out.fill(0),
        gradientY: (_, y) => y.map((v) => curvature * v),
      },
    });
    for (const curvature of [0.01, 1, 4]) {
      const found = await estimateErrorBound(bowl(curvature), Float64Array.of(0), 0, { proxParameter: 0.5 });
      expect(found.constant).toBeCloseTo(curvature / (1 + 0.5 * curvature), 5);
    }
  });
});
