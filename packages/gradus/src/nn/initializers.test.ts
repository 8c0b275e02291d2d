import { toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { convolutionParameters, convolutionTransposeParameters } from "./convolution-layer.ts";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  lecunUniform,
  normalWeights,
  orthogonalWeights,
  uniformByInputs,
  varianceScaling,
  zeroWeights,
} from "./initializers.ts";

const weights = { shape: [100, 400], fanIn: 100, fanOut: 400, dtype: "f64" } as const;
const draw = (initializer: Initializer, seed = 1) => toNumbers(initializer(randomStream(seed), weights));
const secondMoment = (values: readonly number[]) => values.reduce((s, v) => s + v * v, 0) / values.length;

describe("variances", () => {
  // 40,000 draws: the relative standard error of a variance is 0.7 % for a normal distribution, less for the others.
  test.each([
    ["heNormal", heNormal, 2 / 100, undefined],
    ["heUniform", heUniform, 2 / 100, Math.sqrt(6 / 100)],
    ["glorotNormal", glorotNormal, 2 / 500, undefined],
    ["glorotUniform", glorotUniform, 2 / 500, Math.sqrt(6 / 500)],
    ["lecunNormal", lecunNormal, 1 / 100, undefined],
    ["lecunUniform", lecunUniform, 1 / 100, Math.sqrt(3 / 100)],
    ["uniformByInputs", uniformByInputs, 1 / 300, 1 / 10],
    ["normalWeights", normalWeights(0.1), 0.01, undefined],
    [
      "truncated normal",
      varianceScaling({ scale: 1, fan: "out", distribution: "truncatedNormal" }),
      1 / 400,
      2 / 20 / 0.87962566,
    ],
  ] as const)("%s", (_, initializer, variance, limit) => {
    const values = draw(initializer);
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(secondMoment(values) / variance - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(variance / values.length));
    if (limit === undefined) return;
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.99 * limit);
  });
});

test("the seed decides", () => {
  expect(draw(heNormal, 1)).toStrictEqual(draw(heNormal, 1));
  expect(draw(heNormal, 1)).not.toStrictEqual(draw(heNormal, 2));
  expect(new Set(draw(zeroWeights))).toStrictEqual(new Set([0]));
});

test("the rows of an orthogonal matrix that is wider than high are orthonormal, times the gain", () => {
  const w = draw(orthogonalWeights({ gain: 3 }));
  const product = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < 400; k++) sum += w[400 * i + k] * w[400 * j + k];
    return sum;
  };
  for (const i of [0, 17, 99])
    for (const j of [0, 17, 99]) expect(product(i, j)).toBeCloseTo(i === j ? 9 : 0, 11);
});

test("an orthogonal kernel keeps patches orthogonal: one matrix from all that an output sees", () => {
  const { shape, data } = orthogonalWeights()(randomStream(2), {
    shape: [4, 2, 3, 3],
    fanIn: 18,
    fanOut: 36,
    dtype: "f64",
  });
  expect(shape).toStrictEqual([4, 2, 3, 3]);
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 4; j++) {
      let sum = 0;
      for (let k = 0; k < 18; k++) sum += Number(data[18 * i + k]) * Number(data[18 * j + k]);
      expect(sum).toBeCloseTo(i === j ? 1 : 0, 13);
    }
});

test("fans of a convolution count places, and with groups only the channels of one", () => {
  const seen: (readonly number[])[] = [];
  const spy: Initializer = (stream, of) => {
    seen.push([...of.shape, of.fanIn, of.fanOut]);
    return zeroWeights(stream, of);
  };
  const options = { inputs: 8, outputs: 12, stream: randomStream(1), initializer: spy };
  convolutionParameters({ ...options, kernel: [3, 5] });
  convolutionParameters({ ...options, kernel: [3, 5], groups: 4 });
  convolutionTransposeParameters({ ...options, kernel: [2], groups: 2 });
  expect(seen).toStrictEqual([
    [12, 8, 3, 5, 8 * 15, 12 * 15],
    [12, 2, 3, 5, 2 * 15, 3 * 15],
    [8, 6, 2, 4 * 2, 6 * 2],
  ]);
});

test("He's variance keeps the size of activations through ten rectified layers, Glorot's halves it each time", async () => {
  // The mean square of a layer's inputs after rectification, by width 400 in plain arithmetic.
  const width = 400;
  const through = (initializer: Initializer) => {
    const stream = randomStream(8);
    let x = Float64Array.from({ length: width }, () => stream.normal());
    for (let layer = 0; layer < 10; layer++) {
      const { data } = initializer(stream, {
        shape: [width, width],
        fanIn: width,
        fanOut: width,
        dtype: "f64",
      });
      const z = new Float64Array(width);
      for (let i = 0; i < width; i++)
        for (let j = 0; j < width; j++) z[j] += x[i] * Number(data[i * width + j]);
      x = layer === 9 ? z : z.map((v) => Math.max(v, 0));
    }
    return secondMoment(Array.from(x));
  };
  expect(Math.abs(Math.log2(through(heNormal)))).toBeLessThan(2);
  expect(Math.abs(Math.log2(through(glorotNormal)) + 10)).toBeLessThan(2);
});

test("bad options are refused", () => {
  expect(() => varianceScaling({ scale: 0, fan: "in", distribution: "normal" })).toThrow(ArgumentError);
  expect(() => normalWeights(Number.NaN)).toThrow(ArgumentError);
  expect(() => orthogonalWeights({ gain: -1 })).toThrow(ArgumentError);
});
