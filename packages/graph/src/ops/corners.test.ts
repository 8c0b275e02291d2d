import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { bool, f32, f64, i64, type Tensor } from "../tensor.ts";
import { assertDerivatives, evaluate, numbers, randomArray } from "./derivative-harness.ts";
import { elementwise } from "./examples/elementwise.ts";
import type { Example } from "./examples/reference.ts";
import * as ops from "./index.ts";

const entries = Object.entries<Example>(elementwise);
const ofOne = entries.filter(([, { shapes }]) => shapes(1, 1, 1).length === 1);
const ofTwo = entries.filter(([, { shapes }]) => shapes(1, 1, 1).length === 2);

async function assertAt(
  [name, example]: readonly [string, Example],
  ...shapes: readonly (readonly number[])[]
) {
  const next = numbers(7);
  const inputs = shapes.map((shape) => randomArray(shape, next, example.domain));
  const value = await evaluate(example.f, inputs);
  const expected = example.expected(...inputs.map((x) => ({ shape: x.shape, data: toNumbers(x) })));
  expect(value.shape).toStrictEqual(expected.shape);
  toNumbers(value).forEach((v, i) => {
    expect(v).toBeCloseTo(expected.data[i], 12);
  });
  if (example.differentiable !== false)
    await assertDerivatives({ ...example, name, shapes: () => shapes }, [1, 1, 1, 3]);
}

describe("elementwise operations of scalars, of single elements, of none", () => {
  test.each(ofOne)("%s", async (name, example) => {
    for (const shape of [[], [1], [1, 1], [0], [2, 0, 3]]) await assertAt([name, example], shape);
  });
  test.each(ofTwo)("%s", async (name, example) => {
    const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
      [[], []],
      [[], [1, 3]],
      [[2, 1], []],
      [[1], [1, 1]],
      [
        [1, 1],
        [2, 3],
      ],
      [[3], [2, 1]],
      [
        [2, 1, 3],
        [4, 1],
      ],
      [[0, 3], [3]],
      [
        [0, 1],
        [1, 3],
      ],
      [[], [0]],
    ];
    for (const [a, b] of pairs) await assertAt([name, example], a, b);
  });
});

