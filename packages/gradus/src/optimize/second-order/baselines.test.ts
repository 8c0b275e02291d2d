import { describe, expect, test } from "vitest";
import { denseMultiply } from "../../linalg/dense.ts";
import { gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { quadratic } from "../../objectives/quadratic.ts";
import { rosenbrockResidual } from "../../objectives/residual.ts";
import { residualPower } from "../../objectives/residual-power.ts";
import { diagonalMetric } from "../descent/metric.ts";
import { minimize } from "../minimize.ts";
import { cubicNewton } from "./cubic-newton.ts";
import { gnsGradient } from "./gns-gradient.ts";
import { gnsNewton } from "./gns-newton.ts";
import { adaptiveGradientDescent, gradientRegularizedNewton, normalizedGradientDescent } from "./presets.ts";
import { superUniversalNewton } from "./super-universal-newton.ts";

const n = 5;
const y = Int32Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 1 : -1));
const logistic = logisticRegression({ rows: 50, columns: n, values: gaussianNumbers(1, 50 * n) }, y);
const x0 = new Float64Array(n).fill(2);
const metric = diagonalMetric(Float64Array.of(1, 2, 3, 4, 5));

test.each([
  ["gnsNewton", gnsNewton],
  ["superUniversalNewton", superUniversalNewton],
  ["cubicNewton", cubicNewton],
  ["gnsGradient", gnsGradient],
])("%s finds the same minimum in any metric", async (_, method) => {
  const plain = await minimize(logistic, x0, { method, gradientTolerance: 1e-10 });
  const other = await minimize(logistic, x0, { method, metric, gradientTolerance: 1e-10 });
  expect([plain.status, other.status]).toEqual(["converged", "converged"]);
  expect(largestDifference(plain.x, other.x)).toBeLessThan(1e-7);
});

test("super-universal Newton divides M by 4 at a step and multiplies it by 4 at a rejection", async () => {
  const { trace } = await minimize(logistic, x0, {
    method: superUniversalNewton,
    exponent: 0.5,
    coefficient: 1e-3,
  });
  let M = 1e-3;
  for (const { step, gradientNorm } of trace) {
    if (!step) continue;
    M *= 4 ** (step.trials - 1);
    expect(step.lambda / (M * Math.sqrt(gradientNorm))).toBeCloseTo(1, 12);
    M = Math.max(M / 4, 1e-5);
  }
});

describe("cubic Newton", () => {
  test("the step is a stationary point of the cubic model, with a matrix that makes it the minimum", async () => {
    const rosenbrock = residualPower(rosenbrockResidual);
    for (const start of [
      Float64Array.of(0, 2), // indefinite Hessian
      Float64Array.of(-2, 2),
    ]) {
      const { trace, x } = await minimize(rosenbrock, start, {
        method: cubicNewton,
        coefficient: 100,
        maxIterations: 1,
      });
      const { lambda } = trace[0].step!; // (M/2) ||h||
      const h = x.map((xj, j) => xj - start[j]);
      const { values: H } = rosenbrock.hessian(start);
      const g = rosenbrock.gradient(start);
      const Hh = denseMultiply(H, 2, 2, h);
      const scale = Math.hypot(...g);
      g.forEach((gj, j) => {
        expect(Math.abs(gj + Hh[j] + lambda * h[j]) / scale).toBeLessThan(1e-7);
      });
      const M = 100 * 2 ** (trace[0].step!.trials - 1);
      expect(lambda / ((M / 2) * Math.hypot(...h))).toBeCloseTo(1, 6);
      // H + lambda I is positive semidefinite
      expect((H[0] + lambda) * (H[3] + lambda) - H[1] * H[2]).toBeGreaterThan(0);
      expect(H[0] + lambda).toBeGreaterThan(0);
    }
  });

  test("on x^2/2 the first step solves h + x + (M/2) h|h| = 0", async () => {
    const f = quadratic({ rows: 1, columns: 1, values: Float64Array.of(1) });
    const { x } = await minimize(f, Float64Array.of(2), {
      method: cubicNewton,
      coefficient: 1,
      maxIterations: 1,
    });
    expect(x[0] - 2).toBeCloseTo(-(Math.sqrt(5) - 1), 7); // r^2/2 + r = 2
  });
});

describe("presets", () => {
  test("normalized gradient descent moves by its radius", async () => {
    expect.hasAssertions();
    const radius = 0.25;
    let previous: Float64Array | undefined;
    await minimize(logistic, x0, {
      method: normalizedGradientDescent,
      radius,
      metric,
      maxIterations: 5,
      onIterate({ x }) {
        if (previous) expect(metric.norm(x.map((xj, j) => xj - previous![j]))).toBeCloseTo(radius, 12);
        previous = x;
      },
    });
  });

  test("gradient descent with the adaptive radius is the same from either door", async () => {
    const one = await minimize(logistic, x0, { method: adaptiveGradientDescent, metric, maxIterations: 20 });
    const other = await minimize(logistic, x0, { method: gnsGradient, metric, maxIterations: 20 });
    expect(largestDifference(one.x, other.x)).toBeLessThan(1e-12);
    const preconditioner = (g: Float64Array) => metric.solve(g);
    const preconditioned = await minimize(logistic, x0, { method: gnsGradient, preconditioner });
    expect(preconditioned.status).toBe("converged");
  });

  test("gradient-regularized Newton keeps lambda / ||g||^exponent", async () => {
    const { trace, status } = await minimize(logistic, x0, {
      method: gradientRegularizedNewton,
      exponent: 2 / 3,
      coefficient: 0.7,
    });
    expect(status).toBe("converged");
    for (const { step, gradientNorm } of trace)
      if (step) expect(step.lambda / gradientNorm ** (2 / 3)).toBeCloseTo(0.7, 10);
  });
});

test("bad options are refused", () => {
  expect(() => superUniversalNewton(logistic, x0, { exponent: 2 })).toThrow(
    "exponent must be in [0, 1], got 2",
  );
  expect(() => superUniversalNewton(logistic, x0, { coefficient: 0 })).toThrow("coefficient must be");
  expect(() => cubicNewton(logistic, x0, { coefficient: -1 })).toThrow("coefficient must be");
});
