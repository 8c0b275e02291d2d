import fc from "fast-check";
import { expect, test } from "vitest";
import { spread } from "./spread.ts";

test("positions that fit stay; two that want the same place meet in the middle, by their weights", () => {
  expect(spread([0, 10, 25], [5, 5], [1, 1, 1])).toEqual([0, 10, 25]);
  expect(spread([0, 0], [10], [1, 1])).toEqual([-5, 5]);
  expect(spread([0, 0], [10], [3, 1])).toEqual([-2.5, 7.5]);
});

test("distances are kept, and no small change of one position is nearer to what was wanted", () => {
  const items = fc.array(
    fc.record({
      wanted: fc.double({ min: -50, max: 50, noNaN: true }),
      weight: fc.integer({ min: 1, max: 6 }),
      distance: fc.integer({ min: 1, max: 20 }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(items, fc.double({ min: -1, max: 1, noNaN: true }), (given, change) => {
      const wanted = given.map((one) => one.wanted);
      const weights = given.map(({ weight }) => weight);
      const distances = given.slice(1).map(({ distance }) => distance);
      const found = spread(wanted, distances, weights);
      const fits = (x: readonly number[]) =>
        distances.every((distance, i) => x[i + 1] - x[i] >= distance - 1e-9);
      const cost = (x: readonly number[]) =>
        x.reduce((sum, position, i) => sum + weights[i] * (position - wanted[i]) ** 2, 0);
      expect(fits(found)).toBe(true);
      for (const i of found.keys()) {
        const moved = found.with(i, found[i] + change);
        if (fits(moved)) expect(cost(moved)).toBeGreaterThanOrEqual(cost(found) - 1e-6);
      }
    }),
  );
});
