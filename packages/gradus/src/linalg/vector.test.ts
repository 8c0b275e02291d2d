import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { axpy, compensatedSum, dot, norm2 } from "./vector.ts";

// integers this small make every sum exact, so that any order of summation gives the same bits
const integers = (length: number) =>
  fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: length, maxLength: length });

describe("vectors", () => {
  test("dot and axpy are exact on integers", () => {
    fc.assert(
      fc.property(
        fc.nat(11).chain((n) => fc.tuple(integers(n), integers(n))),
        ([x, y]) => {
          const [a, b] = [Float64Array.from(x), Float64Array.from(y)];
          expect(dot(a, b)).toBe(x.reduce((sum, value, i) => sum + value * y[i], 0));
          expect(axpy(-3, a, b)).toBe(b);
          expect(Array.from(b)).toEqual(x.map((value, i) => y[i] - 3 * value));
        },
      ),
    );
    expect(() => dot(new Float64Array(2), new Float64Array(3))).toThrow("got 2 and 3");
    expect(() => axpy(1, new Float64Array(2), new Float64Array(3))).toThrow(ArgumentError);
  });

  test.each([0, 1, 1e-200, 1e-310, 1e200, 1e307])("norm of %d times (3, 4, 12) is 13 times that", (scale) => {
    const expected = 13 * scale;
    // 1e-310 is subnormal: its own spacing is 5e-324
    expect(
      Math.abs(norm2(Float64Array.of(3 * scale, -4 * scale, 12 * scale)) - expected),
    ).toBeLessThanOrEqual(4e-16 * expected + 2e-323);
  });

  test("norm passes on what is not finite", () => {
    expect(norm2(Float64Array.of(1, Number.NEGATIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
    expect(norm2(Float64Array.of(1, Number.NaN, 2))).toBeNaN();
    expect(norm2(new Float64Array(0))).toBe(0);
  });

  test("compensatedSum keeps what plain addition loses", () => {
    expect(compensatedSum([1, 1e100, 1, -1e100])).toBe(2);
    expect(compensatedSum(new Float64Array(1_000_000).fill(0.1))).toBe(100_000);
    expect(compensatedSum([])).toBe(0);
    expect(compensatedSum([1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
    expect(compensatedSum([1, Number.NaN])).toBeNaN();
  });

  test("compensatedSum stays within one rounding of the exact sum, however the terms cancel", () => {
    const values = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(50)), { maxLength: 40 });
    fc.assert(
      fc.property(values, (terms) => {
        const exact = terms.reduce(
          (sum, [value, exponent]) => sum + BigInt(value) * (1n << BigInt(exponent)),
          0n,
        );
        const x = terms.map(([value, exponent]) => value * 2 ** exponent);
        // Neumaier's bound: eps |sum| + n^2 eps^2 sum |x_i|
        const size = x.reduce((sum, value) => sum + Math.abs(value), 0);
        const bound = Number.EPSILON * Math.abs(Number(exact)) + (x.length * Number.EPSILON) ** 2 * size;
        expect(Math.abs(compensatedSum(x) - Number(exact))).toBeLessThanOrEqual(bound);
      }),
    );
  });
});
