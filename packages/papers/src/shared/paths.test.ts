import { expect, test } from "vitest";
import { isDrawn, thinned } from "./paths.ts";

test("every early iterate is drawn, then ever fewer: at most 400 of 20,000", () => {
  const shown = Array.from({ length: 20_001 }, (_, t) => t).filter(isDrawn);
  expect(shown.slice(0, 51)).toEqual(Array.from({ length: 51 }, (_, t) => t));
  expect(shown.length).toBeGreaterThan(300);
  expect(shown.length).toBeLessThanOrEqual(400);
  for (const [k, t] of shown.entries()) if (k > 0) expect(t - shown[k - 1]).toBeLessThanOrEqual(1 + 0.03 * t);
});

test("thinning keeps the first and the last point and their order", () => {
  const all = Array.from({ length: 5000 }, (_, i) => i);
  const few = thinned(all, 50);
  expect(few.length).toBeLessThanOrEqual(50);
  expect([few[0], few.at(-1)]).toStrictEqual([0, 4999]);
  expect(few).toStrictEqual([...few].sort((a, b) => a - b));
  expect(thinned([3, 1, 2])).toStrictEqual([3, 1, 2]);
});
