import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import type { DType } from "../dtype.ts";
import { f32, input, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { type ConvolutionOptions, convolution, convolutionWeightsOp } from "./convolution.ts";
import { fitsPlanes } from "./convolution-planes.ts";
import { fitsWeightPlanes } from "./convolution-weights-planes.ts";
import { numbers } from "./derivative-harness.ts";
import { add, relu, square, sum, tanh } from "./index.ts";

const BLOCK = 16;

type Shape = readonly (number | string)[];

const tensor = (shape: Shape) => input("", { dtype: "f32", shape });

const fits = (x: Shape, w: readonly number[], options: ConvolutionOptions = {}) =>
  fitsPlanes(convolution(tensor(x), tensor(w), { padding: 1, ...options }), BLOCK);

/** Whether the gradient to the weights has an operation of its own, and whether that works in planes. */
function weightsFit(x: Shape, w: readonly number[], options: ConvolutionOptions = {}) {
  const data = tensor(x);
  const loss = (own: Tensor) => sum(tanh(convolution(data, own, { padding: 1, ...options })));
  const stack = [gradient(loss)(tensor(w))];
  const found = new Set<Tensor>();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.op === convolutionWeightsOp) found.add(next);
    stack.push(...next.inputs);
  }
  return Array.from(found, (node) => fitsWeightPlanes(node, BLOCK));
}

describe("a convolution over three axes works in planes", () => {
  test("of whole blocks of channels and outputs", () => {
    expect(fits([4, 16, 16, 16, 16], [16, 16, 3, 3, 3])).toBe(true);
    expect(fits(["n", 32, 8, 8, 8], [48, 32, 3, 3, 3])).toBe(true);
    expect(fits([4, 24, 16, 16, 16], [16, 24, 3, 3, 3])).toBe(false);
    expect(fits([4, 16, 16, 16, 16], [8, 16, 3, 3, 3])).toBe(false);
  });

  test("not of one tap a plane, little work, groups or other ranks", () => {
    expect(fits([4, 16, 16, 16, 16], [16, 16, 3, 1, 1], { padding: 0 })).toBe(false);
    expect(fits([1, 16, 4, 4, 4], [16, 16, 3, 3, 3])).toBe(false);
    expect(fits([4, 32, 16, 16, 16], [32, 16, 3, 3, 3], { groups: 2 })).toBe(false);
    expect(fits([4, 16, 16, 16], [16, 16, 3, 3])).toBe(false);
  });

  test("its gradient to the weights too, with known planes in whole blocks that are not strided", () => {
    expect(weightsFit([4, 16, 16, 16, 16], [16, 16, 3, 3, 3])).toStrictEqual([true]);
    expect(weightsFit([4, 8, 16, 16, 16], [32, 8, 3, 3, 3])).toStrictEqual([true]);
    expect(weightsFit(["n", 16, 16, 16, 16], [16, 16, 3, 3, 3])).toStrictEqual([]);
    expect(weightsFit([1, 16, 8, 16, 16], [16, 16, 3, 3, 3])).toStrictEqual([false]);
    expect(weightsFit([1, 16, 9, 16, 16], [16, 16, 3, 3, 3])).toStrictEqual([]);
    expect(weightsFit([4, 16, 16, 16, 16], [16, 16, 3, 3, 3], { strides: [2, 1, 1] })).toStrictEqual([]);
  });
});

/** Shapes of x and w, options, and whether the gradient to the weights works in planes. */
type Example = readonly [string, readonly number[], readonly number[], ConvolutionOptions, boolean];

