import { expect, test } from "vitest";
import { domainOf, logTicks, powerOfTen } from "./ticks.ts";

test("domains hold the values, and never have length zero", () => {
  expect(domainOf([3, 1, 2])).toEqual([1, 3]);
  expect(domainOf([4])).toEqual([2, 6]);
  expect(domainOf([0, 0])).toEqual([-1, 1]);
  expect(domainOf([100], "log")).toEqual([50, 200]);
  expect(domainOf([])).toBeUndefined();
});

test.each<[[number, number], number, string[]]>([
  [[1, 1e6], 8, ["10⁰", "10¹", "10²", "10³", "10⁴", "10⁵", "10⁶"]],
  [[1, 1e6], 4, ["10⁰", "10²", "10⁴", "10⁶"]],
  [[0.8, 1300], 8, ["1", "10", "100", "1,000"]],
  [[1e-16, 1], 5, ["10⁻¹⁶", "10⁻¹²", "10⁻⁸", "10⁻⁴", "10⁰"]],
  [[0.005, 0.5], 8, ["0.01", "0.1"]],
  [[12, 80], 8, ["20", "50"]],
  [[0.6, 7], 8, ["1", "2", "5"]],
])("a logarithmic axis over %j with room for %i", (domain, count, labels) => {
  const { values, label } = logTicks(domain, count);
  expect(values.map(label)).toEqual(labels);
});

test("powers of ten", () => {
  expect(powerOfTen(-12)).toBe("10⁻¹²");
});
