import { compile, f64, mul, sum, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import {
  type ConvolutionLayerOptions,
  convolutionLayer,
  convolutionParameters,
  convolutionTransposeLayer,
  convolutionTransposeParameters,
} from "./convolution-layer.ts";

const numbers = (...values: number[]) => Float64Array.from(values);
const count = (length: number) => Float64Array.from({ length }, (_, i) => i + 1);

async function layerOf(
  x: readonly number[],
  w: readonly number[],
  options: ConvolutionLayerOptions,
  input = count(x.reduce((a, b) => a * b)),
): Promise<{ readonly shape: readonly number[]; readonly values: number[] }> {
  using program = await compile(({ p, x }) => convolutionLayer(p, x, options), {
    p: { weights: f64(...w), bias: f64(w[0]) },
    x: f64(...x),
  });
  const weights = new Float64Array(w.reduce((a, b) => a * b)).fill(1);
  const bias = Float64Array.from({ length: w[0] }, (_, i) => 100 * i);
  const result = await program.run({ p: { weights, bias }, x: input });
  return { shape: result.shape, values: toNumbers(result) };
}

test("sums of neighbors in one dimension, by hand: strides, dilations and paddings", async () => {
  // x = 1 .. 6, all weights 1.
  expect((await layerOf([1, 1, 6], [1, 1, 3], {})).values).toStrictEqual([6, 9, 12, 15]);
  expect((await layerOf([1, 1, 6], [1, 1, 3], { padding: "same" })).values).toStrictEqual([
    3, 6, 9, 12, 15, 11,
  ]);
  expect(
    (await layerOf([1, 1, 6], [1, 1, 3], { padding: "same", paddingMode: "circular" })).values,
  ).toStrictEqual([9, 6, 9, 12, 15, 12]);
  expect((await layerOf([1, 1, 6], [1, 1, 2], { dilations: 3 })).values).toStrictEqual([5, 7, 9]);
  // Stride 2: three windows; with "same" the single zero that they need goes behind.
  expect((await layerOf([1, 1, 6], [1, 1, 3], { strides: 2, padding: "same" })).values).toStrictEqual([
    6, 12, 11,
  ]);
  expect((await layerOf([1, 1, 6], [1, 1, 2], { padding: "same" })).values).toStrictEqual([
    3, 5, 7, 9, 11, 6,
  ]);
  expect((await layerOf([1, 1, 6], [1, 1, 1], { strides: 4, padding: "same" })).values).toStrictEqual([1, 5]);
});

test("channels, groups and biases, by hand in two dimensions", async () => {
  // Two channels of 2x2: 1..4 and 5..8; two outputs, the second's bias is 100.
  expect((await layerOf([1, 2, 2, 2], [2, 2, 2, 2], {})).values).toStrictEqual([36, 136]);
  expect((await layerOf([1, 2, 2, 2], [2, 1, 2, 2], { groups: 2 })).values).toStrictEqual([10, 126]);
});

test('three dimensions keep their sizes with "same"', async () => {
  const { shape, values } = await layerOf([1, 1, 2, 3, 4], [1, 1, 3, 3, 3], { padding: "same" });
  expect(shape).toStrictEqual([1, 1, 2, 3, 4]);
  // The middle of the last axis sees three columns of all rows and planes: columns 1 to 3 of 4.
  const whole = count(24);
  const expected = whole.reduce((s, v, i) => (i % 4 < 3 ? s + v : s), 0);
  expect(values[5]).toBe(expected);
});

test("a shifted input gives a shifted output where padding is circular", async () => {
  const stream = randomStream(3);
  const x = Float64Array.from({ length: 2 * 5 * 4 }, () => stream.normal());
  const shifted = x.map((_, k) => {
    const [channel, row, column] = [Math.floor(k / 20), Math.floor(k / 4) % 5, k % 4];
    return x[channel * 20 + ((row + 3) % 5) * 4 + ((column + 1) % 4)];
  });
  const parameters = convolutionParameters({ inputs: 2, outputs: 3, kernel: [3, 2], stream, dtype: "f64" });
  using program = await compile(
    ({ p, x }) => convolutionLayer(p, x, { padding: "same", paddingMode: "circular" }),
    { p: { weights: f64(3, 2, 3, 2), bias: f64(3) }, x: f64(1, 2, 5, 4) },
  );
  const y = toNumbers(await program.run({ p: parameters, x }));
  const moved = toNumbers(await program.run({ p: parameters, x: shifted }));
  moved.forEach((value, k) => {
    const [channel, row, column] = [Math.floor(k / 20), Math.floor(k / 4) % 5, k % 4];
    expect(value).toBeCloseTo(y[channel * 20 + ((row + 3) % 5) * 4 + ((column + 1) % 4)], 13);
  });
});

test("the transposed layer is the transpose of the layer, and spreads by hand", async () => {
  const stream = randomStream(4);
  // One set of weights: of the convolution [O, I, k], of its transpose [inputs O, outputs I, k].
  const parameters = convolutionTransposeParameters({
    inputs: 3,
    outputs: 2,
    kernel: [4],
    stream,
    dtype: "f64",
  });
  using program = await compile(
    ({ p, zero, x, y }) => {
      const product = (a: Tensor, b: Tensor) => sum(mul(a, b));
      const forward = convolutionLayer({ ...p, bias: zero.outputs }, x, { strides: 2, padding: 1 });
      const back = convolutionTransposeLayer({ ...p, bias: zero.inputs }, y, { strides: 2, padding: 1 });
      return {
        forward: product(forward, y),
        back: product(back, x),
        biased: convolutionTransposeLayer(p, y),
      };
    },
    {
      p: { weights: f64(3, 2, 4), bias: f64(2) },
      zero: { outputs: f64(3), inputs: f64(2) },
      x: f64(1, 2, 8),
      y: f64(1, 3, 4),
    },
  );
  const draw = (length: number) => Float64Array.from({ length }, () => stream.normal());
  const { forward, back, biased } = await program.run({
    p: { ...parameters, bias: numbers(10, 20) },
    zero: { outputs: new Float64Array(3), inputs: new Float64Array(2) },
    x: draw(16),
    y: draw(12),
  });
  expect(toNumbers(back)[0]).toBeCloseTo(toNumbers(forward)[0], 12);
  expect(biased.shape).toStrictEqual([1, 2, 7]);
  using single = await compile(({ p, y }) => convolutionTransposeLayer(p, y, { strides: 3 }), {
    p: { weights: f64(1, 1, 2), bias: f64(1) },
    y: f64(1, 1, 2),
  });
  const spread = await single.run({ p: { weights: numbers(1, 10), bias: numbers(0.5) }, y: numbers(1, 2) });
  expect(toNumbers(spread)).toStrictEqual([1.5, 10.5, 0.5, 2.5, 20.5]);
});

test("channels that groups do not divide, and sizes that are none, are refused by name", () => {
  const options = { inputs: 4, outputs: 6, kernel: [3], stream: randomStream(1) };
  expect(() => convolutionParameters({ ...options, groups: 4 })).toThrow(/groups must divide/);
  expect(() => convolutionParameters({ ...options, kernel: [3, 0] })).toThrow(/kernel\[1\]/);
  expect(() => convolutionParameters({ ...options, kernel: [] })).toThrow(ArgumentError);
  expect(() => convolutionParameters({ ...options, inputs: 1.5 })).toThrow(/inputs/);
});
