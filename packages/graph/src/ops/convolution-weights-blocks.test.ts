import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import type { DType } from "../dtype.ts";
import { count } from "../onnx/model-testing.ts";
import { f32, input, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { type ConvolutionOptions, convolution, convolutionWeightsOp } from "./convolution.ts";
import { alternatingChannels, partsOf } from "./convolution-taps.ts";
import { fitsExchanged, fitsWeightBlocks } from "./convolution-weights-blocks.ts";
import { numbers } from "./derivative-harness.ts";
import { mul, sum, tanh } from "./index.ts";

const BLOCK = 16;

type Shape = readonly (number | string)[];

/** The gradients to weights by their own operation, of the loss whose gradient is taken. */
function gradientsOf(x: Shape, w: readonly number[], options: ConvolutionOptions): Tensor[] {
  const tensor = (shape: Shape) => input("", { dtype: "f32", shape });
  const data = tensor(x);
  const stack = [
    gradient((own: Tensor) => sum(tanh(convolution(data, own, { padding: w[2] >> 1, ...options }))))(
      tensor(w),
    ),
  ];
  const found = new Set<Tensor>();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.op === convolutionWeightsOp) found.add(next);
    stack.push(...next.inputs);
  }
  return [...found];
}

const fits = (x: Shape, w: readonly number[], options: ConvolutionOptions = {}) =>
  gradientsOf(x, w, options).map((node) => fitsWeightBlocks(node, BLOCK));

describe("a gradient to weights works in blocks", () => {
  test("of a batch and outputs that are whole blocks", () => {
    expect(fits([32, 16, 16, 16], [32, 16, 3, 3])).toStrictEqual([true]);
    expect(fits([4, 8, 8, 32, 32], [16, 8, 3, 3])).toStrictEqual([true]);
    expect(fits([24, 16, 16, 16], [32, 16, 3, 3])).toStrictEqual([false]);
    expect(fits([32, 16, 16, 16], [24, 16, 3, 3])).toStrictEqual([false]);
    expect(fits([64, 8, 20, 20], [8, 8, 3, 3])).toStrictEqual([true]);
    expect(fits([64, 8, 21, 20], [8, 8, 3, 3])).toStrictEqual([false]);
    expect(fits([64, 8, 16, 16], [8, 8, 3, 3])).toStrictEqual([false]);
    expect(fits(["n", 16, 16, 16], [32, 16, 3, 3])).toStrictEqual([true]);
  });

  test("of a batch shorter than a block, with outputs that fill half of one", () => {
    expect(fits([8, 8, 16, 16], [8, 8, 3, 3])).toStrictEqual([true]);
    expect(fits([3, 4, 8, 16, 16], [24, 8, 3, 3])).toStrictEqual([true]);
    expect(fits([7, 16, 32, 32], [16, 16, 3, 3])).toStrictEqual([]);
    expect(fits([8, 8, 32, 32], [12, 8, 3, 3])).toStrictEqual([]);
    expect(fits([8, 8, 8, 8], [8, 8, 3, 3])).toStrictEqual([false]);
  });

  test("not with more channels than outputs, few channels, few taps in a row, little work or other ranks", () => {
    expect(fits([64, 48, 16, 16], [16, 48, 3, 3])).toStrictEqual([false]);
    expect(fits([64, 3, 32, 32], [32, 3, 3, 3])).toStrictEqual([false]);
    expect(fits([32, 16, 32, 32], [32, 16, 1, 1])).toStrictEqual([false]);
    expect(fits([16, 16, 8, 8], [16, 16, 3, 3])).toStrictEqual([false]);
    expect(fits([32, 16, 256], [64, 16, 3])).toStrictEqual([false]);
  });
});

