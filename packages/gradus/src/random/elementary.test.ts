import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { portableExp, portableLog } from "./elementary.ts";

// spacing of floating-point numbers at x
function ulp(x: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  return Math.max(2 ** (exponent - 52), Number.MIN_VALUE);
}

describe("portableLog", () => {
  test("agrees with the engine's logarithm to 2 ulp, subnormals included", () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        expect(Math.abs(portableLog(x) - Math.log(x))).toBeLessThanOrEqual(2 * ulp(Math.log(x)));
      }),
      { numRuns: 5000 },
    );
  });

  test("is exact where the logarithm is, and at the ends", () => {
    expect(portableLog(1)).toBe(0);
    expect(portableLog(Math.E)).toBe(1);
    expect(portableLog(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(portableLog(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(portableLog(-1)).toBeNaN();
    expect(portableLog(Number.NaN)).toBeNaN();
  });

  test("keeps its relative precision next to 1", () => {
    // ln(1 + e) = e - e^2/2 + O(e^3)
    for (const e of [2 ** -30, -(2 ** -30), 2 ** -40])
      expect(portableLog(1 + e) / (e - (e * e) / 2)).toBeCloseTo(1, 15);
  });
});

describe("portableExp", () => {
  test("agrees with the engine's exponential to 2 ulp, subnormals included", () => {
    fc.assert(
      fc.property(fc.double({ min: -745, max: 709.7, noNaN: true }), (x) => {
        expect(Math.abs(portableExp(x) - Math.exp(x))).toBeLessThanOrEqual(2 * ulp(Math.exp(x)));
      }),
      { numRuns: 5000 },
    );
  });

  test("is exact at 0 and ends in 0 and Infinity", () => {
    expect(portableExp(0)).toBe(1);
    expect(portableExp(-746)).toBe(0);
    expect(portableExp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(portableExp(710)).toBe(Number.POSITIVE_INFINITY);
    expect(portableExp(Number.NaN)).toBeNaN();
  });
});
