import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFigure, formatMeasured, formatRounded, meets } from "./check.ts";

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
  expect(formatMeasured(1.200_04, { atMost: 1.2 })).toBe("1.20004");
  expect(formatMeasured(1.2049e-5, { atMost: 1.2e-5 })).toBe("1.205e-5");
  expect(formatMeasured(1_204_900, { atMost: 1.2e6 })).toBe("1.205e6");
  expect(formatMeasured(1234.567_89, { below: 1234.568 })).toBe("1,234.5679");
  expect(formatMeasured(0.999_96, { below: 1 })).toBe("0.99996");
  expect(formatMeasured(10.000_001, { equals: 10 })).toBe("10.000001");
  expect(formatMeasured(-1 / 0, { below: 1 })).toBe("−∞");
  expect(formatMeasured(1 / 0, { above: 1 })).toBe("∞");
});

test("the text of any measured figure is on the side of its condition that the figure is on", () => {
  const number = (text: string) => Number(text.replace("−", "-").replaceAll(",", ""));
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), fc.nat(20), (limit, ulps) => {
      const value = limit + ulps * Number.EPSILON * Math.abs(limit);
      for (const condition of [{ atMost: limit }, { below: limit }, { atLeast: limit }, { equals: limit }])
        expect(meets(number(formatMeasured(value, condition)), condition)).toBe(meets(value, condition));
    }),
  );
});
