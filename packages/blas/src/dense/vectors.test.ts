import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { asum, axpy, dot, iamax, nrm2, scal } from "./vectors.ts";

const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 40 });

test("sums of whole numbers are exact", () => {
  fc.assert(
    fc.property(numbers, (entries) => {
      const x = Float64Array.from(entries);
      const y = x.map((value, i) => value - i);
      expect(dot(x, y)).toBe(entries.reduce((sum, value, i) => sum + value * (value - i), 0));
      expect(asum(x)).toBe(entries.reduce((sum, value) => sum + Math.abs(value), 0));
      expect(axpy(3, x, y.slice())).toEqual(x.map((value, i) => 3 * value + y[i]));
      expect(scal(-2, x.slice())).toEqual(x.map((value) => -2 * value));
      const largest = Math.max(...entries.map(Math.abs));
      expect(iamax(x)).toBe(entries.findIndex((value) => Math.abs(value) === largest));
    }),
  );
});

test.each([1e-320, 1e-200, 1, 1e200])("the norm of (3, 4) times %d", (size) => {
  expect(nrm2(Float64Array.of(3 * size, 0, 4 * size)) / (5 * size)).toBeCloseTo(1, 15);
});

test("the norm of nothing, zeros, infinity and NaN", () => {
  expect(nrm2(new Float64Array(0))).toBe(0);
  expect(nrm2(new Float64Array(9))).toBe(0);
  expect(nrm2(Float64Array.of(1e300, Number.NEGATIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
  expect(nrm2(Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY))).toBeNaN();
  expect(iamax(Float64Array.of(1, Number.NaN, 3))).toBe(1);
});

test("vectors of unequal length are refused", () => {
  expect(() => dot(new Float64Array(3), new Float64Array(2))).toThrow("y must have 3 numbers, got 2");
});

test("an array of other numbers is refused by the name of the argument", () => {
  const own = Float64Array.of(1, 2);
  const others: readonly (readonly [never, string])[] = [
    [[1, 2] as never, "Array"],
    [Float32Array.of(1, 2) as never, "Float32Array"],
    [{} as never, "Object"],
  ];
  for (const [x, kind] of others)
    for (const call of [
      () => dot(x, own),
      () => axpy(1, x, own.slice()),
      () => scal(2, x),
      () => asum(x),
      () => iamax(x),
      () => nrm2(x),
    ])
      expect(call).toThrow(`x must be a Float64Array, got ${kind}`);
});

test("factors that are no numbers are refused", () => {
  const x = Float64Array.of(1, 2);
  for (const [factor, shown] of [
    [JSON.parse('"2"'), '"2"'],
    [JSON.parse("null"), "null"],
  ])
    for (const call of [() => axpy(factor, x, x.slice()), () => scal(factor, x.slice())]) {
      expect(call).toThrow(BlasArgumentError);
      expect(call).toThrow(`alpha must be a number, got ${shown}`);
    }
});
