import { expect, test } from "vitest";
import { cubicSplines } from "./cubic-splines.ts";

const grid = (points: number, end = 1) =>
  Float64Array.from({ length: points }, (_, i) => (end * i) / (points - 1));
const cubic = (x: number) => 2 - x + 3 * x * x - 4 * x ** 3;
const integral = (x: number) => 2 * x - x * x * 0.5 + x ** 3 - x ** 4;

test.each([4, 5, 6, 9])("cubic polynomials are met to rounding on %i points", (points) => {
  const x = grid(points, 2);
  const both = Float64Array.from({ length: 2 * points }, (_, k) =>
    k < points ? cubic(x[k]) : -cubic(x[k - points]),
  );
  const splines = cubicSplines(x, both);
  expect(splines.count).toBe(2);
  for (const at of [0, 0.1, 0.77, 1.3, 1.999, 2]) {
    expect(splines.value(0, at)).toBeCloseTo(cubic(at), 12);
    expect(splines.value(1, at)).toBeCloseTo(-cubic(at), 12);
    expect(splines.integral(0, at)).toBeCloseTo(integral(at), 12);
    expect(splines.integral(1, at)).toBeCloseTo(-integral(at), 12);
  }
});

test("the error falls with the fourth power of the step", () => {
  const worst = (points: number) => {
    const splines = cubicSplines(grid(points), grid(points).map(Math.exp));
    return Math.max(
      ...Array.from({ length: 200 }, (_, i) => Math.abs(splines.value(0, i / 199) - Math.exp(i / 199))),
    );
  };
  const ratio = worst(21) / worst(41);
  expect(ratio).toBeGreaterThan(13);
  expect(ratio).toBeLessThan(19);
});

// scipy.interpolate.CubicSpline([0, 0.25, ..., 1], [1, 0, 2, -1, 3]) at 0.1, 0.6, 0.9; integral to 0.6
test("agrees with SciPy", () => {
  const splines = cubicSplines(grid(5), Float64Array.of(1, 0, 2, -1, 3));
  expect(splines.value(0, 0.1)).toBeCloseTo(-0.592, 12);
  expect(splines.value(0, 0.6)).toBeCloseTo(1.048, 12);
  expect(splines.value(0, 0.9)).toBeCloseTo(-0.528, 12);
  expect(splines.integral(0, 0.6)).toBeCloseTo(0.4112, 12);
});

test("names a grid or values that do not fit", () => {
  expect(() => cubicSplines(grid(3), new Float64Array(3))).toThrow("grid must have at least 4 points, got 3");
  expect(() => cubicSplines(Float64Array.of(0, 1, 2, 4), new Float64Array(4))).toThrow(
    "grid must ascend evenly, got 1 at index 1",
  );
  expect(() => cubicSplines(grid(4), new Float64Array(5))).toThrow("values must have 4 numbers, got 5");
});
