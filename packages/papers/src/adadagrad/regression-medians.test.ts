import { expect, test } from "vitest";
import { mediansOf, outcomeOf } from "./regression-medians.ts";

/** A run whose squared gradient is 1/k^power after k steps of 8 rows. */
function pathOf(steps: number, power: number) {
  const gradient = Float64Array.from({ length: steps + 1 }, (_, k) => Math.max(1, k) ** -power);
  const samples = Float64Array.from({ length: steps + 1 }, (_, k) => 8 * k);
  return { gradient, variance: gradient, samples, batches: new Float64Array(steps).fill(8) };
}

test("a run that arrives has its steps, samples and slope", () => {
  const { steps, coarse, samples, slope, finalBatch } = outcomeOf(pathOf(100, 2));
  // k^-2 is at most 1e-4 at k = 100, and at most 1e-3 at k = 32
  expect([steps, coarse, samples, finalBatch]).toEqual([100, 32, 800, 8]);
  expect(slope).toBeCloseTo(-2, 10);
});

test("runs that end early count as infinitely many steps, and the median says what it can", () => {
  const [arrived, coarse, neither] = [pathOf(100, 2), pathOf(50, 2), pathOf(50, 0.5)].map((path) =>
    outcomeOf(path),
  );
  expect(mediansOf("m", "s", [arrived, coarse, arrived])).toMatchObject({
    steps: 100,
    samples: 800,
    growth: 100 / 32,
  });
  const infinite = { steps: Infinity, samples: Infinity, growth: Infinity };
  expect(mediansOf("m", "s", [arrived, coarse, neither])).toMatchObject(infinite);
  expect(mediansOf("m", "s", [neither, coarse, neither, coarse])).toMatchObject(infinite);
  expect(mediansOf("m", "s", [arrived, arrived])).toMatchObject({ steps: 100, growth: 100 / 32 });
});
