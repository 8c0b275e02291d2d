import { expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { minimizeEquality } from "./minimize-equality.ts";
import { gradientScale } from "./objective-scale.ts";
import type { EqualityProblem } from "./problem.ts";
import { equalityTestProblems } from "./problems/equality-test-problems.ts";

/** f in other units, written out here: f times a factor, its derivatives by the product of a vector and a matrix. */
function inUnits(problem: EqualityProblem, factor: number, products: boolean): EqualityProblem {
  const { dimension: n, constraintCount } = problem;
  const hessian = async (x: Float64Array, lambda: Float64Array) => {
    const H = await problem.hessianLagrangian?.(
      x,
      lambda.map((value) => value / factor),
    );
    return denseMatrix(
      (H?.values ?? new Float64Array()).map((value) => factor * value),
      n,
      n,
    );
  };
  return {
    dimension: n,
    constraintCount,
    value: async (x) => factor * (await problem.value(x)),
    gradient: async (x) => (await problem.gradient(x)).map((value) => factor * value),
    constraints: (x) => problem.constraints(x),
    jacobian: (x) => problem.jacobian(x),
    ...(products
      ? {
          async hessianVectorProduct(x, lambda, v) {
            const { values } = await hessian(x, lambda);
            return Float64Array.from({ length: n }, (_, i) =>
              v.reduce((sum, value, j) => sum + values[i * n + j] * value, 0),
            );
          },
        }
      : { hessianLagrangian: hessian }),
  };
}

test.each([1e-6, 1, 1e6])(
  "scaled by the gradient, all test problems are solved with an objective in units of %d",
  async (factor) => {
    for (const [k, { name, problem, start, optimum }] of equalityTestProblems.entries()) {
      const run = await minimizeEquality(inUnits(problem, factor, k % 2 === 1), start, {
        scaling: "gradient",
        maxIterations: 1000,
      });
      expect(run.status, name).toBe("converged");
      expect(run.constraintNorm, name).toBeLessThanOrEqual(1e-4);
      const error = Math.abs(run.value / factor - optimum) / Math.max(1, Math.abs(optimum));
      expect(error, name).toBeLessThanOrEqual(1e-4);
    }
  },
);

test("the tolerance alone is in the units of the objective", async () => {
  const runs = equalityTestProblems.map(async ({ problem, start, optimum }) => {
    const { status, value } = await minimizeEquality(inUnits(problem, 1e-6, false), start);
    return status === "converged" && Math.abs(1e6 * value - optimum) > 1e-3 * Math.max(1, Math.abs(optimum));
  });
  expect((await Promise.all(runs)).filter(Boolean).length).toBeGreaterThan(10);
});

test("multipliers are those of the objective: min 3e5 (x + y) on the circle of radius sqrt(2)", async () => {
  const problem: EqualityProblem = {
    dimension: 2,
    constraintCount: 1,
    value: ([x, y]) => 3e5 * (x + y),
    gradient: () => Float64Array.of(3e5, 3e5),
    constraints: ([x, y]) => Float64Array.of(x * x + y * y - 2),
    jacobian: ([x, y]) => denseMatrix([2 * x, 2 * y], 1, 2),
    hessianLagrangian: (_, [lambda]) => denseMatrix([2 * lambda, 0, 0, 2 * lambda], 2, 2),
  };
  for (const method of ["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"] as const) {
    const run = await minimizeEquality(problem, Float64Array.of(-0.8, -1.3), {
      method,
      scaling: "gradient",
      lambda0: Float64Array.of(1e5),
      tolerance: 1e-9,
    });
    expect(run.status).toBe("converged");
    // by hand: x = y = -1 and lambda = -3e5 / (2 x)
    expect(run.x[0]).toBeCloseTo(-1, 8);
    expect(run.lambda[0] / 1.5e5).toBeCloseTo(1, 7);
    expect(run.value / -6e5).toBeCloseTo(1, 8);
  }
});

test("a quadratic is scaled at the origin, too, where its gradient is 0", async () => {
  // min unit (x^2 + 2 y^2) / 2 on x + y = 3, by hand: x = 2, y = 1, value 3 unit
  for (const unit of [1e-9, 1, 1e9]) {
    const calls = { objective: 0, gradient: 0, constraints: 0, jacobian: 0 };
    const called = <T>(name: keyof typeof calls, result: T): T => {
      calls[name] += 1;
      return result;
    };
    const problem: EqualityProblem = {
      dimension: 2,
      constraintCount: 1,
      value: ([x, y]) => called("objective", (unit * (x * x + 2 * y * y)) / 2),
      gradient: ([x, y]) => called("gradient", Float64Array.of(unit * x, 2 * unit * y)),
      constraints: ([x, y]) => called("constraints", Float64Array.of(x + y - 3)),
      jacobian: () => called("jacobian", denseMatrix([1, 1], 1, 2)),
      hessianLagrangian: () => denseMatrix([unit, 0, 0, 2 * unit], 2, 2),
    };
    const run = await minimizeEquality(problem, new Float64Array(2), {
      scaling: "gradient",
      tolerance: 1e-8,
    });
    expect(run.status).toBe("converged");
    expect(run.value / unit).toBeCloseTo(3, 6);
    expect(run.counts).toMatchObject(calls);
  }
});

test("the factor brings the largest entry of the gradient to 1, within bounds", () => {
  expect(gradientScale(Float64Array.of(0.5, -4))).toBe(0.25);
  expect(gradientScale(Float64Array.of(0, 0))).toBe(1);
  expect(gradientScale(Float64Array.of(1, Number.NaN))).toBe(1);
  expect(gradientScale(Float64Array.of(Number.POSITIVE_INFINITY))).toBe(1);
  expect(gradientScale(Float64Array.of(1e-12))).toBe(1e8);
  expect(gradientScale(Float64Array.of(1e12))).toBe(1e-8);
});

test("refuses a scaling that there is not", async () => {
  const { problem, start } = equalityTestProblems[0];
  await expect(minimizeEquality(problem, start, { scaling: "auto" as "none" })).rejects.toThrow(
    'scaling must be "none" or "gradient", got "auto"',
  );
});
