import { expect, test } from "vitest";
import { randomStream } from "../../../random/stream.ts";
import { blockCoordinateIterates } from "../block-coordinate-iterates.ts";
import { l1, nonnegativeL1 } from "../problem.ts";
import { blockLogistic } from "../problems/logistic.ts";

const [rows, columns, lambda] = [30, 12, 0.5];
const stream = randomStream(1);
const A = { rows, columns, values: stream.fillNormal(new Float64Array(rows * columns)) };
const y = Float64Array.from({ length: rows }, () => (stream.uniform() < 0.5 ? -1 : 1));

/** The logistic loss with the penalty, by its formula. */
function objective(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let margin = 0;
    for (let j = 0; j < columns; j++) margin += y[i] * A.values[i * columns + j] * x[j];
    sum += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin);
  }
  return x.reduce((total, entry) => total + lambda * Math.abs(entry), sum);
}

test.each([
  ["two-metric", nonnegativeL1(blockLogistic(A, y), lambda)],
  ["projected-newton", l1(blockLogistic(A, y), lambda)],
] as const)(
  "%s: far from the optimum, where whole Newton steps rise, every step falls",
  async (update, problem) => {
    expect.hasAssertions();
    for (const scale of [3, 10, 30]) {
      const x0 = randomStream(scale)
        .fillNormal(new Float64Array(columns))
        .map((entry) => scale * Math.abs(entry));
      let before = objective(x0);
      let moved = 0;
      for await (const { iteration, x, value } of blockCoordinateIterates(problem, {
        blockSize: 5,
        update,
        x0,
      })) {
        expect(value).toBeCloseTo(objective(x), 8);
        expect(value).toBeLessThanOrEqual(before + 1e-9);
        if (value < before) moved++;
        before = value;
        if (iteration === 40) break;
      }
      expect(moved).toBeGreaterThan(5);
    }
  },
);