const none32 = (...shape: number[]) => array(new Float32Array(0), shape);

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("a batch of none gives what NumPy gives (%s)", (_, runtime) => {
  test("layers: results with no rows, gradients of the weights of zeros", async () => {
    const layers = (
      { w, k, t, v }: { w: Tensor; k: Tensor; t: Tensor; v: Tensor },
      x: Tensor,
      image: Tensor,
    ) => ({
      product: ops.matmul(x, w),
      einsum: ops.einsum("ni,ij->jn", x, w),
      gram: ops.einsum("ni,nj->ij", x, ops.matmul(x, v)),
      inner: ops.matmul(ops.matrixTranspose(x), x),
      convolution: ops.convolution(image, k, { padding: 1 }),
      transposed: ops.convolutionTranspose(image, t, { strides: 2 }),
      pooled: ops.maxPool(image, { size: [2, 2] }),
      averaged: ops.averagePool(image, { size: [2, 2] }),
      larger: ops.upsampleNearest(image, [2, 2]),
      probabilities: ops.logSoftmax(ops.matmul(x, w)),
      entropy: ops.crossEntropy(x, ops.softmax(x)),
      largest: ops.max(x, { axes: 1 }),
    });
    const total = (p: { w: Tensor; k: Tensor; t: Tensor; v: Tensor }, x: Tensor, image: Tensor) =>
      Object.values(layers(p, x, image))
        .map((y) => ops.sum(ops.sin(y)))
        .reduce((a, b) => ops.add(a, b));
    const specs = { w: f32(3, 2), k: f32(3, 2, 3, 3), t: f32(2, 3, 2, 2), v: f32(3, 3) };
    using program = await compile(
      ({ p, x, image }) => ({ ...layers(p, x, image), slope: gradient(total)(p, x, image) }),
      { p: specs, x: f32("n", 3), image: f32("n", 2, 4, 4) },
      { runtime },
    );
    const next = numbers(3);
    const weights = (length: number) => Float32Array.from({ length }, next);
    const { slope, ...results } = await program.run({
      p: { w: weights(6), k: weights(54), t: weights(24), v: weights(9) },
      x: none32(0, 3),
      image: none32(0, 2, 4, 4),
    });
    const shapes = Object.fromEntries(Object.entries(results).map(([name, { shape }]) => [name, shape]));
    expect(shapes).toStrictEqual({
      product: [0, 2],
      einsum: [2, 0],
      gram: [3, 3],
      inner: [3, 3],
      convolution: [0, 3, 4, 4],
      transposed: [0, 3, 8, 8],
      pooled: [0, 2, 2, 2],
      averaged: [0, 2, 2, 2],
      larger: [0, 2, 8, 8],
      probabilities: [0, 2],
      entropy: [0],
      largest: [0],
    });
    for (const zero of [results.gram, results.inner, ...Object.values(slope)])
      expect(toNumbers(zero).every((v) => v === 0)).toBe(true);
  });

  test("reductions over no entries, rows of no places", async () => {
    using program = await compile(
      ({ x, b, at, u }) => ({
        sum: ops.sum(x, { axes: 0 }),
        prod: ops.prod(x, { axes: 0 }),
        mean: ops.mean(x, { axes: 0 }),
        // NumPy refuses these where the size is known; here no number is larger than another.
        max: ops.max(x, { axes: 0 }),
        logSumExp: ops.logSumExp(x, { axes: 0 }),
        any: ops.any(b),
        all: ops.all(b),
        softmax: ops.softmax(x, { axis: 0 }),
        joined: ops.concat([x, ops.mul(x, 2)], { axis: 1 }),
        gathered: ops.gather(u, at),
        scattered: ops.scatterAdd([4, 2], at, x),
        slope: gradient((v: Tensor) => ops.sum(ops.square(ops.gather(v, at))))(u),
      }),
      { x: f64("n", 2), b: bool("n"), at: i64("n"), u: f64(4, 2) },
      { runtime },
    );
    const r = await program.run({
      x: array(new Float64Array(0), [0, 2]),
      b: new Uint8Array(0),
      at: new BigInt64Array(0),
      u: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    });
    expect(toNumbers(r.sum)).toStrictEqual([0, 0]);
    expect(toNumbers(r.prod)).toStrictEqual([1, 1]);
    expect(toNumbers(r.mean)).toStrictEqual([Number.NaN, Number.NaN]);
    expect(toNumbers(r.max)).toStrictEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(toNumbers(r.logSumExp)).toStrictEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(toNumbers(r.any)).toStrictEqual([0]);
    expect(toNumbers(r.all)).toStrictEqual([1]);
    expect(r.softmax.shape).toStrictEqual([0, 2]);
    expect(r.joined.shape).toStrictEqual([0, 4]);
    expect(r.gathered.shape).toStrictEqual([0, 2]);
    expect(toNumbers(r.scattered)).toStrictEqual(new Array(8).fill(0));
    expect(toNumbers(r.slope)).toStrictEqual(new Array(8).fill(0));
  });
});

test("what has no entries when tracing: static sizes of 0", async () => {
  const x = array(new Float64Array(0), [2, 0]);
  const y = array(new Float64Array(0), [0, 3]);
  expect(toNumbers(await evaluate((a, b) => ops.matmul(a, b), [x, y]))).toStrictEqual(new Array(6).fill(0));
  expect(toNumbers(await evaluate((a) => ops.sum(a, { axes: 1 }), [x]))).toStrictEqual([0, 0]);
  const joined = await evaluate((a) => ops.concat([a, ops.full([2, 1], 1, "f64")], { axis: 1 }), [x]);
  expect(toNumbers(joined)).toStrictEqual([1, 1]);
});
