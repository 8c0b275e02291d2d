import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { logarithm } from "./logarithm.ts";

test("logarithms have the digits of longer arithmetic", () => {
  // of 30 digits
  const digits = [
    [1, 0],
    [1.375, 0.3184537311185346],
    [1.40625, 0.3409265869705932],
    [2, Math.LN2],
    [3, 1.0986122886681098],
    [10, Math.LN10],
  ] as const;
  for (const [x, value] of digits)
    expect(Math.abs(logarithm(x) - value)).toBeLessThanOrEqual(2 ** -52 * Math.max(value, 0.5));
  expect(logarithm(2 ** 1023) / Math.LN2).toBeCloseTo(1023, 10);
  expect(logarithm(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(logarithm(Number.NaN)).toBeNaN();
});

test("logarithms are those of the engine, to a unit in the last place", () => {
  for (let k = 0; k < 20_000; k++) {
    const x = 2 ** (k / 400) * (1 + k * 2 ** -40);
    const value = Math.log(x);
    expect(Math.abs(logarithm(x) - value)).toBeLessThanOrEqual(2 ** -52 * value);
  }
});

/** What ECMAScript rounds exactly, or not at all. */
const EXACT = [
  "abs",
  "ceil",
  "clz32",
  "floor",
  "fround",
  "imul",
  "max",
  "min",
  "sign",
  "sqrt",
  "trunc",
  "PI",
];

test("no result depends on functions whose digits engines choose", () => {
  const folder = new URL("./", import.meta.url);
  const chosen = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/testing|test\.ts$|test-support|families|ratios/.test(file))
    .flatMap((file) =>
      Array.from(
        readFileSync(new URL(file, folder), "utf8").matchAll(/\bMath\.(\w+)\(/g),
        ([, name]) => `${file}: Math.${name}`,
      ),
    )
    .filter((use) => !EXACT.some((name) => use.endsWith(`: Math.${name}`)));
  expect(chosen).toEqual([]);
});
