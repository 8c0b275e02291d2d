import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { logGamma, regularizedGamma } from "./gamma.ts";

describe("logGamma", () => {
  test("is the logarithm of the factorial", () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(4e-15 * Math.max(1, logGamma(n)));
      factorial *= n;
    }
  });

  // printed by SciPy 1.x, gammaln
  test.each([
    [1e-4, 9.210282658633961],
    [0.5, 0.5723649429247],
    [3.3, 0.9870985778947343],
    [100, 359.1342053695754],
    [1e5, 1051287.7089736569],
  ])("of %d is %d", (x, value) => {
    expect(Math.abs(logGamma(x) - value)).toBeLessThan(4e-15 * Math.max(1, value));
  });

  test("satisfies the reflection formula Gamma(x) Gamma(1 - x) = pi / sin(pi x)", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (x) => {
        expect(logGamma(x) + logGamma(1 - x)).toBeCloseTo(Math.log(Math.PI / Math.sin(Math.PI * x)), 13);
      }),
    );
  });

  test("rejects what is not > 0", () => {
    expect(() => logGamma(0)).toThrow(ArgumentError);
    expect(() => logGamma(Number.NaN)).toThrow("got NaN");
  });
});

describe("regularizedGamma", () => {
  // printed by SciPy 1.x, gammainc
  test.each([
    [1e-4, 1e-10, 0.9977576460893772],
    [1e-4, 5, 0.9999998851436032],
    [0.5, 0.1, 0.34527915398142317],
    [0.5, 3, 0.9856941215645704],
    [2.5, 2, 0.4505840486472198],
    [10, 3, 0.0011024881301154815],
    [10, 30, 0.9999928782491372],
    [100, 90, 0.15822098918643007],
    [100, 120, 0.9721362601094793],
    [1000, 1010, 0.6276789447369947],
    [1e4, 1e4, 0.5013298083399552],
  ])("of shape %d at %d is %d", (shape, x, value) => {
    expect(Math.abs(regularizedGamma(shape, x) - value)).toBeLessThan(1e-14 + 1e-15 * shape);
  });

  test("is 1 - e^-x sum x^k/k! for integer shapes, across both formulas", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.double({ min: 0, max: 30, noNaN: true }), (shape, x) => {
        let term = 1;
        let sum = 0;
        for (let k = 0; k < shape; k++) {
          sum += term;
          term *= x / (k + 1);
        }
        expect(regularizedGamma(shape, x)).toBeCloseTo(1 - Math.exp(-x) * sum, 13);
      }),
    );
  });

  test("goes from 0 to 1 and rejects what is outside", () => {
    expect(regularizedGamma(2, 0)).toBe(0);
    expect(regularizedGamma(2, Number.POSITIVE_INFINITY)).toBe(1);
    expect(() => regularizedGamma(2, -1)).toThrow(ArgumentError);
    expect(() => regularizedGamma(0, 1)).toThrow(ArgumentError);
  });
});

// python3 -c "from mpmath import *; mp.dps = 30
//   for a, x in ((100, 90), (30, 3e-4), (1e4, 9900), (1e6, 1e6), (1e6, 1002000)): print(a, x, nstr(gammainc(a, 0, x, regularized=True), 17))"
test.each([
  [100, 90.0, 0.15822098918643018],
  [30, 0.0003, 7.7598170319737e-139],
  [10000, 9900.0, 0.15865119219356466],
  [1000000, 1000000, 0.5001329807608725],
  [1000000, 1002000, 0.9771959041012301],
])("of the large shape %d at %d is mpmath's", (shape, x, value) => {
  expect(regularizedGamma(shape, x) / value).toBeCloseTo(1, 11);
});
