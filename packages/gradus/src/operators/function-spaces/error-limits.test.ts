import { expect, test } from "vitest";
import { gaussianRandomField } from "../../data/generators/gaussian-random-field.ts";
import { randomStream } from "../../random/stream.ts";
import { evenPoints } from "../deeponet/operator-data.ts";
import { antiderivativeFloor, interpolationError, trimmedMeanSquaredError } from "./error-limits.ts";

// the formula with SciPy's erf and NumPy's solve, averaged over 1000 values of y
test.each([
  [2, 0.1262],
  [3, 0.03675],
  [4, 4.554e-3],
  [5, 6.234e-4],
  [6, 1.083e-4],
  [8, 4.04e-6],
])("the floor of %i sensors agrees with an independent computation", (m, expected) => {
  expect(antiderivativeFloor(evenPoints(m), 0.2) / expected).toBeCloseTo(1, 2);
});

test("the floor without information is the variance of the antiderivative", () => {
  // a sensor at 1e6 sees nothing: integral over y of Var s(y), by the double integral of the kernel
  const n = 400;
  let total = 0;
  for (let p = 0; p < n; p++) {
    const y = (p + 0.5) / n;
    let inner = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j += 1)
        inner += (i === j ? 1 : 2) * Math.exp(-((((i - j) * y) / n) ** 2) / (2 * 0.2 ** 2));
    total += (inner * y * y) / (n * n * n);
  }
  expect(antiderivativeFloor(Float64Array.of(1e6), 0.2)).toBeCloseTo(total, 3);
});

// mean interpolation errors of 400 functions on 1001 nodes, l = 0.2, by NumPy
test("the interpolation error agrees with NumPy's", () => {
  const space = gaussianRandomField({ points: 1001 });
  const error = interpolationError(space, { pieces: 20, functions: 400, stream: randomStream(1) });
  expect(Math.abs(error / 2.335e-2 - 1)).toBeLessThan(0.1);
  expect(() => interpolationError(space, { pieces: 3, functions: 1, stream: randomStream(1) })).toThrow(
    "pieces must divide the 1000 cells of the grid, got 3",
  );
});

test("the largest squared errors are left out", () => {
  const targets = new Float64Array(10);
  const predicted = Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 100);
  expect(trimmedMeanSquaredError(predicted, targets, 0.1)).toBe(1);
  expect(trimmedMeanSquaredError(predicted, targets, 0)).toBeCloseTo(1000.9, 10);
  // unless said otherwise a thousandth: 10 of 10,000 errors
  const most = Float64Array.from({ length: 10_000 }, (_, i) => (i < 9980 ? 1 : 100 + (i % 20)));
  const kept = 9980 + Array.from({ length: 10 }, (_, i) => (100 + i) ** 2).reduce((a, b) => a + b);
  expect(trimmedMeanSquaredError(most, new Float64Array(10_000))).toBeCloseTo(kept / 9990, 9);
  expect(() => trimmedMeanSquaredError(predicted, targets, 1)).toThrow("fraction must be in [0, 1), got 1");
});
