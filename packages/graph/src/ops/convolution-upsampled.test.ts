import { describe, expect, test } from "vitest";
import { exportOnnx } from "../export-onnx.ts";
import { onnxGraph } from "../import/onnx-graph.ts";
import { f32, input, type Tensor } from "../tensor.ts";
import { type ConvolutionOptions, convolution, convolutionOp } from "./convolution.ts";
import { assertSingleAgrees, atRandomSizes } from "./derivative-harness.ts";
import { assertLayerAgrees } from "./layer-testing.ts";
import { upsampleNearest } from "./upsample.ts";

type Case = readonly [
  name: string,
  x: readonly number[],
  w: readonly number[],
  factors: readonly number[],
  options: ConvolutionOptions,
];

const cases: readonly Case[] = [
  ["3 x 3 kernels after a doubling", [2, 3, 4, 3], [2, 3, 3, 3], [2, 2], { padding: 1 }],
  ["no padding", [2, 2, 3, 3], [3, 2, 3, 2], [2, 2], {}],
  [
    "other padding at each end",
    [2, 2, 4, 3],
    [3, 2, 3, 4],
    [2, 3],
    {
      padding: [
        [2, 0],
        [1, 3],
      ],
    },
  ],
  ["one axis as it is", [1, 2, 3, 4], [2, 2, 2, 3], [1, 2], { padding: [0, 1] }],
  ["one axis", [2, 2, 5], [3, 2, 3], [3], { padding: 1 }],
  ["three axes", [1, 2, 2, 3, 2], [2, 2, 3, 2, 3], [2, 2, 2], { padding: 1 }],
  ["no leading dimension", [2, 4, 4], [2, 2, 3, 3], [2, 2], { padding: 1 }],
];

describe("in float32 as of repeated entries in float64, with derivatives to second order", () => {
  test.each(cases.map((c) => [c[0], c] as const))("%s", async (_, [name, x, w, factors, options]) => {
    const f = (t: Tensor, weights: Tensor) => convolution(upsampleNearest(t, factors), weights, options);
    await atRandomSizes((sizes) => assertSingleAgrees({ name, shapes: () => [x, w], f }, sizes), 2);
  });
});

test("with a bias, on blocks of channels", () =>
  assertLayerAgrees({
    shapes: { x: [16, 32, 4, 5], w: [16, 32, 3, 3], b: [16, 1, 1] },
    f: ({ x, w }) => convolution(upsampleNearest(x, [2, 2]), w, { padding: 1 }),
    seed: 9,
  }));

describe("what a convolution reads", () => {
  const read = (w: readonly number[], options: ConvolutionOptions = {}) => {
    const x = input("x", { dtype: "f32", shape: ["n", 4, 6, 6] });
    const weights = input("w", { dtype: "f32", shape: w });
    return convolution(upsampleNearest(x, [2, 2]), weights, options).op === convolutionOp;
  };

  test("is repeated for groups, strides, dilations, wide or circular padding, and kernels of one tap", () => {
    expect(read([4, 4, 3, 3], { padding: 1 })).toBe(false);
    expect(read([4, 2, 3, 3], { groups: 2 })).toBe(true);
    expect(read([4, 4, 3, 3], { strides: 2 })).toBe(true);
    expect(read([4, 4, 3, 3], { dilations: 2 })).toBe(true);
    expect(read([4, 4, 3, 3], { padding: 3 })).toBe(true);
    expect(read([4, 4, 3, 3], { padding: 1, paddingMode: "circular" })).toBe(true);
    expect(read([4, 4, 1, 1])).toBe(true);
  });

  test("is made once otherwise: a model repeats nothing", () => {
    const model = exportOnnx(({ x, w }) => convolution(upsampleNearest(x, [2, 2]), w, { padding: 1 }), {
      x: f32("n", 4, 6, 6),
      w: f32(4, 4, 3, 3),
    });
    const operators = onnxGraph(model).nodes.map(({ operator }) => operator);
    expect(operators).toContain("ConvTranspose");
    expect(operators).not.toContain("Concat");
  });
});
