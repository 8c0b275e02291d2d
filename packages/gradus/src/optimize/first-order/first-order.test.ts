import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import type { Method } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { gaussianNumbers } from "../../linalg/test-matrices.ts";
import { dot } from "../../linalg/vector.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { Objective } from "../../objectives/objective.ts";
import { quadratic } from "../../objectives/quadratic.ts";
import type { RegularizedIterate, RegularizedState } from "../descent/adapted-parameter.ts";
import { denseMetric, diagonalMetric, identityMetric } from "../descent/metric.ts";
import { minimize } from "../minimize.ts";
import { fastGradientMethod } from "./fast-gradient-method.ts";
import { gradientMethod } from "./gradient-method.ts";

/** f(x) = 1/2 sum_j a_j x_j^2. */
function diagonalQuadratic(...a: number[]) {
  const n = a.length;
  const values = new Float64Array(n * n);
  a.forEach((aj, j) => {
    values[j * (n + 1)] = aj;
  });
  return quadratic({ rows: n, columns: n, values });
}

async function take(method: Method<RegularizedIterate>, count: number): Promise<RegularizedIterate[]> {
  const iterates: RegularizedIterate[] = [];
  for await (const iterate of method) {
    iterates.push(iterate);
    if (iterates.length === count) break;
  }
  return iterates;
}

describe("metrics", () => {
  const n = 4;
  const G = gaussianNumbers(3, n * n);
  const B = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) B[i * n + j] += G[i * n + k] * G[j * n + k] + (i === j ? 0.1 : 0);
  const diagonal = Float64Array.of(0.5, 1, 2, 40);

  test.each([
    ["identity", identityMetric(n)],
    ["diagonal", diagonalMetric(diagonal)],
    ["dense", denseMetric(denseMatrix(B, n, n))],
  ])("%s: solve undoes apply, and norms are dual", (_, metric) => {
    const [h, g] = [gaussianNumbers(5, n), gaussianNumbers(6, n)];
    metric.solve(metric.apply(h)).forEach((value, j) => {
      expect(value).toBeCloseTo(h[j], 10);
    });
    expect(metric.norm(h) ** 2).toBeCloseTo(dot(h, metric.apply(h)), 10);
    expect(metric.dualNorm(g) ** 2).toBeCloseTo(dot(g, metric.solve(g)), 9);
    expect(Math.abs(dot(g, h))).toBeLessThanOrEqual(metric.dualNorm(g) * metric.norm(h));
    const maximizer = metric.solve(g); // where the inequality is an equality
    expect(dot(g, maximizer)).toBeCloseTo(metric.dualNorm(g) * metric.norm(maximizer), 8);
  });

  test("refuse what is not positive definite, or does not fit", () => {
    expect(() => denseMetric(denseMatrix([1, 2, 2, 1], 2, 2))).toThrow(
      "metric must be positive definite (pivot 1 <= 0)",
    );
    expect(() => diagonalMetric(Float64Array.of(1, 0))).toThrow("pivot 1 is 0, not > 0");
    expect(() => denseMetric(denseMatrix([1, 2], 1, 2))).toThrow("metric must be square, got 1 x 2");
    expect(() => denseMetric(denseMatrix([1, Number.NaN, Number.NaN, 1], 2, 2))).toThrow(DataError);
    const f = diagonalQuadratic(1, 2, 3);
    expect(() => gradientMethod(f, new Float64Array(3), { metric: identityMetric(2) })).toThrow(
      "metric must be of dimension 3, got 2",
    );
    expect(() => gradientMethod(f, new Float64Array(3), { metric: identityMetric(2 ** 50) })).toThrow(
      `metric must be of dimension 3, got ${2 ** 50}`,
    );
    expect(() => identityMetric(1.5)).toThrow("dimension must be a positive integer, got 1.5");
  });
});

