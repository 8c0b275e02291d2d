import { expect, test } from "vitest";
import { lineFit } from "./line-fit.ts";

test("a line is found exactly, and Anscombe's first set has the published line and R²", () => {
  expect(lineFit([0, 1, 3], [2, 5, 11])).toMatchObject({ slope: 3, intercept: 2, rSquared: 1 });
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const { slope, intercept, rSquared } = lineFit(x, y);
  expect(slope).toBeCloseTo(0.5, 2);
  expect(intercept).toBeCloseTo(3, 2);
  expect(rSquared).toBeCloseTo(0.67, 2);
});
