import { expect, test } from "vitest";
import { threeDigits } from "./three-digits.ts";

test("three digits, and no infinity for a number that is finite", () => {
  expect([12_345, 0.012345, -1.2345e-7].map(threeDigits)).toEqual(["12,300", "0.0123", "−1.23e-7"]);
  expect([Number.MAX_VALUE, -Number.MAX_VALUE].map(threeDigits)).toEqual(["1.8e308", "−1.8e308"]);
  expect([Number.POSITIVE_INFINITY, Number.NaN].map(threeDigits)).toEqual(["∞", "NaN"]);
});
