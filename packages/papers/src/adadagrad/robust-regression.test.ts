import { expect, test } from "vitest";
import { distance, expectedGradient, robustRegression } from "./robust-regression.ts";

// The specification's own estimate of the true gradient: the average over a fixed set of 200,000 samples.
test.each([0.05, 0.5, 2, 3])("the expected gradient is the average over 200,000 samples, s = %s", (s) => {
  const { oracle, xStar } = robustRegression(3);
  const n = 200_000;
  const { batch } = oracle.draw(oracle.start(7), n);
  const x = Float64Array.from(xStar, (v, j) => v + (j === 2 ? s : 0));
  expect(distance(x, xStar)).toBeCloseTo(s, 12);
  const g = new Float64Array(10);
  let square = 0;
  for (let i = 0; i < n; i++) {
    const a = Array.from({ length: 10 }, (_, j) => Number(batch.a.data[10 * i + j]));
    const r = a.reduce((sum, v, j) => sum + v * x[j], 0) - Number(batch.y.data[i]);
    const psi = r / (1 + r * r) ** 2;
    a.forEach((v, j) => {
      g[j] += (v * psi) / n;
      square += (v * psi) ** 2 / n;
    });
  }
  const norm = g.reduce((sum, v) => sum + v * v, 0);
  const exact = expectedGradient(s);
  // |mean|^2 is off by tr Cov / n and by twice the gradient times its standard error.
  const error = Math.sqrt(exact.variance / n);
  expect(Math.abs(Math.sqrt(norm) - Math.sqrt(exact.normSquared))).toBeLessThan(4 * error);
  expect((square - norm) / exact.variance).toBeCloseTo(1, 1);
});

test("at x* the gradient is zero and its scatter is that of 10 coordinates", () => {
  const { normSquared, variance } = expectedGradient(0);
  expect(normSquared).toBe(0);
  // E psi(r)^2 with r ~ N(0, 1), by a sum on another grid.
  let [total, sum] = [0, 0];
  for (let r = -10; r <= 10; r += 0.013) {
    const weight = Math.exp((-r * r) / 2);
    total += weight;
    sum += weight * (r / (1 + r * r) ** 2) ** 2;
  }
  expect(variance).toBeCloseTo((10 * sum) / total, 10);
});