const cases: readonly (readonly [string, readonly number[], readonly number[], ConvolutionOptions])[] = [
  ["padding", [16, 16, 14, 13], [16, 16, 3, 3], { padding: 1 }],
  ["few channels to many outputs", [48, 9, 20, 21], [32, 9, 3, 4], {}],
  ["more weights than are taken from their places", [16, 64, 6, 6], [64, 64, 3, 3], { padding: 1 }],
  ["strides", [16, 32, 16, 15], [32, 32, 3, 3], { padding: 1, strides: 2 }],
  ["strides that leave rows", [32, 16, 16, 18], [32, 16, 3, 3], { strides: [3, 2] }],
  ["dilations", [16, 16, 16, 15], [16, 16, 3, 3], { padding: [1, [3, 0]], dilations: [1, 2] }],
  ["two leading dimensions", [4, 8, 16, 9, 9], [16, 16, 3, 3], { padding: [[2, 0], 1] }],
  ["two rows of eight outputs", [64, 8, 30, 28], [8, 8, 3, 3], { padding: 1, strides: [1, 2] }],
  ["two rows of eight outputs, two apart", [16, 8, 39, 20], [8, 8, 5, 3], { padding: 2, strides: [2, 1] }],
  ["a short batch", [8, 8, 16, 17], [8, 8, 3, 3], { padding: 1 }],
  ["a short batch, no padding, outputs that are no whole blocks", [12, 16, 14, 15], [24, 16, 3, 4], {}],
  ["a short batch, outputs of two blocks", [11, 9, 12, 12], [32, 9, 3, 3], { padding: 1 }],
  ["a short batch, strides that leave rows", [8, 16, 16, 18], [32, 16, 3, 3], { strides: [3, 2] }],
  ["a short batch, dilations", [9, 8, 20, 19], [16, 8, 3, 3], { padding: [1, [3, 0]], dilations: [1, 2] }],
  ["a short batch of two leading dimensions", [2, 5, 8, 16, 16], [16, 8, 3, 3], { padding: [[2, 0], 1] }],
  ["circular", [32, 16, 9, 9], [32, 16, 3, 3], { padding: 1, paddingMode: "circular" }],
];

/** The gradient to weights on random numbers. */
async function gradientIn(
  dtype: DType & ("f32" | "f64"),
  xShape: readonly number[],
  wShape: readonly number[],
  options: ConvolutionOptions,
  named: Shape = xShape,
  threads?: number,
) {
  const next = numbers(3);
  const Data = dtype === "f32" ? Float32Array : Float64Array;
  const draw = (shape: readonly number[]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return array(Data.from(Float64Array.from({ length }, () => next() - 0.5)), shape);
  };
  const values = { x: draw(xShape), w: draw(wShape) };
  using program = await compile(
    ({ x, w }) => gradient((own: Tensor) => sum(tanh(convolution(x, own, options))))(w),
    { x: { dtype, shape: named }, w: { dtype, shape: wShape } },
    { threads },
  );
  return toNumbers(await program.run(values));
}

/** How far the gradient in float32 is from the one by matrix products in float64, relative to its largest number. */
async function errorOf(
  xShape: readonly number[],
  wShape: readonly number[],
  options: ConvolutionOptions,
  named: Shape = xShape,
  threads?: number,
): Promise<number> {
  const run = (dtype: DType & ("f32" | "f64")) => gradientIn(dtype, xShape, wShape, options, named, threads);
  const [single, double] = [await run("f32"), await run("f64")];
  const size = Math.max(...Array.from(double, Math.abs));
  const errors = Array.from(single, (value, i) => Math.abs(value - double[i]));
  return Math.max(...errors) / (size || 1);
}

describe("the gradient to weights in blocks is that of matrix products in float64", () => {
  test.each(cases)("%s", async (_, xShape, wShape, options) => {
    expect(fits(xShape, wShape, { padding: 0, ...options })).toStrictEqual([true]);
    for (const threads of [1, 2])
      expect(await errorOf(xShape, wShape, options, xShape, threads)).toBeLessThan(1e-5);
  });

  test.each([
    ["two blocks of entries", [32, 16, 14, 13], [16, 16, 3, 3], { padding: 1 }],
    ["strides, four blocks", [64, 16, 15, 16], [32, 16, 3, 3], { padding: 1, strides: 2 }],
    ["three sets of filters, two blocks", [32, 16, 8, 8], [144, 16, 3, 3], { padding: 1 }],
    ["three by five taps, eight blocks", [128, 16, 8, 9], [16, 16, 3, 5], { padding: [1, 2] }],
  ] as const)("bit for bit the same on two threads, in parts of the batch: %s", async (_, x, w, options) => {
    expect(fits(x, w, options)).toStrictEqual([true]);
    const [one, two] = [
      await gradientIn("f32", x, w, options, x, 1),
      await gradientIn("f32", x, w, options, x, 2),
    ];
    expect(two).toStrictEqual(one);
    const traced = trace(
      ({ x, w }) => gradient((own: Tensor) => sum(tanh(convolution(x, own, options))))(w),
      { x: f32(...x), w: f32(...w) },
    );
    const sums = [true, false].map((oneThread) =>
      count("ReduceSum", toOnnx(traced, { block: BLOCK, oneThread })),
    );
    expect(sums).toStrictEqual([0, 1]);
  });

  test.each([32, 20, 1, 0])("a named batch of %i", async (batch) => {
    const error = await errorOf([batch, 16, 14, 13], [16, 16, 3, 3], { padding: 1 }, ["n", 16, 14, 13]);
    expect(error).toBeLessThan(1e-5);
  });

  test.each([
    [4, 8],
    [5, 3],
  ])("two named leading dimensions, %i by %i", async (n, m) => {
    const error = await errorOf([n, m, 16, 9, 9], [16, 16, 3, 3], { padding: 1 }, ["n", "m", 16, 9, 9]);
    expect(error).toBeLessThan(1e-5);
  });
});

