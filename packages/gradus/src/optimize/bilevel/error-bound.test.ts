import { expect, test } from "vitest";
import { type BilevelProblem, estimateErrorBound, regularBilevelProblem } from "./index.ts";
import { pointOf } from "./test-support.ts";

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
