import { expect, test } from "vitest";
import {
  affineBilevelProblem,
  type BilevelProblem,
  penaltyHyperobjective,
  warpedBilevelProblem,
} from "./index.ts";
import { expectClose, pointOf } from "./test-support.ts";

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