describe("with more channels than outputs it works in blocks with both exchanged", () => {
  const exchanged = (x: Shape, w: readonly number[], options: ConvolutionOptions = {}) =>
    gradientsOf(x, w, options).map((node) => fitsExchanged(node, BLOCK));

  test("not with strides, or where the outputs are cut off", () => {
    expect(exchanged([64, 48, 16, 16], [16, 48, 3, 3])).toStrictEqual([true]);
    expect(exchanged([64, 48, 16, 16], [16, 48, 3, 3], { strides: 2 })).toStrictEqual([false]);
    expect(exchanged([64, 48, 16, 16], [16, 48, 3, 3], { padding: 3 })).toStrictEqual([false]);
    expect(exchanged([64, 48, 16, 16], [4, 48, 3, 3])).toStrictEqual([false]);
  });

  test.each([
    ["padding", [16, 48, 14, 13], [16, 48, 3, 3], { padding: 1 }],
    ["unequal padding, no square", [32, 32, 12, 15], [16, 32, 3, 4], { padding: [[2, 0], 1] }],
    ["dilations", [16, 64, 16, 15], [16, 64, 3, 3], { padding: [1, [3, 0]], dilations: [1, 2] }],
    ["two leading dimensions", [4, 8, 32, 12, 12], [8, 32, 3, 3], { padding: 1 }],
    ["more than 32,768 weights", [16, 96, 8, 9], [48, 96, 3, 3], { padding: 1 }],
  ] as const)("%s", async (_, xShape, wShape, options) => {
    expect(exchanged(xShape, wShape, { ...options })).toStrictEqual([true]);
    expect(await errorOf(xShape, wShape, options)).toBeLessThan(1e-5);
  });

  test("and puts up to 32,768 weights in order at once", () => {
    const gathers = (w: readonly number[]) => {
      const loss = ({ x, w }: Record<"x" | "w", Tensor>) =>
        gradient((own: Tensor) => sum(tanh(convolution(x, own, { padding: 1 }))))(w);
      const traced = trace(loss, { x: f32(32, w[1], 12, 12), w: f32(...w) });
      return count("Gather", toOnnx(traced, { block: BLOCK }));
    };
    expect([gathers([16, 48, 3, 3]), gathers([48, 96, 3, 3])]).toStrictEqual([0, 1]);
  });

  test.each([32, 20, 0])("a named batch of %i", async (batch) => {
    const error = await errorOf([batch, 32, 14, 13], [16, 32, 3, 3], { padding: 1 }, ["n", 32, 14, 13]);
    expect(error).toBeLessThan(1e-5);
  });
});

test("columns of a block of channels alternate, or on one thread of all where there are fewer", () => {
  const convolution = {
    ...{ kernel: [3, 3], strides: [1, 1], dilations: [1, 1], before: [1, 1], after: [1, 1], groups: 1 },
    ...{ input: [16, 16], output: [16, 16] },
  };
  const alternating = (channels: number, dilations = [1, 1], oneThread = true) =>
    alternatingChannels(
      { block: BLOCK, oneThread },
      { short: 8, channels, outputs: 16, planes: 1, convolution: { ...convolution, dilations } },
    );
  expect([8, 9, 16, 32].map((channels) => alternating(channels))).toStrictEqual([8, 9, 16, 16]);
  expect(alternating(24)).toBe(1);
  expect(alternating(8, [1, 2])).toBe(1);
  expect([8, 16].map((channels) => alternating(channels, [1, 1], false))).toStrictEqual([1, 16]);
});