describe("the gradient method", () => {
  test("with fixed L contracts every coordinate of a quadratic by 1 - a/L", async () => {
    const f = diagonalQuadratic(1, 3, 4);
    const x0 = Float64Array.of(1, -2, 3);
    const iterates = await take(gradientMethod(f, x0, { smoothness: 4, adaptive: false }), 6);
    for (const { iteration, x } of iterates)
      [0.75, 0.25, 0].forEach((factor, j) => {
        expect(x[j]).toBeCloseTo(x0[j] * factor ** iteration, 14);
      });
  });

  test("in the quadratic's own metric takes Newton's step", async () => {
    const metric = diagonalMetric(Float64Array.of(1, 100));
    const f = diagonalQuadratic(1, 100);
    const [, { x, step }] = await take(gradientMethod(f, Float64Array.of(3, 4), { metric }), 2);
    expect([...x]).toEqual([0, 0]);
    expect(step).toMatchObject({ trials: 1, lambda: 1 });
  });

  test("L rises to the curvature it meets, no more than twice, and falls with it", async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), async (curvature) => {
        const iterates = await take(gradientMethod(diagonalQuadratic(curvature), Float64Array.of(1)), 30);
        for (const { step } of iterates)
          if (step) {
            expect(step.lambda).toBeGreaterThanOrEqual(Math.min(1, curvature / 2));
            expect(step.lambda).toBeLessThanOrEqual(Math.max(1, 2 * curvature));
          }
      }),
      { numRuns: 30 },
    );
  });

  test("every step decreases f by at least ||g||_*^2 / (2L)", async () => {
    const A = { rows: 30, columns: 5, values: gaussianNumbers(1, 150) };
    const y = Int32Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? -1 : 1));
    const iterates = await take(gradientMethod(logisticRegression(A, y), new Float64Array(5)), 40);
    for (let k = 1; k < iterates.length; k++) {
      const { value, gradientNorm } = iterates[k - 1];
      if (gradientNorm < 1e-6) break; // the decrease is rounding from here on
      expect(value - iterates[k].value).toBeGreaterThanOrEqual(
        gradientNorm ** 2 / (2 * iterates[k].step!.lambda),
      );
    }
  });
});

test("the fast gradient method meets its bound 4 L ||x0 - x*||^2 / k^2, where the gradient method is far off", async () => {
  const spectrum = Array.from({ length: 50 }, (_, j) => 10 ** (-6 * (j / 49)));
  const f = diagonalQuadratic(...spectrum);
  const x0 = new Float64Array(50).fill(1);
  const fast = await take(fastGradientMethod(f, x0), 301);
  for (const { iteration: k, value } of fast) if (k > 0) expect(value).toBeLessThanOrEqual((4 * 50) / k ** 2);
  const slow = await take(gradientMethod(f, x0), 301);
  expect(fast[300].value).toBeLessThan(slow[300].value / 4);
});

