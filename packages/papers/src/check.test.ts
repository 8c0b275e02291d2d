import { describe, expect, test } from "vitest";
import { formatFigure, formatMeasured, formatRounded } from "./check.ts";

test("a figure has four significant digits, and thousands apart whether it is whole or not", () => {
  expect([0, 12, 0.257157, 54.3449, 9184.3, 11_560, 11_561.7, 699_060].map(formatFigure)).toEqual([
    "0",
    "12",
    "0.2572",
    "54.34",
    "9,184",
    "11,560",
    "11,560",
    "699,060",
  ]);
  expect([1.234e-5, -1.234e7, Number.NaN, -1 / 0].map(formatFigure)).toEqual([
    "1.23e-5",
    "−1.23e7",
    "NaN",
    "−∞",
  ]);
});

describe("a figure for a sentence", () => {
  test("has three significant digits, and is whole from 100 on", () => {
    expect([0.257_157, 54.3449, -7.782, 157.24, 1234.5, 16_384].map(formatRounded)).toEqual([
      "0.257",
      "54.3",
      "−7.78",
      "157",
      "1,235",
      "16,384",
    ]);
    expect([0, 1.234e-5, Number.NaN, 1 / 0].map(formatRounded)).toEqual(["0", "1.23e-5", "NaN", "∞"]);
  });

  test("is no whole share, and not all of 100%, where it is less", () => {
    expect([0.9998, -0.9962, 99.96].map(formatRounded)).toEqual(["0.9998", "−0.9962", "99.96"]);
  });
});

test("a measured figure stays on its side of the condition", () => {
  expect(formatMeasured(0.8671, { atMost: 1.2 })).toBe("0.867");
  expect(formatMeasured(1.2049, { atMost: 1.2 })).toBe("1.205");
  expect(formatMeasured(1.4962, { atLeast: 1.5 })).toBe("1.496");
  expect(formatMeasured(10, { equals: 10 })).toBe("10");
  expect(formatMeasured(Number.NaN, { below: 1 })).toBe("NaN");
});
