import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct } from "../differentiate.ts";
import { perExampleGradients } from "../per-example.ts";
import { constant, f32, type Tensor } from "../tensor.ts";
import { trace } from "../trace.ts";
import { vmap } from "../vectorize.ts";
import { type ConvolutionOptions, convolution } from "./convolution.ts";
import { numbers } from "./derivative-harness.ts";
import { mul, stack, sum, tanh } from "./index.ts";
import { entriesAlong } from "./slice.ts";

type Shape = readonly number[];

const cases: readonly (readonly [string, Shape, Shape, ConvolutionOptions])[] = [
  ["3 x 3", [17, 3, 6, 7], [4, 3, 3, 3], { padding: 1 }],
  ["without padding", [16, 3, 6, 7], [4, 3, 3, 2], {}],
  ["more outputs than rows", [16, 1, 6, 5], [7, 1, 3, 3], { padding: 1 }],
  ["strides", [20, 2, 7, 8], [3, 2, 3, 3], { padding: 1, strides: 2 }],
  ["strides along the first axis", [20, 2, 7, 8], [3, 2, 3, 2], { padding: [0, 1], strides: [3, 1] }],
  [
    "dilations, padding that differs",
    [16, 2, 7, 9],
    [3, 2, 2, 3],
    { padding: [1, [3, 0]], dilations: [3, 2] },
  ],
  ["1 x 1", [16, 3, 4, 4], [5, 3, 1, 1], {}],
  ["windows beyond the input", [16, 2, 3, 3], [3, 2, 2, 2], { padding: 3 }],
  ["circular", [16, 2, 4, 5], [3, 2, 3, 3], { padding: 1, paddingMode: "circular" }],
  ["two leading dimensions", [4, 5, 2, 5, 4], [3, 2, 3, 3], { padding: 1 }],
  ["1-d", [16, 3, 9], [4, 3, 3], { padding: [[2, 0]], strides: 2 }],
  ["3-d", [18, 2, 3, 4, 5], [3, 2, 2, 3, 2], { padding: 1, strides: [1, 2, 1] }],
];

const drawn = (shapes: Readonly<Record<"x" | "w" | "v", Shape>>) => {
  const next = numbers(5);
  const draw = (shape: Shape) =>
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  return { x: draw(shapes.x), w: draw(shapes.w), v: draw(shapes.v) };
};

const operations = (f: (all: { x: Tensor; w: Tensor }) => Tensor, x: Shape, w: Shape) => {
  const names = new Set<string>();
  const stack = trace(f, { x: f32(...x), w: f32(...w) }).outputs.map(({ tensor }) => tensor);
  for (let next = stack.pop(); next; next = stack.pop()) {
    names.add(next.op.name);
    stack.push(...next.inputs);
  }
  return names;
};

describe("derivatives by gathered shifts are those of matrix products in float64, to second order", () => {
  test.each(cases)("%s", async (_, x, w, options) => {
    const shapes = { x, w, v: w };
    const values = drawn(shapes);
    const loss = (own: { w: Tensor; x: Tensor }) => sum(tanh(convolution(own.x, own.w, options)));
    const toWeights = ({ x, w }: { x: Tensor; w: Tensor }) => gradient((w: Tensor) => loss({ x, w }))(w);
    expect(operations(toWeights, x, w)).toContain("convolutionWeights");
    const run = async (dtype: "f32" | "f64") => {
      const Data = dtype === "f32" ? Float32Array : Float64Array;
      const spec = (key: keyof typeof values) => ({ dtype, shape: shapes[key] });
      const given = (key: keyof typeof values) => array(Data.from(values[key]), shapes[key]);
      using program = await compile(
        ({ x, w, v }) => {
          const first = (all: { x: Tensor; w: Tensor }) => sum(mul(toWeights(all), v));
          return {
            first: toWeights({ x, w }),
            forward: hessianVectorProduct((w: Tensor) => loss({ x, w }))(w, v),
            reverse: gradient(first)({ x, w }),
          };
        },
        { x: spec("x"), w: spec("w"), v: spec("v") },
      );
      const { first, forward, reverse } = await program.run({ x: given("x"), w: given("w"), v: given("v") });
      return [first, forward, reverse.x, reverse.w].map(toNumbers);
    };
    const [single, double] = [await run("f32"), await run("f64")];
    single.forEach((found, k) => {
      const size = Math.max(...Array.from(double[k], Math.abs));
      const errors = Array.from(found, (value, i) => Math.abs(value - double[k][i]));
      expect(Math.max(...errors)).toBeLessThan(1e-5 * size);
    });
  });
});

