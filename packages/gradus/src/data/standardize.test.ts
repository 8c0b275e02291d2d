import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { loadDataset } from "./bundled.ts";
import { standardize } from "./standardize.ts";

fc.configureGlobal({ seed: 1 });

describe("standardize", () => {
  test("uses mean 2.5 and deviations sqrt(5/3), sqrt(5/4) for 1, 2, 3, 4", () => {
    const x = Float64Array.of(1, 2, 3, 4);
    const sample = standardize(x, 4, 1);
    expect(Array.from(sample.mean)).toEqual([2.5]);
    expect(sample.scale[0]).toBeCloseTo(Math.sqrt(5 / 3), 15);
    expect(standardize(x, 4, 1, { deviation: "population" }).scale[0]).toBeCloseTo(Math.sqrt(5 / 4), 15);
    expect(sample.apply(Float64Array.of(2.5, 10))[1]).toBeCloseTo(7.5 / Math.sqrt(5 / 3), 14);
  });

  test("gives the wine columns that scikit-learn's StandardScaler prints", async () => {
    const { x, n, d } = await loadDataset("wine");
    const { mean, scale, apply } = standardize(x, n, d, { deviation: "population" });
    expect(mean[0]).toBeCloseTo(13.00061798, 8);
    expect(scale[12]).toBeCloseTo(314.02165684, 8);
    expect(apply(x)[0]).toBeCloseTo(1.51861254, 8);
  });

  test("makes the rows fitted on have mean 0 and variance 1, whatever their offset", () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1e3, 1e9), (column, offset) => {
        const x = Float64Array.from(column, (value, i) => offset + value + i);
        const rows = Array.from({ length: x.length - 2 }, (_, i) => i + 1);
        const z = standardize(x, x.length, 1, { rows }).apply(x).subarray(1, -1);
        const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
        const square = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (z.length - 1);
        expect(Math.abs(mean)).toBeLessThan(1e-6);
        expect(Math.abs(square - 1)).toBeLessThan(1e-6);
      }),
    );
  });

  test("ignores the rows outside the fit", () => {
    const x = Float64Array.of(0, 2, 1e6, Number.NaN);
    expect(standardize(x, 4, 1, { rows: [0, 1] }).mean[0]).toBe(1);
  });

  test("maps a column that is constant over the rows to 0 there", () => {
    const x = Float64Array.of(0.1, 1, 0.1, 2, 0.1, 3, 7, 4);
    const { mean, scale, apply } = standardize(x, 4, 2, { rows: [0, 1, 2] });
    expect([mean[0], scale[0]]).toEqual([0.1, 1]);
    expect(Array.from(apply(x)).filter((_, i) => i % 2 === 0)).toEqual([0, 0, 0, 6.9]);
    expect(Array.from(standardize(Float64Array.of(5, 6), 1, 2).scale)).toEqual([1, 1]);
  });

  test("rejects sizes that do not fit and values that are not finite", () => {
    expect(() => standardize(new Float64Array(5), 2, 2)).toThrow(ArgumentError);
    expect(() => standardize(new Float64Array(4), 2, 2, { rows: [] })).toThrow("at least one row");
    expect(() => standardize(new Float64Array(4), 2, 2, { rows: [2] })).toThrow("rows[0]");
    expect(() => standardize(Float64Array.of(1, 2, 3, Number.NaN), 2, 2)).toThrow(DataError);
    expect(() => standardize(Float64Array.of(1, 2, 3, Number.NaN), 2, 2)).toThrow("row 1, column 1");
    expect(() => standardize(new Float64Array(4), 2, 2).apply(new Float64Array(3))).toThrow(ArgumentError);
  });
});
