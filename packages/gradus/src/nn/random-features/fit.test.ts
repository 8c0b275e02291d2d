import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { median } from "../../statistics/descriptive.ts";
import { fitRandomNetwork, randomNetworkPath } from "./fit.ts";
import { firstUnits, randomUnits, unitFeatures } from "./hidden-units.ts";
import { column, sampled, threeBumps } from "./test-targets.ts";

const { x, values: y } = sampled(threeBumps, 1000);
const midpoints = Float64Array.from({ length: 997 }, (_, j) => (j + 0.5) / 997);

function testRmse(slope: number, width: number, seed: number) {
  const units = randomUnits({ inputs: 1, width, slope, seed });
  const network = fitRandomNetwork({ x: column(x), y, units });
  const outputs = network.predict(column(midpoints));
  const squares = outputs.map((value, j) => (value - threeBumps(midpoints[j])) ** 2);
  return { rmse: Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / 997), rank: network.rank };
}

describe("the plateau of a small domain, against figures of another program in float64", () => {
  test("slope 1: error 0.0631 and rank 10 at widths 50 and 200", () => {
    for (const width of [50, 200])
      for (const seed of [0, 1]) {
        const { rmse, rank } = testRmse(1, width, seed);
        expect(rmse).toBeGreaterThan(0.062);
        expect(rmse).toBeLessThan(0.064);
        expect(Math.abs(rank - 10)).toBeLessThanOrEqual(1);
      }
  });

  test("slope 10: 0.0487 at width 50; slope 100: 0.0375 at width 100", () => {
    const medianOf = (slope: number, width: number) =>
      median([0, 1, 2].map((seed) => testRmse(slope, width, seed).rmse));
    expect(medianOf(10, 50) / 0.0487).toBeCloseTo(1, 1);
    expect(medianOf(100, 100)).toBeGreaterThan(0.015);
    expect(medianOf(100, 100)).toBeLessThan(0.06);
  });
});

test("features are sigma(a . x - b), by hand", () => {
  const units = {
    slopes: denseMatrix([1, -2, 0.5, 3], 2, 2),
    biases: Float64Array.of(0.5, -1),
    activation: "tanh" as const,
  };
  const H = unitFeatures(units, denseMatrix([1, 1, 2, -1], 2, 2));
  const expected = [1 - 2 - 0.5, 0.5 + 3 + 1, 2 + 2 - 0.5, 1 - 3 + 1].map(Math.tanh);
  for (const [k, value] of expected.entries()) expect(H.values[k]).toBeCloseTo(value, 14);
});

test("units of one seed are nested, stay in their box, or have its variance", () => {
  const [few, many] = [5, 500].map((width) => randomUnits({ inputs: 2, width, slope: 3, bias: 7, seed: 4 }));
  expect(firstUnits(many, 5)).toEqual(few);
  expect(() => firstUnits(few, 6)).toThrow("count must be an integer from 1 to 5, got 6");
  expect(Math.max(...many.slopes.values.map(Math.abs))).toBeLessThanOrEqual(3);
  expect(Math.max(...many.biases.map(Math.abs))).toBeGreaterThan(6.5);
  const normal = randomUnits({ inputs: 1, width: 4000, slope: 3, seed: 4, distribution: "normal" });
  const variance = normal.biases.reduce((sum, b) => sum + b * b, 0) / 4000;
  expect(variance / 3).toBeCloseTo(1, 1);
});

test("both solvers, and a ridge of a path, leave the same residual; columns of y share a factorization", () => {
  const units = randomUnits({ inputs: 1, width: 60, slope: 30, seed: 2 });
  const Y = denseMatrix(
    [...y].flatMap((value) => [value, 2 * value - 1]),
    1000,
    2,
  );
  const options = { x: column(x), units, relativeCutoff: 1e-10 };
  const one = fitRandomNetwork({ ...options, y });
  const two = fitRandomNetwork({ ...options, y, solver: "qr" });
  // the two cutoffs drop slightly different directions
  expect(two.trainRmse / one.trainRmse).toBeCloseTo(1, 1);
  expect(two.singularValues).toBeUndefined();
  const both = fitRandomNetwork({ ...options, y: Y });
  for (let i = 0; i < 60; i++)
    expect(both.coefficients.values[2 * i]).toBeCloseTo(one.coefficients.values[i], 8 - Math.log10(one.l1));
  const ridges = [0, 1e-6, 1e-2];
  const path = randomNetworkPath({ ...options, y }, ridges);
  for (const [k, ridge] of ridges.entries()) {
    const single = fitRandomNetwork({ ...options, y, ridge });
    expect(path[k].trainRmse).toBeCloseTo(single.trainRmse, 12);
    expect(path[k].l1).toBeLessThanOrEqual(k === 0 ? Number.POSITIVE_INFINITY : path[k - 1].l1);
  }
});