test("few leading entries, groups, and shifts of many places are cut and joined", () => {
  const names = (x: Shape, w: Shape, options: ConvolutionOptions) =>
    operations((all) => gradient((w: Tensor) => sum(convolution(all.x, w, options)))(all.w), x, w);
  expect(names([15, 2, 6, 6], [3, 2, 3, 3], {})).not.toContain("convolutionWeights");
  expect(names([16, 2, 6, 6], [2, 1, 3, 3], { groups: 2 })).not.toContain("convolutionWeights");
  expect(names([16, 2, 120, 120], [3, 2, 3, 3], {})).not.toContain("convolutionWeights");
});

test("an open batch may have any size, and each example its own gradient", async () => {
  const options = { padding: 1 };
  const of = (w: Tensor, x: Tensor) => sum(tanh(convolution(x, w, options)));
  using program = await compile(
    ({ x, w }) => ({
      whole: gradient((w: Tensor) => of(w, x))(w),
      each: perExampleGradients(of)(w, x),
    }),
    { x: f32("n", 2, 5, 4), w: f32(3, 2, 3, 3) },
  );
  const w = array(
    Float32Array.from({ length: 54 }, (_, i) => Math.sin(i)),
    [3, 2, 3, 3],
  );
  for (const n of [0, 1, 20]) {
    const x = array(
      Float32Array.from({ length: 40 * n }, (_, i) => Math.cos(i * i)),
      [n, 2, 5, 4],
    );
    const { whole, each } = await program.run({ x, w });
    expect(each.shape).toStrictEqual([n, 3, 2, 3, 3]);
    const total = new Float64Array(54);
    toNumbers(each).forEach((value, i) => {
      total[i % 54] += value;
    });
    toNumbers(whole).forEach((value, i) => {
      expect(Math.abs(value - total[i])).toBeLessThan(1e-4);
    });
  }
});

test("over a leading axis of either operand or both, each entry has its own product", async () => {
  const toWeights = (x: Tensor, v: Tensor) =>
    gradient((w: Tensor) => sum(mul(convolution(x, w, { padding: 1 }), v)))(
      constant(new Float32Array(54), [3, 2, 3, 3]),
    );
  const last = (t: Tensor) => entriesAlong(t, 0)[1];
  const next = numbers(8);
  const draw = (...shape: number[]) =>
    array(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5),
      shape,
    );
  using program = await compile(
    ({ xs, vs, x, v }) => ({
      first: vmap((x: Tensor) => toWeights(x, v))(xs),
      second: vmap((v: Tensor) => toWeights(x, v))(vs),
      both: vmap(({ x, v }: { x: Tensor; v: Tensor }) => toWeights(x, v))({ x: xs, v: vs }),
      apart: stack([toWeights(last(xs), v), toWeights(x, last(vs)), toWeights(last(xs), last(vs))]),
    }),
    { xs: f32(2, 16, 2, 5, 4), vs: f32(2, 16, 3, 5, 4), x: f32(16, 2, 5, 4), v: f32(16, 3, 5, 4) },
  );
  const { apart, ...together } = await program.run({
    xs: draw(2, 16, 2, 5, 4),
    vs: draw(2, 16, 3, 5, 4),
    x: draw(16, 2, 5, 4),
    v: draw(16, 3, 5, 4),
  });
  const wanted = toNumbers(apart);
  Object.values(together).forEach((all, k) => {
    toNumbers(all)
      .slice(54)
      .forEach((value, i) => {
        expect(Math.abs(value - wanted[54 * k + i])).toBeLessThan(1e-5);
      });
  });
});
