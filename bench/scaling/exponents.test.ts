import { expect, test } from "vitest";
import type { CaseResult } from "../measure.ts";
import { growths } from "./exponents.ts";
import type { Family } from "./family.ts";

const contenders = ["a", "b", "c"].map((label) => ({ peer: "scipy" as const, program: label, label }));
const family: Family = {
  id: "cubes",
  paper: "00",
  title: "Cubes",
  size: "order",
  cases: [10, 20, 40].map((size) => ({
    size,
    case: { id: `cubes-${size}`, title: "", unit: "solution", contenders, budgets: [], tolerance: 0 },
  })),
};
const timing = (label: string, median: number) => ({
  label,
  peer: "scipy" as const,
  settings: "1 thread",
  seconds: [9 * median, median, median / 9],
  bySetting: {},
});
const results: CaseResult[] = [10, 20, 40].map((size) => ({
  id: `cubes-${size}`,
  timings: [timing("a", 2e-6 * size ** 3), ...(size > 10 ? [timing("b", 1)] : [])],
  absences: [],
}));

test("an exact power law of the medians has its exponent and no width", () => {
  const [a] = growths(family, results);
  expect(a.times.map(({ size }) => size)).toEqual([10, 20, 40]);
  expect(a.law?.slope).toBeCloseTo(3, 12);
  expect(Math.exp(a.law?.intercept ?? Number.NaN)).toBeCloseTo(2e-6, 12);
  expect(a.law?.interval[0]).toBeCloseTo(3, 6);
  expect(a.law?.interval[1]).toBeCloseTo(3, 6);
});

test("two sizes make no exponent, and who was never timed is left out", () => {
  const found = growths(family, results);
  expect(found.map(({ label }) => label)).toEqual(["a", "b"]);
  expect(found[1].times.map(({ size }) => size)).toEqual([20, 40]);
  expect(found[1].law).toBeUndefined();
});
