import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f64, type Tensor } from "../tensor.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  atRandomSizes,
  type Case,
  numbers,
} from "./derivative-harness.ts";
import { einsum } from "./einsum.ts";
import { matmul, matrixTranspose } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { square } from "./unary.ts";

const kernels = (model: Uint8Array) => {
  const text = new TextDecoder("latin1").decode(model);
  return ["Einsum", "Gemm", "MatMul", "ReduceSum"].filter((name) => text.includes(name));
};

const cases: readonly Case[] = [
  {
    name: "a matrix of weights behind",
    shapes: (n, m, k) => [
      [2, n, m],
      [m, k],
    ],
    f: (x, w) => matmul(x, w),
  },
  {
    name: "its transpose",
    shapes: (n, m, k) => [
      [2, 3, n, m],
      [k, m],
    ],
    f: (x, w) => matmul(x, matrixTranspose(w)),
  },
  {
    name: "a matrix of weights in front",
    shapes: (n, m, k) => [
      [k, n],
      [2, n, m],
    ],
    f: (w, x) => matmul(w, x),
  },
];

test.each(cases)("derivatives of products over leading dimensions: $name", async (c) => {
  await atRandomSizes((sizes) => assertDerivatives(c, sizes));
  await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes));
});

test.each([
  ["xya,xyb->ab", false],
  ["xya,xyb->ba", true],
] as const)("%s is one product of tall matrices", async (equation, swapped) => {
  const [a, b, n, y] = [2, 4, 5, 3];
  using program = await compile(({ u, v }) => einsum(equation, u, v), {
    u: f64("n", y, a),
    v: f64("n", y, b),
  });
  expect(kernels(program.model)).toStrictEqual(["Gemm"]);
  const next = numbers(4);
  const [u, v] = [a, b].map((rows) => Float64Array.from({ length: n * y * rows }, () => next() - 0.5));
  const result = toNumbers(await program.run({ u: array(u, [n, y, a]), v: array(v, [n, y, b]) }));
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) {
      let wanted = 0;
      for (let k = 0; k < n * y; k++) wanted += u[k * a + i] * v[k * b + j];
      expect(result[swapped ? j * a + i : i * b + j]).toBeCloseTo(wanted, 13);
    }
});

test("a layer over sequences has its weights' gradient from one product, also of none", async () => {
  using program = await compile(({ x, w }) => gradient((v: Tensor) => sum(square(matmul(x, v))))(w), {
    x: f64("n", 2, 2),
    w: f64(2, 1),
  });
  expect(kernels(program.model)).toStrictEqual(["Gemm", "MatMul"]);
  const w = Float64Array.of(1, -1);
  const run = async (x: Float64Array) =>
    toNumbers(await program.run({ x: array(x, [x.length / 4, 2, 2]), w }));
  // Every output is -1: the gradient is -2 times the sum of the rows.
  expect(await run(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toStrictEqual([-32, -40]);
  expect(await run(new Float64Array())).toStrictEqual([0, 0]);
});

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("leading dimensions that broadcast may be empty (%s)", (_, runtime) => {
  test.each([
    [
      ["n", 1, 2, 3],
      [5, 3, 4],
    ],
    [
      ["n", 5, 2, 3],
      [5, 3, 4],
    ],
    [
      [2, 3],
      ["n", 3, 4],
    ],
    [
      ["n", 2, 3],
      [1, 1, 3, 4],
    ],
    [
      [0, 1, 2, 3],
      [5, 3, 4],
    ],
  ] as const)("%j by %j", async (a, b) => {
    using program = await compile(
      ({ u, v }) => ({
        product: matmul(u, v),
        slope: gradient((w: Tensor) => sum(square(matmul(u, w))))(v),
      }),
      { u: f64(...a), v: f64(...b) },
      { runtime },
    );
    for (const n of a[0] === 0 ? [0] : [0, 2]) {
      const [left, right] = [a, b].map((shape) => shape.map((d) => (d === "n" ? n : Number(d))));
      const [u, v] = [left, right].map((shape) => {
        const size = shape.reduce((product, d) => product * d, 1);
        return array(
          Float64Array.from({ length: size }, (__, i) => (i % 7) - 3),
          shape,
        );
      });
      const { product, slope } = await program.run({ u, v });
      const rank = Math.max(left.length, right.length);
      const leading = Array.from({ length: rank - 2 }, (__, i) => {
        const [x, y] = [left.at(i - rank), right.at(i - rank)].map((d, k) =>
          i - rank < -[left, right][k].length ? 1 : d!,
        );
        return x === 1 ? y : x;
      });
      expect(product.shape).toStrictEqual([...leading, 2, 4]);
      // Twice the sum of squares is the derivative along v of a function that is of second degree in v.
      const along = toNumbers(slope).reduce((t, x, i) => t + x * Number(v.data[i]), 0);
      const squares = toNumbers(product).reduce((t, x) => t + x * x, 0);
      expect(along).toBeCloseTo(2 * squares, 9);
    }
  });
});
