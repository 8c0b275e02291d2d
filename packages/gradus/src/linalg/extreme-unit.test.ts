import { expect, test } from "vitest";
import { extremeUnit } from "./extreme-unit.ts";

test("extreme sizes are about 1 in their unit, a power of two with a finite inverse; others are left as they are", () => {
  for (const size of [0, 2 ** -100, 1, 3, 2 ** 100]) expect(extremeUnit(size, 2 ** 100)).toBe(1);
  expect(extremeUnit(3 * 2 ** 100, 2 ** 100)).toBe(2 ** 101);
  expect(extremeUnit(3 * 2 ** -103, 2 ** 100)).toBe(2 ** -102);
  expect(extremeUnit(Number.MAX_VALUE, 2 ** 100)).toBe(2 ** 1023);
  const least = extremeUnit(Number.MIN_VALUE, 2 ** 100);
  expect(Number.MIN_VALUE / least).toBeGreaterThan(2 ** -100);
  expect(1 / least).toBeLessThan(Number.POSITIVE_INFINITY);
});
