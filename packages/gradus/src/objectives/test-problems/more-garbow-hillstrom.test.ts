import { expect, test } from "vitest";
import { isSparse } from "../../linalg/matrix.ts";
import { moreGarbowHillstrom } from "./more-garbow-hillstrom.ts";

const problems = Object.entries(moreGarbowHillstrom).map(([key, make]) => [key, make()] as const);

test("there are 35, each with a name of its own", () => {
  expect(new Set(problems.map(([, { name }]) => name)).size).toBe(35);
});

test.each(problems)("%s: the Jacobian and the gradient are those of central differences", (_, problem) => {
  const { residual, objective, start } = problem;
  const { dimension: n, count } = residual;
  const x = start.map((xj, j) => xj + (0.01 * (j + 1)) / n);
  const jacobian = residual.jacobian(x);
  if (isSparse(jacobian)) throw new Error("dense");
  const gradient = objective.gradient(x);
  const u = residual.value(x);
  for (let j = 0; j < n; j++) {
    const h = 1e-6 * Math.max(1, Math.abs(x[j]));
    const moved = (by: number) => residual.value(x.map((xk, k) => (k === j ? xk + by : xk)));
    const [above, below] = [moved(h), moved(-h)];
    let slope = 0;
    let size = 0;
    for (let i = 0; i < count; i++) {
      const difference = (above[i] - below[i]) / (2 * h);
      const scale = Math.max(1, Math.abs(difference), Math.abs(u[i]));
      expect(Math.abs(difference - jacobian.values[i * n + j]) / scale).toBeLessThan(1e-6);
      slope += 2 * u[i] * jacobian.values[i * n + j];
      size += Math.abs(2 * u[i] * difference);
    }
    expect(Math.abs(slope - gradient[j])).toBeLessThanOrEqual(1e-12 * Math.max(1, size));
  }
  const square = u.reduce((sum, ui) => sum + ui * ui, 0);
  expect(Math.abs(objective.value(x) - square)).toBeLessThanOrEqual(1e-12 * square);
});

test("the known solutions are solutions", () => {
  const at = (key: keyof typeof moreGarbowHillstrom, ...x: number[]) =>
    moreGarbowHillstrom[key]().objective.value(Float64Array.from(x));
  expect(at("freudensteinRoth", 5, 4)).toBe(0);
  expect(at("brownBadlyScaled", 1e6, 2e-6)).toBe(0);
  expect(at("beale", 3, 0.5)).toBe(0);
  expect(at("gulfResearch", 50, 25, 1.5)).toBeLessThan(1e-24);
  expect(at("boxThree", 1, 10, 1)).toBeLessThan(1e-28);
  expect(at("wood", 1, 1, 1, 1)).toBe(0);
  expect(at("biggsExponentials", 1, 10, 1, 5, 4, 3)).toBeLessThan(1e-28);
  expect(at("helicalValley", 1, 0, 0)).toBe(0);
});

test("a dimension that a problem cannot have is refused", () => {
  expect(() => moreGarbowHillstrom.extendedRosenbrock(3)).toThrow(
    "dimension must be an integer of at least 2 and a multiple of 2, got 3",
  );
  expect(() => moreGarbowHillstrom.watson(1)).toThrow("dimension must be an integer of at least 2, got 1");
});
