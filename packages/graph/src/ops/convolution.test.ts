import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct } from "../differentiate.ts";
import { ShapeError, TypeMismatchError } from "../errors.ts";
import { perExampleGradients } from "../per-example.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { f32, f64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import type { ConvolutionOptions, ConvolutionTransposeOptions } from "./convolution.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertSingleAgrees,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
  numbers,
  randomArray,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

type Shapes = Case["shapes"];

const forward: readonly (readonly [string, Shapes, ConvolutionOptions])[] = [
  [
    "2-d",
    (n, m, k) => [
      [n, 2, 5, m + 2],
      [k, 2, 3, 2],
    ],
    {},
  ],
  [
    "2-d, padding, strides and dilations",
    (n, m, k) => [
      [n, 2, 6, m + 5],
      [k, 2, 3, 2],
    ],
    { padding: [1, 2], strides: [2, 3], dilations: [1, 2] },
  ],
  [
    "2-d, groups, padding that differs at the ends",
    (n, m, k) => [
      [n, 4, 5, m + 2],
      [2 * k, 2, 2, 3],
    ],
    { groups: 2, padding: [0, [2, 1]], strides: [1, 2] },
  ],
  [
    "2-d, one filter for each channel",
    (n, m) => [
      [n, 3, 4, m + 2],
      [3, 1, 3, 3],
    ],
    { groups: 3, padding: 1 },
  ],
  [
    "2-d, more filters than entries of a kernel's column",
    (n, m) => [
      [n, 1, 4, m + 2],
      [5, 1, 3, 3],
    ],
    { padding: 1 },
  ],
  [
    "2-d, twice as many filters as channels",
    (n, m) => [
      [n, 2, 4, m + 2],
      [4, 2, 3, 3],
    ],
    { padding: 1 },
  ],
  [
    "2-d, more padding than the kernel reaches",
    (n, m, k) => [
      [n, 1, 3, m],
      [k, 1, 1, 2],
    ],
    { padding: 2 },
  ],
  [
    "2-d, dilations without strides, padding that differs at the ends",
    (n, m, k) => [
      [n, 2, 6, m + 4],
      [k, 2, 2, 3],
    ],
    { padding: [1, [3, 0]], dilations: [3, 2] },
  ],
  [
    "2-d, circular",
    (n, m, k) => [
      [n, 2, 4, m + 2],
      [k, 2, 3, 3],
    ],
    { padding: 1, paddingMode: "circular" },
  ],
  [
    "1-d",
    (n, m, k) => [
      [n, m, 7],
      [k, m, 3],
    ],
    { padding: [[2, 0]], strides: 2 },
  ],
  [
    "3-d, groups and strides",
    (n, _, k) => [
      [n, 2, 3, 4, 5],
      [2 * k, 1, 2, 3, 2],
    ],
    { groups: 2, strides: [1, 2, 1], padding: 1 },
  ],
  [
    "1 x 1",
    (n, m, k) => [
      [n, 3, m, 2],
      [k, 3, 1, 1],
    ],
    {},
  ],
  [
    "without a dimension in front",
    (_, m, k) => [
      [2, 4, m + 2],
      [k, 2, 3, 3],
    ],
    { padding: 1 },
  ],
  [
    "with two dimensions in front",
    (n, m, k) => [
      [n, 2, 2, m + 3],
      [k, 2, 3],
    ],
    { strides: 2, padding: 1 },
  ],
];

const transposes: readonly (readonly [string, Shapes, ConvolutionTransposeOptions])[] = [
  [
    "2-d",
    (n, m, k) => [
      [n, 2, 3, m],
      [2, k, 3, 2],
    ],
    {},
  ],
  [
    "2-d, strides, dilations, padding, groups",
    (n, m, k) => [
      [n, 4, 3, m + 1],
      [4, k, 3, 2],
    ],
    { strides: [2, 3], dilations: [2, 1], padding: [[1, 2], 0], outputPadding: [1, 2], groups: 2 },
  ],
  [
    "1-d",
    (n, m, k) => [
      [n, m, 4],
      [m, k, 4],
    ],
    { strides: 2, padding: 1 },
  ],
  [
    "3-d",
    (n, _, k) => [
      [n, 2, 2, 3, 2],
      [2, k, 2, 2, 3],
    ],
    { strides: [1, 2, 1], padding: 1 },
  ],
];

const cases: readonly Case[] = [
  ...forward.map(
    ([name, shapes, options]): Case => ({
      name: `convolution, ${name}`,
      shapes,
      f: (x, w) => ops.convolution(x, w, options),
    }),
  ),
  ...transposes.map(
    ([name, shapes, options]): Case => ({
      name: `transpose, ${name}`,
      shapes,
      f: (x, w) => ops.convolutionTranspose(x, w, options),
    }),
  ),
];

