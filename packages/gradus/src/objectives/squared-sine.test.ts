import * as fc from "fast-check";
import { expect, test } from "vitest";
import { squaredSineOfHalfTurns } from "./squared-sine.ts";

test("is the square of the engine's sine", () => {
  fc.assert(
    fc.property(fc.double({ min: -0.5, max: 0.5, noNaN: true }), (x) => {
      expect(Math.abs(squaredSineOfHalfTurns(x) - Math.sin(Math.PI * x) ** 2)).toBeLessThan(5e-16);
    }),
  );
});

test("keeps its digits near whole numbers, and has period 1", () => {
  for (const x of [1e-12, 1e-9, 1e-6]) {
    expect(squaredSineOfHalfTurns(x) / (Math.PI * x) ** 2).toBeCloseTo(1, 11);
    expect(squaredSineOfHalfTurns(0.25 + x)).toBeCloseTo(squaredSineOfHalfTurns(7.25 + x), 14);
  }
  expect(squaredSineOfHalfTurns(3)).toBe(0);
  expect(squaredSineOfHalfTurns(0.5)).toBeCloseTo(1, 15);
  expect(squaredSineOfHalfTurns(1e300)).toBe(0);
});

test("hands on what is not finite as NaN", () => {
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) expect(squaredSineOfHalfTurns(x)).toBeNaN();
});