const examples: readonly Example[] = [
  ["one block to one", [2, 16, 8, 9, 10], [16, 16, 3, 3, 3], { padding: 1 }, true],
  ["two blocks to three", [2, 32, 8, 7, 6], [48, 32, 3, 3, 3], { padding: 1 }, true],
  ["no padding", [1, 16, 16, 9, 8], [32, 16, 3, 2, 3], {}, true],
  ["five taps of the first axis", [4, 16, 8, 6, 7], [16, 16, 5, 3, 3], { padding: [2, 1, 1] }, true],
  ["one tap of the first axis", [2, 16, 8, 12, 12], [16, 16, 1, 3, 3], { padding: [0, 1, 1] }, true],
  ["unequal padding", [2, 16, 8, 8, 8], [16, 16, 3, 3, 3], { padding: [[2, 0], [0, 1], 1] }, true],
  ["dilations", [2, 16, 8, 9, 9], [16, 16, 3, 3, 3], { padding: [2, 0, 2], dilations: [2, 1, 2] }, true],
  ["strides inside planes", [4, 16, 8, 17, 18], [16, 16, 3, 3, 3], { padding: 1, strides: [1, 2, 2] }, true],
  ["strides of planes", [4, 16, 12, 9, 9], [16, 16, 3, 3, 3], { padding: 1, strides: [2, 1, 1] }, false],
  ["strides that leave planes", [4, 16, 12, 7, 7], [16, 16, 2, 3, 3], { strides: [3, 2, 1] }, false],
  ["two leading axes", [2, 2, 16, 4, 8, 8], [16, 16, 3, 3, 3], { padding: 1 }, true],
  ["no leading axis", [16, 16, 8, 8], [16, 16, 3, 3, 3], { padding: 1 }, true],
  ["planes that are no whole blocks", [3, 16, 8, 8, 8], [16, 16, 3, 3, 3], { padding: 1 }, false],
  ["circular", [1, 16, 6, 8, 9], [16, 16, 3, 3, 3], { padding: 1, paddingMode: "circular" }, false],
];

/** The largest errors in float32 against products in float64, relative to the largest number: of y, x, w and b. */
async function errorsOf(
  xShape: readonly number[],
  wShape: readonly number[],
  options: ConvolutionOptions,
  named: Shape = xShape,
) {
  const next = numbers(3);
  const draw = (shape: readonly number[]) =>
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  const [x, w, b] = [draw(xShape), draw(wShape), draw([wShape[0], 1, 1, 1])];
  const run = async (dtype: DType & ("f32" | "f64")) => {
    const Data = dtype === "f32" ? Float32Array : Float64Array;
    const given = (data: Float64Array, shape: readonly number[]) => array(Data.from(data), shape);
    const spec = (shape: Shape) => ({ dtype, shape });
    using program = await compile(
      (all) => {
        const y = ({ x, w, b }: typeof all) => relu(add(convolution(x, w, options), b));
        return { y: y(all), slopes: gradient((own: typeof all) => sum(square(y(own))))(all) };
      },
      { x: spec(named), w: spec(wShape), b: spec([wShape[0], 1, 1, 1]) },
    );
    const shapeOfBias = [wShape[0], 1, 1, 1];
    const { y, slopes } = await program.run({
      x: given(x, xShape),
      w: given(w, wShape),
      b: given(b, shapeOfBias),
    });
    return { y: toNumbers(y), x: toNumbers(slopes.x), w: toNumbers(slopes.w), b: toNumbers(slopes.b) };
  };
  const [single, double] = [await run("f32"), await run("f64")];
  return (["y", "x", "w", "b"] as const).map((key) => {
    const largest = (values: Iterable<number>) =>
      Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const errors = Array.from(single[key], (value, i) => value - double[key][i]);
    return largest(errors) / (largest(double[key]) || 1);
  });
}

describe("values and derivatives in planes are those of matrix products in float64", () => {
  test.each(examples)("%s", async (_, xShape, wShape, options, weights) => {
    expect(fits(xShape, wShape, { padding: 0, ...options })).toBe(true);
    expect(weightsFit(xShape, wShape, { padding: 0, ...options }).includes(true)).toBe(weights);
    for (const error of await errorsOf(xShape, wShape, options)) expect(error).toBeLessThan(3e-6);
  });

  test.each([3, 1, 0])("a named batch of %i", async (batch) => {
    const named = ["n", 16, 8, 9, 8];
    const errors = await errorsOf([batch, 16, 8, 9, 8], [16, 16, 3, 3, 3], { padding: 1 }, named);
    for (const error of errors) expect(error).toBeLessThan(3e-6);
  });
});

test("only the model for a runtime with blocks has them", () => {
  const specs = { x: f32(2, 16, 8, 8, 8), w: f32(16, 16, 3, 3, 3) };
  const traced = trace(
    ({ x, w }) => gradient((own: Tensor) => sum(tanh(convolution(x, own, { padding: 1 }))))(w),
    specs,
  );
  const text = (model: Uint8Array) => new TextDecoder("latin1").decode(model);
  expect(text(toOnnx(traced, { block: BLOCK }))).toContain("com.microsoft.nchwc");
  expect(text(toOnnx(traced))).not.toContain("com.microsoft.nchwc");
});