describe("derivatives in float64 against central differences, float32 kernels against float64, leading axes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes), 3);
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 1);
  });
});

/** Every index of a shape, in row-major order. */
function* indicesOf(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else for (let i = 0; i < shape[0]; i++) for (const rest of indicesOf(shape.slice(1))) yield [i, ...rest];
}
const offset = (shape: readonly number[], index: readonly number[]) =>
  index.reduce((at, i, axis) => at * shape[axis] + i, 0);

interface Resolved {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly circular: boolean;
  readonly groups: number;
}

function resolve(options: ConvolutionOptions, rank: number): Resolved {
  const list = (value: number | readonly number[] = 1) =>
    typeof value === "number" ? new Array<number>(rank).fill(value) : value;
  const padding = options.padding ?? 0;
  const before =
    typeof padding === "number" ? list(padding) : padding.map((p) => (typeof p === "number" ? p : p[0]));
  return {
    strides: list(options.strides),
    dilations: list(options.dilations),
    before,
    circular: options.paddingMode === "circular",
    groups: options.groups ?? 1,
  };
}

/** Calls `visit` with the places of (y, x, w) whose product x w belongs to y, by the definition. */
function eachTerm(
  sizes: { x: readonly number[]; w: readonly number[]; y: readonly number[] },
  { strides, dilations, before, circular, groups }: Resolved,
  visit: (y: number, x: number, w: number) => void,
): void {
  const [outputs, channels, ...kernel] = sizes.w;
  const [batch, , ...output] = sizes.y;
  const spatial = sizes.x.slice(2);
  for (const [n, o, ...i] of indicesOf([batch, outputs, ...output]))
    for (const [c, ...k] of indicesOf([channels, ...kernel])) {
      let at = i.map((step, a) => step * strides[a] + k[a] * dilations[a] - before[a]);
      if (circular) at = at.map((place, a) => (place + spatial[a]) % spatial[a]);
      if (at.some((place, a) => place < 0 || place >= spatial[a])) continue;
      const channel = Math.floor(o / (outputs / groups)) * channels + c;
      visit(
        offset(sizes.y, [n, o, ...i]),
        offset(sizes.x, [n, channel, ...at]),
        offset(sizes.w, [o, c, ...k]),
      );
    }
}

describe("values against nested loops", () => {
  const close = (result: ArrayValue, expected: Float64Array, tolerance: number) => {
    expect(result.data.length).toBe(expected.length);
    toNumbers(result).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(tolerance);
    });
  };
  const single = (value: ArrayValue) => array(Float32Array.from(toNumbers(value)), value.shape);

  test.each(forward.filter(([name]) => !name.includes("in front")))(
    "convolution, %s",
    async (_, shapes, options) => {
      const next = numbers(11);
      const [x, w] = shapes(2, 3, 2).map((shape) => randomArray(shape, next));
      const f = (a: Tensor, b: Tensor) => ops.convolution(a, b, options);
      const double = await evaluate(f, [x, w]);
      const expected = new Float64Array(double.data.length);
      const [xs, ws] = [toNumbers(x), toNumbers(w)];
      eachTerm(
        { x: x.shape, w: w.shape, y: double.shape },
        resolve(options, w.shape.length - 2),
        (at, i, j) => {
          expected[at] += xs[i] * ws[j];
        },
      );
      close(double, expected, 1e-13);
      close(await evaluate(f, [single(x), single(w)]), expected, 1e-5);
    },
  );

  test.each(transposes)("transpose, %s", async (_, shapes, options) => {
    const next = numbers(12);
    const [y, w] = shapes(2, 3, 2).map((shape) => randomArray(shape, next));
    const f = (a: Tensor, b: Tensor) => ops.convolutionTranspose(a, b, options);
    const double = await evaluate(f, [y, w]);
    const expected = new Float64Array(double.data.length);
    const [ys, ws] = [toNumbers(y), toNumbers(w)];
    eachTerm(
      { x: double.shape, w: w.shape, y: y.shape },
      resolve(options, w.shape.length - 2),
      (at, i, j) => {
        expected[i] += ys[at] * ws[j];
      },
    );
    close(double, expected, 1e-13);
    close(await evaluate(f, [single(y), single(w)]), expected, 1e-5);
  });
});

