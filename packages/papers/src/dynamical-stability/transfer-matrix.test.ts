import { expect, test } from "vitest";
import { transferRadius } from "./transfer-matrix.ts";

/** The second moments of a scalar parameter with gradients g_i, one sample a step: the mean of (1 - eta g_i^2)^2. */
test("of one parameter: the mean square of the factors of all samples", () => {
  const g = [1, -2, 0.5];
  for (const rate of [0.1, 0.3, 0.6]) {
    const mean = g.reduce((sum, value) => sum + (1 - rate * value ** 2) ** 2 / 3, 0);
    expect(transferRadius({ rows: 3, columns: 1, values: Float64Array.from(g) }, 1, rate)).toBeCloseTo(
      mean,
      13,
    );
  }
});

test("of orthogonal rows: the slowest or fastest coordinate, alike with spare parameters", () => {
  const rows = Float64Array.of(2, 0, 0, 0, 1, 0);
  // squares of a coordinate of length 1 are multiplied by (1 + (1 - eta)^2)/2, of length 2 by (1 + (1 - 4 eta)^2)/2
  const expected = (rate: number) =>
    Math.max((1 + (1 - rate) ** 2) / 2, (1 + (1 - 4 * rate) ** 2) / 2, Math.abs(1 - 2.5 * rate));
  for (const rate of [0.1, 0.4, 0.6])
    expect(transferRadius({ rows: 2, columns: 3, values: rows }, 1, rate)).toBeCloseTo(expected(rate), 12);
});