describe("minimize", () => {
  const f = diagonalQuadratic(1, 10);
  const x0 = Float64Array.of(1, 1);

  test("ends at the tolerances and limits it is given", async () => {
    const byGradient = await minimize(f, x0, { method: gradientMethod, gradientTolerance: 1e-3 });
    expect(byGradient.status).toBe("converged");
    expect(byGradient.gradientNorm).toBeLessThanOrEqual(1e-3);
    const byValue = await minimize(f, x0, { method: gradientMethod, optimum: 0, valueTolerance: 1e-2 });
    expect(byValue.value).toBeLessThanOrEqual(1e-2);
    expect(byValue.trace.at(-2)?.value).toBeGreaterThan(1e-2);
    expect(await minimize(f, x0, { method: gradientMethod, maxIterations: 3 })).toMatchObject({
      status: "max-iterations",
      iterations: 3,
    });
    const seen: number[] = [];
    const onIterate = ({ iteration }: RegularizedIterate): boolean => seen.push(iteration) < 3;
    expect(await minimize(f, x0, { method: gradientMethod, onIterate })).toMatchObject({
      status: "stopped",
      iterations: 2,
    });
    expect(seen).toEqual([0, 1, 2]);
  });

  test("counts what the objective was asked, and traces every iterate with the step from it", async () => {
    const { trace, iterations, solves, evaluations, gradients } = await minimize(f, x0, {
      method: gradientMethod,
    });
    expect(trace.map(({ iteration }) => iteration)).toEqual([...Array(iterations + 1).keys()]);
    const trials = trace.reduce((sum, { step }) => sum + (step?.trials ?? 0), 0);
    expect(trace.at(-1)?.step).toBeUndefined();
    expect([solves, evaluations, gradients]).toEqual([trials, trials + 1, iterations + 1]);
    for (const { gradientNorm, step } of trace)
      if (step) expect(step.gamma * step.lambda).toBeCloseTo(gradientNorm, 12);
  });

  test("a stationary start is a result at once", async () => {
    const result = await minimize(f, new Float64Array(2), { method: gradientMethod });
    expect(result).toMatchObject({ status: "converged", iterations: 0, evaluations: 1 });
  });

  test("a function that falls beside its gradient fails the line search and keeps the point", async () => {
    const liar: Objective = { ...f, value: (x) => f.value(x), gradient: (x) => f.gradient(x).map((g) => -g) };
    const broken = {
      ...liar,
      valueAndGradient: (x: Float64Array) => ({ value: f.value(x), gradient: f.gradient(x).map((g) => -g) }),
    };
    const result = await minimize(broken, x0, { method: gradientMethod });
    // L = 1, 2, 4, ... until  ||g||^2 / (2 L), here 101 / (2 L), is 10 roundings of f = 5.5
    const trials = Math.ceil(Math.log2(101 / (20 * Number.EPSILON * 5.5)));
    expect(result).toMatchObject({ status: "no-acceptable-step", iterations: 0, evaluations: 1 + trials });
    expect([...result.x]).toEqual([1, 1]);
    expect(result.trace).toHaveLength(1);
  });

  test.each([
    [{ gradientTolerance: -1 }, "gradientTolerance must be a non-negative number, got -1"],
    [{ valueTolerance: 1 }, "valueTolerance needs optimum"],
    [{ valueTolerance: -1, optimum: 0 }, "valueTolerance must be a non-negative number, got -1"],
    [{ maxIterations: Number.NaN }, "maxIterations must be a non-negative number or Infinity, got NaN"],
  ])("refuses %j", async (options, message) => {
    await expect(minimize(f, x0, { method: gradientMethod, ...options })).rejects.toThrow(message);
  });
});

describe("every method of descent", () => {
  const f = diagonalQuadratic(1, 10, 100);
  const x0 = Float64Array.of(1, 2, 3);
  const methods = { gradientMethod, fastGradientMethod };

  test.each(Object.entries(methods))("%s resumes bit for bit from a stored state", async (_, method) => {
    const whole = await take(method(f, x0), 12);
    const stored = parseCheckpoint(serializeCheckpoint(whole[5].state)) as RegularizedState;
    const rest = await take(method(f, x0, { resume: { iteration: 5, state: stored } }), 7);
    expect(rest).toEqual(whole.slice(5));
  });

  test.each(Object.entries(methods))("%s refuses a bad start", async (_, method) => {
    expect(() => method(f, Float64Array.of(1, Number.NaN, 0))).toThrow(
      "x0 must be finite, got NaN at index 1",
    );
    expect(() => method(f, new Float64Array(2))).toThrow("x0 must have 3 numbers, got 2");
    expect(() => method(f, x0, { smoothness: 0 })).toThrow("smoothness must be a positive number, got 0");
    const nowhere: Objective = { ...f, valueAndGradient: (x) => ({ value: Number.NaN, gradient: x }) };
    await expect(take(method(nowhere, x0), 1)).rejects.toThrow("the value at x0 must be finite, got NaN");
    const [{ state }] = await take(method(diagonalQuadratic(1), Float64Array.of(1)), 1);
    expect(() => method(f, x0, { resume: { iteration: 0, state } })).toThrow(ArgumentError);
  });
});
