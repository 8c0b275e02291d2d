import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { constant, type Tensor } from "../tensor.ts";
import { numbers, randomArray } from "./derivative-harness.ts";
import * as ops from "./index.ts";

type Shapes = readonly (readonly number[])[];

const places = constant(BigInt64Array.of(0n, 2n, 2n, 1n, 0n, 1n), [2, 3]);
const matrix: Shapes = [[2, 3]];
const matrices: Shapes = [
  [2, 3],
  [2, 3],
];
const image: Shapes = [[2, 2, 6, 4]];
const filtered: Shapes = [
  [2, 2, 6, 5],
  [4, 1, 3, 2],
];

const cases: readonly (readonly [string, Shapes, (...x: readonly Tensor[]) => Tensor])[] = [
  ["expm1", matrix, ops.expm1],
  ["erf", matrix, ops.erf],
  ["erfc", matrix, ops.erfc],
  ["gelu", matrix, ops.gelu],
  ["elu", matrix, (x) => ops.elu(x)],
  ["leakyRelu", matrix, (x) => ops.leakyRelu(x)],
  ["clip", matrix, (x) => ops.clip(x, -0.5, 0.5)],
  ["atan2", matrices, ops.atan2],
  ["pow", matrices, (a, b) => ops.pow(ops.add(ops.square(a), 0.1), b)],
  ["min", matrix, (x) => ops.min(x, { axes: 0 })],
  ["prod", matrix, (x) => ops.prod(x)],
  ["argMax", matrix, (x) => ops.mul(x, ops.cast(ops.argMax(x, { keepDims: true }), dtypeOf(x)))],
  ["cumSum", matrix, (x) => ops.cumSum(x, { reverse: true })],
  ["concat and stack", matrices, (a, b) => ops.concat([ops.stack([a, b]), ops.stack([b, a])], { axis: 1 })],
  ["slice, flip and split", image, (x) => ops.flip(ops.slice(ops.split(x, 2)[1], { axis: 2, step: -2 }), 3)],
  ["pad", matrix, (x) => ops.pad(ops.pad(x, around, { value: 2 }), around, { mode: "circular" })],
  ["takeAlong", matrix, (x) => ops.takeAlong(x, places)],
  ["einsum", matrices, (a, b) => ops.einsum("ij,kj->ik", a, b)],
  [
    "convolution",
    filtered,
    (x, w) => ops.convolution(x, w, { groups: 2, strides: [2, 1], dilations: [1, 2], padding: 1 }),
  ],
  [
    "convolution, circular",
    filtered,
    (x, w) => ops.convolution(x, w, { groups: 2, padding: 1, paddingMode: "circular" }),
  ],
  [
    "convolutionTranspose",
    [
      [2, 4, 3, 2],
      [4, 1, 3, 2],
    ],
    (x, w) => ops.convolutionTranspose(x, w, { groups: 2, strides: 2, padding: 1 }),
  ],
  ["maxPool", image, (x) => ops.maxPool(x, { size: [3, 2], strides: [1, 2], padding: [1, 0] })],
  ["averagePool", image, (x) => ops.averagePool(x, { size: [3, 2], strides: [1, 2], padding: [1, 0] })],
  [
    "averagePool, tiled, and upsampleNearest",
    image,
    (x) => ops.upsampleNearest(ops.averagePool(x, { size: [2, 2] }), [1, 3]),
  ],
];

const around = [
  [1, 0],
  [0, 2],
] as const;

function dtypeOf({ dtype }: Tensor): "f32" | "f64" {
  return dtype === "f32" ? "f32" : "f64";
}

describe.each([
  ["f32", 1e-6],
  ["f64", 1e-13],
] as const)(
  "the native and the WebAssembly runtime agree in %s on values and gradients",
  (dtype, tolerance) => {
    test.each(cases)("%s", async (_, shapes, f) => {
      const next = numbers(17);
      const inputs = shapes.map((shape): ArrayValue => {
        const values = randomArray(shape, next);
        return dtype === "f64" ? values : array(Float32Array.from(toNumbers(values)), shape);
      });
      const loss = (x: readonly Tensor[]) => ops.mean(ops.sin(f(...x)));
      const run = async (runtime: typeof native) => {
        const specs = shapes.map((shape) => ({ dtype, shape }));
        using program = await compile(
          ({ x }) => ({ result: f(...x), ...valueAndGradient(loss)(x) }),
          { x: specs },
          { runtime },
        );
        const { result, value, gradient } = await program.run({ x: inputs });
        return [result, value, ...gradient];
      };
      const [here, there] = [await run(native), await run(wasm)];
      here.forEach((value, i) => {
        expect(there[i].shape).toStrictEqual(value.shape);
        const other = toNumbers(there[i]);
        toNumbers(value).forEach((v, j) => {
          expect(Math.abs(v - other[j])).toBeLessThan(tolerance * Math.max(1, Math.abs(v)));
        });
      });
    });
  },
);
