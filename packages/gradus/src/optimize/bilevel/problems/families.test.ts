import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../../check/errors.ts";
import { randomStream } from "../../../random/stream.ts";
import { penaltyHyperobjective } from "../hyperobjective.ts";
import {
  affineBilevelProblem,
  type BilevelTestProblem,
  regularBilevelProblem,
  warpedBilevelProblem,
} from "./families.ts";

const families: [string, (options: { seed: number }) => BilevelTestProblem][] = [
  ["affine", affineBilevelProblem],
  ["warped", warpedBilevelProblem],
  ["regular", regularBilevelProblem],
];

/** Central differences of a function of one vector. */
function differences(f: (x: Float64Array) => number, x: Float64Array, h = 1e-5): number[] {
  return Array.from(x, (value, j) => (f(x.with(j, value + h)) - f(x.with(j, value - h))) / (2 * h));
}

test.each([0.05, 1e-3, 1e-5])("the regular problem penalized, sigma = %f", async (sigma) => {
  const { problem, hyperobjective, penaltyValue, penaltyGradient } = regularBilevelProblem({ seed: 3 });
  const x = randomStream(6).fillNormal(new Float64Array(problem.dimensionX));
  // by the general solver
  const solved = await penaltyHyperobjective(problem, x, sigma);
  expect(Math.abs(penaltyValue(x, sigma) - solved.value)).toBeLessThan(1e-7);
  const gradient = penaltyGradient(x, sigma);
  for (const [j, slope] of solved.gradient.entries()) expect(gradient[j]).toBeCloseTo(slope, 6);
  for (const [j, slope] of differences((at) => penaltyValue(at, sigma), x).entries())
    expect(gradient[j]).toBeCloseTo(slope, 4);
  expect(penaltyValue(x, sigma)).toBeLessThan(hyperobjective(x));
});

describe.each(families)("%s", (_, make) => {
  const family = make({ seed: 3 });
  const { problem } = family;
  const stream = randomStream(5);
  const x = stream.fillNormal(new Float64Array(problem.dimensionX));
  const y = stream.fillNormal(new Float64Array(problem.dimensionY));

  test.each(["upper", "lower"] as const)("gradients of the %s level are its differences", async (level) => {
    const { value, gradientX, gradientY } = problem[level];
    const inX = await gradientX(x, y, new Float64Array(x.length), undefined);
    const inY = await gradientY(x, y, new Float64Array(y.length), undefined);
    for (const [j, slope] of differences((at) => Number(value(at, y)), x).entries())
      expect(inX[j]).toBeCloseTo(slope, 7);
    for (const [j, slope] of differences((at) => Number(value(x, at)), y).entries())
      expect(inY[j]).toBeCloseTo(slope, 7);
  });

  test("products are differences of gradients", async () => {
    const v = stream.fillNormal(new Float64Array(y.length));
    const h = 1e-6;
    const moved = (sign: number) => y.map((value, i) => value + sign * h * v[i]);
    const { gradientX, gradientY } = problem.lower;
    const [up, down] = [moved(1), moved(-1)];
    const { lowerProducts } = problem;
    if (!lowerProducts) throw new Error("no products");
    const yy = await lowerProducts.yy(x, y, v);
    const xy = await lowerProducts.xy(x, y, v);
    const slopes = [up, down].map((at) => gradientY(x, at, new Float64Array(y.length), undefined));
    const across = [up, down].map((at) => gradientX(x, at, new Float64Array(x.length), undefined));
    const [a, b] = (await Promise.all(slopes)).map((s) => Array.from(s));
    const [c, d] = (await Promise.all(across)).map((s) => Array.from(s));
    for (const [i, value] of yy.entries()) expect(value).toBeCloseTo((a[i] - b[i]) / (2 * h), 6);
    for (const [i, value] of xy.entries()) expect(value).toBeCloseTo((c[i] - d[i]) / (2 * h), 6);
  });

  test("the hypergradient is that of the hyper-objective, at a solution of the lower level", () => {
    const gradient = family.hypergradient(x);
    for (const [j, slope] of differences(family.hyperobjective, x).entries())
      expect(gradient[j]).toBeCloseTo(slope, 7);
    const solution = family.lowerSolution(x);
    expect(Number(problem.lower.value(x, solution))).toBeLessThan(1e-24);
    expect(Number(problem.upper.value(x, solution))).toBeCloseTo(family.hyperobjective(x), 10);
  });
});

test("the penalized closed form tends to the hyper-objective from below", () => {
  const family = affineBilevelProblem({ seed: 1 });
  const x = Float64Array.of(0.3, -1, 0.5, 2);
  const values = [1, 0.1, 0.01, 1e-4].map((sigma) => family.penaltyValue(x, sigma));
  expect([...values].sort((a, b) => a - b)).toEqual(values);
  expect(family.hyperobjective(x) - values[3]).toBeLessThan(1e-2);
  const slope = family.penaltyGradient(x, 0.1);
  for (const [j, value] of differences((at) => family.penaltyValue(at, 0.1), x).entries())
    expect(slope[j]).toBeCloseTo(value, 7);
});

test("seeds are checked", () => {
  expect(() => affineBilevelProblem({ seed: -1 })).toThrow(ArgumentError);
});
