import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { repeat } from "../loop.ts";
import { type ConvolutionOptions, convolution } from "../ops/convolution.ts";
import { numbers } from "../ops/derivative-harness.ts";
import { add, averagePool, mul, relu, square, sub, sum, tanh, upsampleNearest } from "../ops/index.ts";
import { mapTensors, reachable, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { planBiases } from "./convolution-bias.ts";
import { count } from "./model-testing.ts";
import { planPairs } from "./sample-pairs.ts";
import { findUsage } from "./usage.ts";

const BLOCK = 16;

type Values<T> = { readonly [K in "x" | "first" | "middle" | "last" | "bias"]: T };
type Shapes = Values<readonly number[]>;
type Model = (values: Values<Tensor>) => Tensor;

/** Images and layers of so many channels. */
const shapesOf = (x: readonly number[], channels: number): Shapes => ({
  x,
  first: [channels, x[1], 3, 3],
  middle: [channels, channels, 3, 3],
  last: [1, channels, 1, 1],
  bias: [channels, 1, 1],
});
const specsOf = (shapes: Shapes, dtype: "f32" | "f64") => mapShapes(shapes, (shape) => ({ dtype, shape }));

function mapShapes<T>(
  { x, first, middle, last, bias }: Shapes,
  f: (shape: readonly number[]) => T,
): Values<T> {
  return { x: f(x), first: f(first), middle: f(middle), last: f(last), bias: f(bias) };
}

/** Layers with all that stays in blocks: activations, a skip connection, pooling and upsampling. */
const network: Model = ({ x, first, middle, last, bias }) => {
  const a = add(convolution(x, first, { padding: 1 }), bias);
  const b = relu(add(convolution(a, middle, { padding: 1 }), bias));
  const coarse = tanh(convolution(averagePool(b, { size: [2, 2] }), middle, { padding: 1 }));
  const c = add(upsampleNearest(coarse, [2, 2]), mul(b, 0.5));
  return convolution(c, last);
};
const half = (y: Tensor) => mul(sum(square(y)), 0.5);

const gradientsOf = (shapes: Shapes, model: Model) =>
  trace(
    gradient((values: Values<Tensor>) => half(model(values))),
    specsOf(shapes, "f32"),
  );

/** How many convolutions and gradients to weights are computed on pairs of samples. */
function paired(shapes: Shapes, model: Model): readonly [convolutions: number, gradients: number] {
  const outputs = gradientsOf(shapes, model).outputs.map(({ tensor }) => tensor);
  const nodes = reachable(outputs);
  const usage = findUsage(nodes, outputs, () => true);
  const plan = planPairs(nodes, BLOCK, planBiases(nodes, usage), usage);
  return [plan?.convolutions.size ?? 0, plan?.gradients.size ?? 0];
}

describe("convolutions work on pairs of samples", () => {
  test("in training, with those of few channels and of 1 x 1 kernels among them", () => {
    // the gradient to the input is a transposed convolution
    expect(paired(shapesOf([8, 1, 32, 32], 8), network)).toStrictEqual([7, 4]);
  });

  test("not of an odd number of samples, or of few", () => {
    expect(paired(shapesOf([9, 1, 32, 32], 8), network)).toStrictEqual([0, 0]);
    expect(paired(shapesOf([6, 1, 32, 32], 8), network)).toStrictEqual([0, 0]);
  });

  test("not where channels do not fill half of a block, of tall kernels, and with little work", () => {
    const two: Model = ({ x, first, middle }) => convolution(tanh(convolution(x, first)), middle);
    expect(paired(shapesOf([8, 1, 32, 32], 8), two)).toStrictEqual([3, 2]);
    expect(paired(shapesOf([8, 1, 32, 32], 12), two)).toStrictEqual([0, 0]);
    expect(paired({ ...shapesOf([8, 1, 32, 32], 8), middle: [8, 8, 5, 3] }, two)).toStrictEqual([0, 0]);
    expect(paired(shapesOf([8, 1, 8, 8], 8), two)).toStrictEqual([0, 0]);
  });

  test("with no order of channels in between, and activations in the kernels", () => {
    const model = toOnnx(gradientsOf(shapesOf([8, 1, 32, 32], 8), network), { block: BLOCK });
    // the result, which has one channel, and what the transposed convolution takes
    expect(count("ReorderOutput", model)).toBe(2);
    expect(count("ReorderInput", model)).toBe(0);
    expect(count("Transpose", model)).toBe(2);
    expect(new TextDecoder("latin1").decode(model).match(/activation/g)).toHaveLength(1);
  });

  test("not without gradients to weights, so that a sample with a NaN leaves others alone", async () => {
    const [x, w] = [
      [8, 8, 32, 32],
      [8, 8, 3, 3],
    ];
    using program = await compile((given) => sum(convolution(given.x, given.w), { axes: [1, 2, 3] }), {
      x: { dtype: "f32", shape: x },
      w: { dtype: "f32", shape: w },
    });
    const data = new Float32Array(8 * 8 * 32 * 32).fill(1);
    data[0] = Number.NaN;
    const weights = array(new Float32Array(8 * 8 * 9).fill(1), w);
    const sums = toNumbers(await program.run({ x: array(data, x), w: weights }));
    expect(sums).toStrictEqual([Number.NaN, ...new Array<number>(7).fill(8 * 30 * 30 * 8 * 9)]);
  });
});

/** What a function of the values is for random numbers, each tensor as a list. */
async function resultsOf(
  shapes: Shapes,
  dtype: "f32" | "f64",
  f: (values: Values<Tensor>) => readonly Tensor[],
): Promise<number[][]> {
  const next = numbers(5);
  const Data = dtype === "f32" ? Float32Array : Float64Array;
  const given = mapShapes(shapes, (shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return array(Data.from(Float64Array.from({ length }, () => next() - 0.5)), shape);
  });
  using program = await compile((values: Values<Tensor>) => f(values), specsOf(shapes, dtype));
  return (await program.run(given)).map(toNumbers);
}

/** How far results in float32 are from those by matrix products in float64, relative to the largest number of each. */
async function errorOf(shapes: Shapes, f: (values: Values<Tensor>) => readonly Tensor[]): Promise<number> {
  const [single, double] = [await resultsOf(shapes, "f32", f), await resultsOf(shapes, "f64", f)];
  const errors = single.map((values, k) => {
    const largest = (numbers: readonly number[]) =>
      numbers.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
    return largest(values.map((value, i) => value - double[k][i])) / largest(double[k]);
  });
  return Math.max(...errors);
}

/** Two layers, of which the first may have any geometry. */
const layers =
  (options: ConvolutionOptions): Model =>
  ({ x, first, middle, bias }) =>
    convolution(relu(add(convolution(x, first, options), bias)), middle, { padding: 1 });

const cases: readonly (readonly [string, Shapes, Model])[] = [
  ["a network", shapesOf([8, 1, 16, 20], 8), network],
  ["a network of four channels", shapesOf([10, 2, 32, 22], 4), network],
  ["a batch of several parts", shapesOf([64, 1, 16, 10], 8), network],
  ["a batch that does not divide evenly", shapesOf([22, 3, 16, 16], 8), network],
  ["strides", shapesOf([8, 3, 33, 40], 8), layers({ padding: 1, strides: 2 })],
  ["strides that leave rows", shapesOf([8, 8, 48, 47], 8), layers({ strides: [3, 2] })],
  [
    "dilated rows, padding of its own at each end",
    shapesOf([8, 8, 20, 19], 8),
    layers({
      padding: [
        [0, 2],
        [1, 0],
      ],
      dilations: [2, 1],
    }),
  ],
  ["dilated columns", shapesOf([8, 8, 20, 19], 8), layers({ padding: 1, dilations: [1, 2] })],
  ["circular padding", shapesOf([8, 1, 16, 16], 8), layers({ padding: 1, paddingMode: "circular" })],
  [
    "fewer outputs than channels, wide and narrow kernels",
    { ...shapesOf([8, 8, 16, 18], 8), last: [3, 8, 3, 2] },
    (values) => convolution(layers({ padding: 1 })(values), values.last, { padding: [[1, 0], 1] }),
  ],
];

describe("results on pairs of samples are those in float64", () => {
  test.each(cases)("%s", async (_, shapes, model) => {
    const all = (values: Values<Tensor>) => {
      // adds what is not 0 to the gradients of what a model does not use
      const loss = (own: Values<Tensor>) => add(half(model(own)), add(half(own.last), half(own.bias)));
      const { x, first, middle, last, bias } = gradient(loss)(values);
      return [model(values), x, first, middle, last, bias];
    };
    expect(await errorOf(shapes, all)).toBeLessThan(3e-6);
  });

  test("of second derivatives", async () => {
    const slope = (values: Values<Tensor>) => {
      const g = gradient((own: Values<Tensor>) => half(network(own)))(values);
      return add(half(g.x), half(g.middle));
    };
    const second = (values: Values<Tensor>) => {
      const { x, first, middle, last } = gradient(slope)(values);
      return [x, first, middle, last];
    };
    expect(await errorOf(shapesOf([8, 1, 16, 16], 8), second)).toBeLessThan(1e-5);
  });

  test("of steps in a loop, with values that are used sample by sample and entry by entry", async () => {
    const steps = (values: Values<Tensor>) => {
      const { carried, stacked } = repeat(3, values, (own) => {
        const y = network(own);
        const change = gradient((all: Values<Tensor>) => half(network(all)))(own);
        const kept = { ...mapTensors((p: Tensor, d: Tensor) => sub(p, mul(d, 1e-3)), own, change), x: own.x };
        return { carried: kept, stacked: sum(tanh(y), { axes: [1, 3] }) };
      });
      return [carried.first, carried.middle, carried.last, carried.bias, stacked];
    };
    expect(await errorOf(shapesOf([8, 1, 16, 16], 8), steps)).toBeLessThan(3e-6);
  });
});
