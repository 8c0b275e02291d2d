import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOf, linearTicks, logTicks, niceDomain, sparseTicks } from "./ticks.ts";

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
/** The range of two finite numbers, of any size, or of a number and a neighbor. */
const range = fc
  .oneof(
    fc.tuple(number, number),
    fc
      .tuple(number, fc.integer({ min: 1, max: 100 }))
      .map(([x, ulps]) => [x, x * (1 + ulps * Number.EPSILON)]),
    fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }))
      .map((n) => n.map((k) => 5e-324 * k)),
  )
  .map((ends): [number, number] => domainOf(ends.filter(Number.isFinite)) ?? [0, 1]);
const count = fc.integer({ min: 1, max: 12 });

const expectIncreasing = (ticks: readonly number[]) => {
  expect(ticks.every(Number.isFinite)).toBe(true);
  for (let i = 1; i < ticks.length; i++) expect(ticks[i]).toBeGreaterThan(ticks[i - 1]);
  expect(new Set(ticks.map(String)).size).toBe(ticks.length);
};

test("ticks of any finite range are finite, increasing and within it", () => {
  fc.assert(
    fc.property(range, count, ([low, high], n) => {
      const ticks = linearTicks([low, high], n);
      expectIncreasing(ticks);
      expect(ticks.length).toBeLessThanOrEqual(3 * n + 3);
      const slack = Math.max(1e-9 * (high / n - low / n), 1e-12 * Math.max(Math.abs(low), Math.abs(high)));
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(low - slack);
        expect(tick).toBeLessThanOrEqual(high + slack);
      }
    }),
    { numRuns: 2000 },
  );
});

test("any finite range can be widened to finite round ends", () => {
  fc.assert(
    fc.property(range, count, (ends, n) => {
      const [low, high] = niceDomain(ends, n);
      expect([low, high].every(Number.isFinite)).toBe(true);
      expect(low).toBeLessThan(high);
      const { domain, ticks } = sparseTicks(ends, n);
      expect(domain.every(Number.isFinite)).toBe(true);
      expectIncreasing(ticks);
    }),
    { numRuns: 2000 },
  );
});

test("ranges wider than the largest number have round ticks", () => {
  expect(linearTicks([-1e308, 1e308], 5)).toEqual([-1e308, -5e307, 0, 5e307, 1e308]);
  expect(sparseTicks([-1.7e308, 1.7e308], 4).ticks).toEqual([
    -Number.MAX_VALUE,
    -1e308,
    0,
    1e308,
    Number.MAX_VALUE,
  ]);
  expect(linearTicks([0, 1e-320], 5)).toEqual([0, 4.99e-321, 9.98e-321]);
});

test("a logarithmic axis of any positive range has a length and ticks", () => {
  const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
  const neighbors = fc
    .tuple(positive, fc.integer({ min: 0, max: 5 }))
    .map(([x, ulps]) => [x, Math.min(Number.MAX_VALUE, x * (1 + ulps * Number.EPSILON))]);
  const least = fc
    .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
    .map((n) => n.map((k) => k * Number.MIN_VALUE));
  fc.assert(
    fc.property(fc.oneof(fc.tuple(positive, positive), neighbors, least), count, (ends, n) => {
      const [low, high] = domainOf(ends, "log") ?? [1, 1];
      expect(Math.log10(high) - Math.log10(low)).toBeGreaterThan(0);
      const { values, label } = logTicks([low, high], n);
      expectIncreasing(values);
      expect(values.length).toBeGreaterThanOrEqual(n < 3 ? 1 : 2);
      for (const value of values) {
        expect(value >= low * (1 - 1e-8) && value <= high * (1 + 1e-8)).toBe(true);
        expect(label(value)).not.toMatch(/NaN|Infinity|undefined/);
      }
    }),
    { numRuns: 2000 },
  );
});