test("several threads make an odd number of rows in parts of a batch of an even number of blocks", () => {
  const convolution = {
    ...{ kernel: [3, 3], strides: [1, 1], dilations: [1, 1], before: [1, 1], after: [1, 1], groups: 1 },
    ...{ input: [16, 16], output: [16, 16] },
  };
  const parts = (blocks: number | undefined, channels: number, outputs = channels, oneThread = false) =>
    partsOf(
      { block: BLOCK, oneThread },
      { short: undefined, blocks, channels, outputs, planes: 1, convolution },
    );
  expect([2, 4, 16].map((blocks) => parts(blocks, 16))).toStrictEqual([2, 4, 16]);
  expect([1, 3, 18, undefined].map((blocks) => parts(blocks, 16))).toStrictEqual([1, 1, 1, 1]);
  expect(parts(2, 16, 16, true)).toBe(1);
  expect(parts(2, 32)).toBe(1);
  expect(parts(2, 16, 128)).toBe(1);
  expect(parts(2, 16, 144)).toBe(2);
  expect(parts(2, 48)).toBe(1);
});

test("only the model for a runtime with blocks has them", () => {
  const traced = trace(
    ({ x, w }) => gradient((own: Tensor) => sum(tanh(convolution(x, own, { padding: 1 }))))(w),
    { x: f32(32, 9, 32, 32), w: f32(16, 9, 3, 3) },
  );
  const text = (model: Uint8Array) => new TextDecoder("latin1").decode(model);
  expect(text(toOnnx(traced, { block: BLOCK }))).toContain("com.microsoft.nchwc");
  expect(text(toOnnx(traced))).not.toContain("com.microsoft.nchwc");
});

/** How often a model puts channels in blocks. */
const reorderings = (traced: Parameters<typeof toOnnx>[0]) =>
  // As the operator of a node, behind the tag and the length of that field.
  new TextDecoder("latin1").decode(toOnnx(traced, { block: BLOCK })).split("\x22\x0cReorderInput").length - 1;

test("the model of two layers and a named batch puts the channels of each tensor in blocks once", () => {
  const layer = (x: Tensor, w: Tensor) => tanh(convolution(x, w, { padding: 1 }));
  const traced = trace(
    ({ x, layers }) =>
      gradient((own: readonly Tensor[]) => sum(own.reduce(layer, x)))(layers as readonly Tensor[]),
    { x: f32("n", 16, 14, 14), layers: [f32(32, 16, 3, 3), f32(32, 32, 3, 3)] },
  );
  // Of x, the hidden layer and both cotangents, and of what each gradient takes as its batch.
  expect(reorderings(traced)).toBe(4 + 2);
});

/** The gradient of sum(c convolution(x, w)) to w, and then convolutions of the tensors that it reads. */
const gradientFirst = (x: Shape, c: Shape, w: readonly number[], after: "x" | "c", strides: number[]) =>
  reorderings(
    trace(
      ({ x, c, w, next }) => [
        gradient((own: Tensor) => sum(mul(c, convolution(x, own, { padding: 1, strides }))))(w),
        convolution(after === "x" ? x : c, next, { padding: 1 }),
      ],
      { x: f32(...x), c: f32(...c), w: f32(...w), next: f32(32, after === "x" ? w[1] : w[0], 3, 3) },
    ),
  );

test.each(["x", "c"] as const)(
  "a later convolution of %s takes the blocks of a gradient before it",
  (after) => {
    const count = gradientFirst(["n", 16, 14, 14], ["n", 32, 14, 14], [32, 16, 3, 3], after, [1, 1]);
    expect(count).toBe(3);
  },
);

test("few outputs are put in blocks by rows alone", () => {
  for (const after of ["x", "c"] as const)
    expect(gradientFirst(["n", 8, 30, 28], ["n", 8, 30, 14], [8, 8, 3, 3], after, [1, 2])).toBe(2);
});