test("features in float32 have the directions that singular values in float64 leave at its epsilon", () => {
  for (const [slope, width] of [
    [1, 60],
    [10, 60],
    [30, 120],
  ]) {
    const units = randomUnits({ inputs: 1, width, slope, seed: 3 });
    const double = fitRandomNetwork({ x: column(x), y, units });
    const { singularValues: s } = double;
    // By Weyl's inequality rounding moves no singular value by more than the norm of what it changes.
    const moved = 2 ** -24 * Math.sqrt(1000 * width);
    const above = (bound: number) => s?.filter((value) => value > bound).length;
    const cutoff = 1000 * 2 ** -23 * (s?.[0] ?? Number.NaN);
    for (const solver of ["svd", "qr"] as const) {
      const single = fitRandomNetwork({ x: column(x), y, units, dtype: "f32", solver });
      expect(single.dtype).toBe("f32");
      expect(single.rank).toBeLessThan(double.rank);
      if (solver === "svd") {
        expect(single.rank).toBeGreaterThanOrEqual(above(cutoff + moved) ?? Number.NaN);
        expect(single.rank).toBeLessThanOrEqual(above(cutoff - moved) ?? Number.NaN);
      }
      expect(single.coefficients.values).toEqual(
        Float64Array.from(Float32Array.from(single.coefficients.values)),
      );
      // Of the target, single precision misses what double precision can reach.
      expect(single.trainRmse).toBeGreaterThan(double.trainRmse);
      const [first] = single.predict(column(x.subarray(0, 1)));
      const H = Float32Array.from(unitFeatures(units, column(x.subarray(0, 1))).values);
      expect(first).toBeCloseTo(
        H.reduce((sum, h, i) => sum + h * single.coefficients.values[i], 0),
        8,
      );
    }
  }
});

test("a linear target needs only direct links and an output bias", () => {
  const units = randomUnits({ inputs: 1, width: 1, slope: 1, seed: 1 });
  const line = x.map((value) => 3 - 2 * value);
  const plain = fitRandomNetwork({ x: column(x), y: line, units });
  const linked = fitRandomNetwork({ x: column(x), y: line, units, directLinks: true, outputBias: true });
  expect(plain.trainRmse).toBeGreaterThan(0.1);
  expect(linked.trainRmse).toBeLessThan(1e-12);
  expect(linked.predict(column(Float64Array.of(10)))[0]).toBeCloseTo(-17, 9);
});

test("with a constant, predictions move with y also where features are dependent", () => {
  const at = column(x.slice(0, 100));
  const wave = at.values.map((value) => Math.sin(5 * value));
  const beyond = column(Float64Array.from({ length: 20 }, (_, i) => 1 + i / 20));
  for (const activation of ["relu", "sigmoid"] as const)
    for (const solver of ["svd", "qr"] as const)
      for (const ridge of [0, 1e-3]) {
        const units = randomUnits({ inputs: 1, width: 60, slope: 1, activation, seed: 1 });
        const predicted = (y: Float64Array) =>
          fitRandomNetwork({ x: at, y, units, solver, ridge, outputBias: true }).predict(beyond);
        const near = predicted(wave);
        const far = predicted(wave.map((value) => value + 2 ** 20));
        const largest = Math.max(...near.map(Math.abs));
        for (const [i, value] of far.entries())
          expect(Math.abs(value - 2 ** 20 - near[i]) / largest).toBeLessThan(1e-2);
      }
});

test("what does not fit is refused by name", () => {
  const units = randomUnits({ inputs: 1, width: 3, slope: 1 });
  const fit = (changes: object) => () => fitRandomNetwork({ x: column(x), y, units, ...changes });
  expect(fit({ y: y.slice(1) })).toThrow("x and y must have as many rows, got 1000 and 999");
  expect(fit({ y: y.with(3, Number.NaN) })).toThrow("y must be finite, got NaN in row 3, column 0");
  expect(fit({ x: column(x.with(7, Number.POSITIVE_INFINITY)) })).toThrow(DataError);
  expect(fit({ x: denseMatrix(x, 500, 2) })).toThrow("x must have 1 columns");
  expect(fit({ relativeCutoff: 1 })).toThrow("relativeCutoff must be in (0, 1), got 1");
  expect(fit({ ridge: -1 })).toThrow(ArgumentError);
  expect(fit({ solver: "normal" })).toThrow('solver must be "svd" or "qr", got "normal"');
  expect(fit({ dtype: "f16" })).toThrow('dtype must be "f32" or "f64", got "f16"');
  expect(fit({ rcond: 1 })).toThrow('fitRandomNetwork has no option "rcond"');
  expect(() => randomUnits({ inputs: 1, width: 0, slope: 1 })).toThrow(
    "width must be a positive integer, got 0",
  );
  expect(() => randomUnits({ inputs: 1, width: 1, slope: 0 })).toThrow(
    "slope must be a positive number, got 0",
  );
  const unknown = { inputs: 1, width: 1, slope: 1, activation: "swish" };
  expect(() => randomUnits(unknown as never)).toThrow(
    'activation must be one of sigmoid, tanh, relu, gaussian, gaussianDerivative, sine, cosine, got "swish"',
  );
  expect(() => randomNetworkPath({ x: column(x), y, units }, [-1])).toThrow("ridges[0] must be");
});
