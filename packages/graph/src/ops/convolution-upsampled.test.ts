import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { exportOnnx } from "../export-onnx.ts";
import { onnxGraph } from "../import/onnx-graph.ts";
import { f32, input, type Tensor } from "../tensor.ts";
import { type ConvolutionOptions, convolution, convolutionOp } from "./convolution.ts";
import { assertSingleAgrees, atRandomSizes, numbers } from "./derivative-harness.ts";
import { add, mul, relu, square, sum } from "./index.ts";
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

test("with a bias, on blocks of channels", async () => {
  const shapes = { x: [16, 32, 4, 5], w: [16, 32, 3, 3], b: [16, 1, 1] };
  const next = numbers(9);
  const draw = (shape: readonly number[]) =>
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  const values = { x: draw(shapes.x), w: draw(shapes.w), b: draw(shapes.b) };
  const run = async (dtype: "f32" | "f64") => {
    const Data = dtype === "f32" ? Float32Array : Float64Array;
    const given = (key: keyof typeof values) => array(Data.from(values[key]), shapes[key]);
    const spec = (key: keyof typeof values) => ({ dtype, shape: shapes[key] });
    using program = await compile(
      (all) => {
        const y = ({ x, w, b }: typeof all) =>
          relu(add(convolution(upsampleNearest(x, [2, 2]), w, { padding: 1 }), b));
        return { y: y(all), gradient: gradient((own: typeof all) => sum(mul(square(y(own)), 0.5)))(all) };
      },
      { x: spec("x"), w: spec("w"), b: spec("b") },
    );
    const result = await program.run({ x: given("x"), w: given("w"), b: given("b") });
    return [result.y, result.gradient.x, result.gradient.w, result.gradient.b].map(toNumbers);
  };
  const [single, double] = [await run("f32"), await run("f64")];
  single.forEach((result, k) => {
    const size = Math.max(...Array.from(double[k], Math.abs));
    const errors = Array.from(result, (value, i) => Math.abs(value - double[k][i]));
    expect(Math.max(...errors)).toBeLessThan(3e-6 * size);
  });
});

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
