import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { linearPath } from "../linear-path.ts";
import { principalAngles, topEigenvalueDeviation } from "./spectrum-agreement.ts";
import { spectrumStatistics } from "./spectrum-statistics.ts";

describe("spectrum statistics", () => {
  test("take plain arrays as numbers, in any order, and the rank of what was computed in f32", () => {
    const { largest, smallest, rank } = spectrumStatistics([3, 10, 2]);
    expect([largest, smallest, rank]).toEqual([10, 2, 3]);
    expect(spectrumStatistics([1, 1e-8, 1e-12]).rank).toBe(2);
    expect(spectrumStatistics([1, 1e-8, 1e-12], { dtype: "f32" }).rank).toBe(1);
    expect(spectrumStatistics([0, 0]).outlierTrace).toBe(0);
    expect(() => spectrumStatistics([1], { dtype: "f16" as "f32" })).toThrow('dtype must be "f32" or "f64"');
    expect(() => spectrumStatistics([1], { level: 0.1 } as object)).toThrow('no option "level"');
  });

  test("count outliers, bulk, rank and negative eigenvalues", () => {
    const values = Float64Array.of(-0.01, 0.02, 10, 8, 1e-12, 0, 4, -0.03);
    const s = spectrumStatistics(values, { maxOutliers: 4 });
    expect([s.largest, s.smallest, s.outliersByLevel, s.rank, s.negative]).toEqual([10, -0.03, 3, 6, 2]);
    // ratios 10/8, 8/4, 4/0.02, 0.02/1e-12: the gap stays within maxOutliers
    expect(s.gap?.outliers).toBe(4);
    expect(spectrumStatistics(values, { maxOutliers: 3 }).gap).toEqual({ outliers: 3, ratio: 200 });
    expect(s.bulkShare).toBe(5 / 8);
    expect(s.trace).toBeCloseTo(21.98, 11);
    expect(s.mostNegative).toBeCloseTo(0.003, 15);
    expect(s.negativeMass).toBeCloseTo(0.04 / 22.06, 12);
    expect(s.outlierTrace).toBeCloseTo(22 / 21.98, 12);
  });

  test("of a Gram matrix of few vectors have no negative eigenvalues, though rounding makes some", () => {
    const [n, rank] = [12, 3];
    const vectors = Array.from({ length: n }, (_, i) => [1, Math.cos(i), Math.sin(2 * i)]);
    const gram = vectors.flatMap((a) => vectors.map((b) => a.reduce((sum, v, k) => sum + v * b[k], 0)));
    const eigenvalues = symmetricEigenvalues({ rows: n, columns: n, values: Float64Array.from(gram) });
    expect(eigenvalues.some((value) => value < 0)).toBe(true);
    for (const unit of [1e-9, 1, 1e9]) {
      const statistics = spectrumStatistics(eigenvalues.map((value) => unit * value));
      expect([statistics.rank, statistics.negative]).toEqual([rank, 0]);
    }
    // in float32, what is below 1e-6 of the largest is rounding, too
    expect(spectrumStatistics([2, -1e-7, -1], { dtype: "f32" }).negative).toBe(1);
    expect(spectrumStatistics([2, -1e-7, -1]).negative).toBe(2);
  });

  test("know no gap with fewer than two positive eigenvalues, and no negative ones where there are none", () => {
    expect(spectrumStatistics(Float64Array.of(3, -1)).gap).toBeUndefined();
    const s = spectrumStatistics(Float64Array.of(3, 1));
    expect([s.mostNegative, s.negativeMass, s.gap?.ratio]).toEqual([0, 0, 3]);
    expect(() => spectrumStatistics(new Float64Array(0))).toThrow(DataError);
    expect(() => spectrumStatistics(Float64Array.of(1, Number.NaN))).toThrow(
      "eigenvalues must be finite, got NaN at index 1",
    );
    expect(() => spectrumStatistics(Float64Array.of(1), { outlierLevel: 1 })).toThrow(ArgumentError);
    expect(() => spectrumStatistics(Float64Array.of(1), { maxOutliers: 0 })).toThrow("maxOutliers");
  });
});

describe("two matrices", () => {
  test("have the largest difference of their top eigenvalues", () => {
    const [a, b] = [Float64Array.of(1, 4, 2), Float64Array.of(3.8, 1, 2.5)];
    expect(topEigenvalueDeviation(a, b, 1)).toBeCloseTo(0.05, 14);
    expect(topEigenvalueDeviation(a, b, 2)).toBeCloseTo(0.125, 14);
    expect(() => topEigenvalueDeviation(a, b, 4)).toThrow("k must be an integer from 1 to 3, got 4");
  });

  test("have the principal angles of two planes", () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const angles = principalAngles(
      [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0)],
      [Float64Array.of(0, c, s), Float64Array.of(1, 0, 0)],
    );
    expect(angles[0]).toBeLessThan(1e-7);
    expect(angles[1]).toBeCloseTo(0.3, 12);
    expect(() => principalAngles([], [])).toThrow(ArgumentError);
  });
});

describe("a segment", () => {
  const [a, b] = [Float64Array.of(-1, 0), Float64Array.of(1, 2)];

  test("of a double well has its barrier", async () => {
    const loss = ([x]: Float64Array) => (x * x - 1) ** 2 + 0.25 * x;
    const path = await linearPath(loss, a, b);
    // the largest value of (x^2 - 1)^2 + x/4 on [-1, 1] is at 4 x^3 - 4 x + 1/4 = 0, x = 0.0627463..
    const top = 0.0627463;
    const most = (top * top - 1) ** 2 + 0.25 * top;
    expect(path.barrier).toBeCloseTo(most - 0.25, 5);
    expect(path.chordBarrier).toBeCloseTo(1, 5);
    expect(path.distance).toBeCloseTo(Math.sqrt(8), 14);
    expect(path.t).toHaveLength(41 + 20);
    expect(path.t.every((t, i) => i === 0 || t > path.t[i - 1])).toBe(true);
  });

  test("of a convex loss has none, and a narrow peak is refined", async () => {
    const convex = await linearPath(async ([x]) => x * x - 5, a, b);
    expect([convex.barrier, convex.chordBarrier]).toEqual([0, 0]);
    const narrow = ([x]: Float64Array) => Math.exp(-(((x - 0.03) / 0.02) ** 2));
    const coarse = await linearPath(narrow, a, b, { refine: 0 });
    const fine = await linearPath(narrow, a, b, { refine: 40 });
    expect(coarse.barrier).toBeLessThan(0.8);
    expect(fine.barrier).toBeGreaterThan(0.98);
  });

  test("says what is wrong", async () => {
    await expect(linearPath(() => 0, a, Float64Array.of(1))).rejects.toThrow(ArgumentError);
    await expect(linearPath(() => 0, a, b, { points: 2 })).rejects.toThrow("points must be");
    await expect(linearPath(() => 0, a, b, { refine: -1 })).rejects.toThrow("refine must be");
    await expect(linearPath(([x]) => Math.log(x), a, b)).rejects.toThrow("the loss is NaN at t = 0");
    const signal = AbortSignal.abort(new Error("closed"));
    await expect(linearPath(() => 0, a, b, { signal })).rejects.toThrow("closed");
  });
});
