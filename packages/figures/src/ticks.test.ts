import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOf, logTicks, niceDomain, powerOfTen } from "./ticks.ts";

test("domains hold the values, and never have length zero", () => {
  expect(domainOf([3, 1, 2])).toEqual([1, 3]);
  expect(domainOf([4])).toEqual([2, 6]);
  expect(domainOf([0, 0])).toEqual([0, 1]);
  expect(domainOf([-4])).toEqual([-6, -2]);
  expect(domainOf([100], "log")).toEqual([50, 200]);
  expect(domainOf([])).toBeUndefined();
});

test.each<[[number, number], number, string[]]>([
  [[1, 1e6], 8, ["10⁰", "10¹", "10²", "10³", "10⁴", "10⁵", "10⁶"]],
  [[1, 1e6], 4, ["10⁰", "10²", "10⁴", "10⁶"]],
  [[0.8, 1300], 8, ["1", "10", "100", "1,000"]],
  [[1e-16, 1], 5, ["10⁻¹⁶", "10⁻¹²", "10⁻⁸", "10⁻⁴", "10⁰"]],
  [[0.005, 0.5], 8, ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5"]],
  [[1e-43, 1e6], 7, ["10⁻⁴⁰", "10⁻³⁰", "10⁻²⁰", "10⁻¹⁰", "10⁰"]],
  [[0.03, 1.4], 4, ["0.03", "0.1", "0.3", "1"]],
  [[8, 512], 3, ["10", "30", "100", "300"]],
  [[12, 80], 8, ["20", "30", "40", "60", "80"]],
  [[2.9, 9.9], 4, ["3", "4", "6", "8"]],
  [[0.6, 7], 8, ["1", "2", "5"]],
  [[1.8e-7, 1.2e-6], 4, ["2·10⁻⁷", "5·10⁻⁷", "10⁻⁶"]],
  [[4.03, 6.67], 4, ["4.5", "5", "5.5", "6", "6.5"]],
  [[4.1, 4.6], 5, ["4.1", "4.2", "4.3", "4.4", "4.5", "4.6"]],
])("a logarithmic axis over %j with room for %i", (domain, count, labels) => {
  const { values, label } = logTicks(domain, count);
  expect(values.map(label)).toEqual(labels);
});

test("a logarithmic axis has at least two labels, in order and between its ends", () => {
  const low = fc.double({ min: 1e-9, max: 1e6, noNaN: true });
  const ratio = fc.double({ min: 1.01, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(low, ratio, fc.integer({ min: 3, max: 8 }), (from, times, count) => {
      const { values, label } = logTicks([from, from * times], count);
      expect(values.length).toBeGreaterThanOrEqual(2);
      expect(values.length).toBeLessThanOrEqual(count + 4);
      for (const [i, value] of values.entries()) {
        expect(value).toBeGreaterThanOrEqual(from * (1 - 1e-8));
        expect(value).toBeLessThanOrEqual(from * times * (1 + 1e-8));
        if (i > 0) expect(value).toBeGreaterThan(values[i - 1]);
      }
      expect(new Set(values.map(label)).size).toBe(values.length);
    }),
    { seed: 12, numRuns: 500 },
  );
});

test("over many decades exponents are multiples of five", () => {
  expect(logTicks([1e-45, 1e3], 4).values).toEqual([1e-45, 1e-30, 1e-15, 1]);
  expect(logTicks([1e-30, 1e3], 5).values).toEqual([1e-30, 1e-20, 1e-10, 1]);
});

test("powers of ten", () => {
  expect(powerOfTen(-12)).toBe("10⁻¹²");
});

test.each<[[number, number], number, [number, number]]>([
  [[-3.9, 0.1], 5, [-4, 1]],
  [[0.52, 1], 5, [0.5, 1]],
  [[0, 91], 5, [0, 100]],
  [[3, 47], 4, [0, 60]],
  [[0, 1], 5, [0, 1]],
])("%j in about %i steps is %j", (domain, count, nice) => {
  const [low, high] = niceDomain(domain, count);
  expect(low).toBeCloseTo(nice[0], 12);
  expect(high).toBeCloseTo(nice[1], 12);
});

test("a nice interval holds the values and is less than two steps longer", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(value, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, length) => {
      const high = low + length;
      const [from, to] = niceDomain([low, high], 5);
      const slack = (Math.abs(low) + length) * 1e-8;
      expect(from).toBeLessThanOrEqual(low + slack);
      expect(to).toBeGreaterThanOrEqual(high - slack);
      expect(to - from).toBeLessThanOrEqual(length * 2 + slack);
    }),
    { seed: 11, numRuns: 300 },
  );
});
