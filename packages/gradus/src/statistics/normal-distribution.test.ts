import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { normalCdf, normalQuantile } from "./normal-distribution.ts";

describe("normalCdf", () => {
  // printed by scipy.stats.norm.cdf (SciPy 1.17.1)
  test.each([
    [-10, 7.61985302416047e-24],
    [-5, 2.866515718791933e-7],
    [-2.5, 0.006209665325776132],
    [-1, 0.15865525393145707],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1.96, 0.9750021048517795],
    [3, 0.9986501019683699],
    [6, 0.9999999990134123],
  ])("of %d is %d", (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-14);
  });

  test("is the same on both sides of where the methods change, and ends in 0 and 1", () => {
    const step = 1e-9;
    const density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
    expect(Math.abs(normalCdf(-2 + step) - normalCdf(-2 - step) - 2 * step * density)).toBeLessThan(3e-16);
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalCdf(-50)).toBe(0);
    expect(() => normalCdf(Number.NaN)).toThrow(ArgumentError);
  });
});

describe("normalQuantile", () => {
  // printed by scipy.stats.norm.ppf (SciPy 1.17.1)
  test.each([
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798409],
    [1e-10, -6.361340902404056],
    [0.001, -3.090232306167813],
    [0.3, -0.5244005127080409],
    [0.8, 0.8416212335729143],
    [0.975, 1.959963984540054],
  ])("of %d is %d", (p, expected) => {
    expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(8e-15);
  });

  test("undoes the distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 5, noNaN: true }), (x) => {
        // the distribution function near 1 leaves only so many digits
        const rounding = (1e-16 / Math.exp((-x * x) / 2)) * (x > 0 ? 3 : 0);
        expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThan(1e-13 * Math.max(1, -x) + rounding);
      }),
    );
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([
      Number.NEGATIVE_INFINITY,
      0,
      Number.POSITIVE_INFINITY,
    ]);
    expect(() => normalQuantile(1.1)).toThrow("p must be in [0, 1], got 1.1");
  });
});
