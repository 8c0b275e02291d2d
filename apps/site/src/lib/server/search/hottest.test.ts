import { expect, test } from "vitest";
import { leastHotBy } from "./hottest.ts";

test("the least score of a share of the papers is that of a bound between them and the colder ones", () => {
  const scores = Array.from({ length: 1001 }, (_, i) => i);
  const bounds = scores.filter((score) => score % 10 === 0);
  for (const share of [0.001, 0.01, 0.1, 0.2, 0.33]) {
    const least = leastHotBy(bounds, 0)(share) ?? Number.NaN;
    const reached = scores.filter((score) => score >= least).length / scores.length;
    expect(reached).toBeGreaterThanOrEqual(share);
    expect(reached).toBeLessThanOrEqual(share + 0.012);
  }
});

test("papers without a score are none of the share", () => {
  expect(leastHotBy([0, 1, 2, 3, 4, 5, 6, 7, 8], 0.5)(0.125)).toBe(6);
});

test("nothing is said of a large share, or by no bounds", () => {
  const least = leastHotBy([0, 1, 2, 3], 0);
  expect(least(0.34)).toBeUndefined();
  expect(least(Number.POSITIVE_INFINITY)).toBeUndefined();
  expect(least(Number.NaN)).toBeUndefined();
  expect(leastHotBy([0, 1, 2, 3], 0.5)(0.2)).toBeUndefined();
  expect(leastHotBy([0, 1, 2, 3], 1)(0.1)).toBeUndefined();
  expect(leastHotBy([], 0)(0.1)).toBeUndefined();
});