describe("the batch", () => {
  const network = ({ w, v }: { w: Tensor; v: Tensor }, x: Tensor) =>
    ops.sum(ops.tanh(ops.convolution(ops.tanh(ops.convolution(x, w, { padding: 1, strides: 2 })), v)));
  const signature = { p: { w: f32(3, 1, 3, 3), v: f32(2, 3, 2, 2) } };
  const next = numbers(13);
  const values = (length: number) => Float32Array.from({ length }, () => next() - 0.5);
  const p = { w: values(27), v: values(24) };

  test("has a size that each run decides, down to none", async () => {
    using program = await compile(
      ({ p, x }) => ({
        gradient: gradient(network)(p, x),
        curvature: hessianVectorProduct(network)(p, p, x),
      }),
      { ...signature, x: f32("batch", 1, 5, 4) },
    );
    const x = values(3 * 20);
    const all = await program.run({ p, x });
    const parts = await Promise.all(
      [0, 1, 2].map((i) => program.run({ p, x: x.slice(20 * i, 20 * i + 20) })),
    );
    for (const of of ["gradient", "curvature"] as const)
      for (const key of ["w", "v"] as const)
        toNumbers(all[of][key]).forEach((value, i) => {
          const sum = parts.reduce((total, part) => total + Number(part[of][key].data[i]), 0);
          expect(Math.abs(value - sum)).toBeLessThan(1e-5);
        });
    const none = await program.run({ p, x: array(new Float32Array(0), [0, 1, 5, 4]) });
    expect(toNumbers(none.gradient.w)).toStrictEqual(new Array(27).fill(0));
  });

  test("gradients of each example, for a number of examples that each run decides", async () => {
    using each = await compile(({ p, x }) => perExampleGradients(network)(p, x), {
      ...signature,
      x: f32("batch", 1, 5, 4),
    });
    using one = await compile(({ p, x }) => gradient(network)(p, x), { ...signature, x: f32(1, 5, 4) });
    const x = values(3 * 20);
    const { w, v } = await each.run({ p, x });
    expect(w.shape).toStrictEqual([3, 3, 1, 3, 3]);
    for (let i = 0; i < 3; i++) {
      const alone = await one.run({ p, x: x.slice(20 * i, 20 * i + 20) });
      toNumbers(alone.w).forEach((value, j) => {
        expect(Math.abs(value - Number(w.data[27 * i + j]))).toBeLessThan(1e-5);
      });
      toNumbers(alone.v).forEach((value, j) => {
        expect(Math.abs(value - Number(v.data[24 * i + j]))).toBeLessThan(1e-5);
      });
    }
  });

  test("networks with weights of their own on one input, in float32", async () => {
    const f = (w: Tensor, x: Tensor) => ops.convolution(x, w, { padding: 1 });
    const [w, x] = [array(values(2 * 27), [2, 3, 1, 3, 3]), array(values(20), [1, 1, 5, 4])];
    const both = await evaluate((a, b) => vmap((entry: Tensor) => f(entry, b))(a), [w, x]);
    const alone = await evaluate(f, [array(w.data.slice(27), [3, 1, 3, 3]), x]);
    expect(both.shape).toStrictEqual([2, ...alone.shape]);
    toNumbers(alone).forEach((value, i) => {
      expect(Math.abs(value - Number(both.data[alone.data.length + i]))).toBeLessThan(1e-6);
    });
  });
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64("batch", 4, 8, 8));
  const w = input("w", f64(6, 2, 3, 3));
  expect(() => ops.convolution(x, w)).toThrow(
    /has 4 channels, weights \[6, 2, 3, 3\] with 1 groups expect 2/,
  );
  expect(() => ops.convolution(x, ops.cast(w, "f32"), { groups: 2 })).toThrow(TypeMismatchError);
  expect(() => ops.convolution(x, w, { groups: 2, dilations: 4 })).toThrow(/does not fit \[8, 8\]/);
  expect(() => ops.convolution(x, w, { groups: 2, strides: 0 })).toThrow(
    /strides must be a positive integer/,
  );
  expect(() => ops.convolution(x, w, { groups: 2, padding: [1] })).toThrow(
    /padding must be a non-negative integer/,
  );
  expect(() => ops.convolution(x, w, { groups: 2, padding: 9, paddingMode: "circular" })).toThrow(ShapeError);
  expect(() => ops.convolution(input("x", f64(1, 2, "width", 8)), w)).toThrow(/must be known at trace time/);
  expect(() => ops.convolution(x, input("w", f64(6, 2)))).toThrow(/1 to 3 kernel dimensions/);
  expect(() => ops.convolutionTranspose(x, w)).toThrow(/has 4 channels, weights \[6, 2, 3, 3\] expect 6/);
  expect(() => ops.convolutionTranspose(x, input("w", f64(4, 2, 3, 3)), { outputPadding: 1 })).toThrow(
    /output padding less than the strides/,
  );
});
