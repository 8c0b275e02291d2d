import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { loadDataset } from "./bundled.ts";
import { standardize } from "./standardize.ts";

describe("standardize", () => {
  test("uses mean 2.5 and deviations sqrt(5/3), sqrt(5/4) for 1, 2, 3, 4", () => {
    const x = denseMatrix([1, 2, 3, 4], 4, 1);
    const sample = standardize(x);
    expect(Array.from(sample.mean)).toEqual([2.5]);
    expect(sample.scale[0]).toBeCloseTo(Math.sqrt(5 / 3), 15);
    expect(standardize(x, { deviation: "population" }).scale[0]).toBeCloseTo(Math.sqrt(5 / 4), 15);
    expect(sample.apply(denseMatrix([2.5, 10], 2, 1)).values[1]).toBeCloseTo(7.5 / Math.sqrt(5 / 3), 14);
  });

  test("gives the wine columns that scikit-learn's StandardScaler prints", async () => {
    const { x } = await loadDataset("wine");
    const { mean, scale, apply } = standardize(x, { deviation: "population" });
    expect(mean[0]).toBeCloseTo(13.00061798, 8);
    expect(scale[12]).toBeCloseTo(314.02165684, 8);
    expect(apply(x).values[0]).toBeCloseTo(1.51861254, 8);
  });

  test("makes the rows fitted on have mean 0 and variance 1, whatever their offset", () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1e3, 1e9), (column, offset) => {
        const x = denseMatrix(
          column.map((value, i) => offset + value + i),
          column.length,
          1,
        );
        const rows = Array.from({ length: x.rows - 2 }, (_, i) => i + 1);
        const z = standardize(x, { rows }).apply(x).values.subarray(1, -1);
        const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
        const square = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (z.length - 1);
        expect(Math.abs(mean)).toBeLessThan(1e-6);
        expect(Math.abs(square - 1)).toBeLessThan(1e-6);
      }),
    );
  });

  test("gives the same scores in units near either end of float64", () => {
    const column = [1, -1.75, 0.5, 1.5, 0.25];
    const ordinary = standardize(denseMatrix(column, 5, 1));
    const scores = ordinary.apply(denseMatrix(column, 5, 1)).values;
    for (const exponent of [-1000, -700, -530, 400, 530, 600, 1000, 1023]) {
      const unit = 2 ** exponent;
      const x = denseMatrix(
        column.map((value) => value * unit),
        5,
        1,
      );
      const { mean, scale, apply } = standardize(x);
      expect(mean[0] / unit).toBeCloseTo(ordinary.mean[0], 14);
      expect(scale[0] / unit).toBeCloseTo(ordinary.scale[0], 14);
      apply(x).values.forEach((score, i) => {
        expect(score).toBeCloseTo(scores[i], 14);
      });
    }
    // the least numbers there are: two of each, so that mean and deviation have exact halves
    const least = denseMatrix(
      [2, 4, 2, 4].map((value) => value * Number.MIN_VALUE),
      4,
      1,
    );
    expect(Array.from(standardize(least, { deviation: "population" }).apply(least).values)).toEqual([
      -1, 1, -1, 1,
    ]);
  });

  test("refuses a column whose deviation is beyond the range of float64", () => {
    // deviations of 1.7e308 sqrt(2), and of the least number times 0.1
    const wide = denseMatrix([0, -1.7e308, 1, 1.7e308], 2, 2);
    expect(() => standardize(wide)).toThrow(
      "column 1 of x must have a standard deviation in the range of float64, got Infinity; scale it",
    );
    const narrow = denseMatrix(new Float64Array(100).with(0, Number.MIN_VALUE), 100, 1);
    expect(() => standardize(narrow)).toThrow(DataError);
    expect(() => standardize(narrow)).toThrow("column 0 of x must have a standard deviation");
  });

  test("ignores the rows outside the fit", () => {
    const x = denseMatrix([0, 2, 1e6, Number.NaN], 4, 1);
    expect(standardize(x, { rows: [0, 1] }).mean[0]).toBe(1);
  });

  test("maps a column that is constant over the rows to 0 there", () => {
    const x = denseMatrix([0.1, 1, 0.1, 2, 0.1, 3, 7, 4], 4, 2);
    const { mean, scale, apply } = standardize(x, { rows: [0, 1, 2] });
    expect([mean[0], scale[0]]).toEqual([0.1, 1]);
    expect(Array.from(apply(x).values).filter((_, i) => i % 2 === 0)).toEqual([0, 0, 0, 6.9]);
    expect(Array.from(standardize(denseMatrix([5, 6], 1, 2)).scale)).toEqual([1, 1]);
  });

  test("rejects sizes that do not fit and values that are not finite", () => {
    const zeros = denseMatrix(new Float64Array(4), 2, 2);
    expect(() => standardize(new Float64Array(4) as never)).toThrow("x must be a matrix");
    expect(() => standardize(zeros, { rows: [] })).toThrow("at least one row");
    expect(() => standardize(zeros, { rows: [2] })).toThrow("rows[0] must be an integer from 0 to 1, got 2");
    const broken = denseMatrix([1, 2, 3, Number.NaN], 2, 2);
    expect(() => standardize(broken)).toThrow(DataError);
    expect(() => standardize(broken)).toThrow("row 1, column 1");
    expect(() => standardize(zeros).apply(denseMatrix([1, 2, 3], 1, 3))).toThrow(ArgumentError);
    const deviation = "populatoin" as "population";
    expect(() => standardize(zeros, { deviation })).toThrow(
      'deviation must be "sample" or "population", got "populatoin"',
    );
  });
});
