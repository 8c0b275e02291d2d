import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { ShapeError, TypeMismatchError } from "../errors.ts";
import { f32, f64, i64, input, reachable, type Tensor } from "../tensor.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertSingleAgrees,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const image = (n: number, m: number) => [[n, 2, 4, 2 * m]];
const odd = (n: number, m: number) => [[n, 2, 7, m + 4]];

const cases: readonly Case[] = [
  { name: "maxPool", shapes: image, f: (x) => ops.maxPool(x, { size: [2, 2] }) },
  {
    name: "maxPool, large tiles",
    shapes: (n, m) => [[n, 4 * m, 3]],
    f: (x) => ops.maxPool(x, { size: [4, 3] }),
  },
  {
    name: "maxPool, tiles of one axis",
    shapes: (n, m) => [[n, m, 6]],
    f: (x) => ops.maxPool(x, { size: [1, 3] }),
  },
  {
    name: "maxPool, overlapping and padded",
    shapes: odd,
    f: (x) => ops.maxPool(x, { size: [3, 2], strides: [2, 1], padding: [1, [1, 0]] }),
  },
  {
    name: "maxPool, dilated",
    shapes: odd,
    f: (x) => ops.maxPool(x, { size: [2, 3], dilations: [3, 2], strides: 1 }),
  },
  { name: "maxPool, 1-d", shapes: (n, m) => [[n, m, 5]], f: (x) => ops.maxPool(x, { size: [2] }) },
  {
    name: "maxPool, 3-d, one dimension in front",
    shapes: (n, m) => [[n, 2 * m, 3, 4]],
    f: (x) => ops.maxPool(x, { size: [2, 3, 2] }),
  },
  { name: "maxPool, nothing in front", shapes: () => [[5, 4]], f: (x) => ops.maxPool(x, { size: [2, 3] }) },
  { name: "averagePool", shapes: image, f: (x) => ops.averagePool(x, { size: [2, 2] }) },
  {
    name: "averagePool, overlapping and padded",
    shapes: odd,
    f: (x) => ops.averagePool(x, { size: [3, 2], strides: [2, 1], padding: [[2, 1], 1] }),
  },
  {
    name: "averagePool, gaps between the windows",
    shapes: odd,
    f: (x) => ops.averagePool(x, { size: [2, 1], strides: [3, 2] }),
  },
  { name: "averagePool, 1-d", shapes: (n, m) => [[n, m, 5]], f: (x) => ops.averagePool(x, { size: [2] }) },
  {
    name: "averagePool, 3-d, two dimensions in front",
    shapes: (n, m) => [[1, n, 2 * m, 3, 4]],
    f: (x) => ops.averagePool(x, { size: [2, 3, 2], strides: 1 }),
  },
  { name: "averagePool, nothing in front", shapes: () => [[4]], f: (x) => ops.averagePool(x, { size: [2] }) },
  { name: "upsampleNearest", shapes: image, f: (x) => ops.upsampleNearest(x, [2, 3]) },
  {
    name: "upsampleNearest, 3-d, one axis as it is",
    shapes: (n, m) => [[n, m, 2, 2]],
    f: (x) => ops.upsampleNearest(x, [1, 2, 3]),
  },
];

describe("derivatives against central differences, float32 kernels against float64, leading axes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes), 3);
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 1);
  });
});

const image3 = array(Float64Array.of(1, 5, 2, 5, 3, 0, -7, -2, -9), [1, 1, 3, 3]);

describe("values", () => {
  test("the largest of each window; padding is never the largest", async () => {
    const inside = await evaluate((x) => ops.maxPool(x, { size: [2, 2], strides: 1 }), [image3]);
    expect(toNumbers(inside)).toStrictEqual([5, 5, 5, 3]);
    const end = [[0, 1] as const, [0, 1] as const];
    const padded = await evaluate((x) => ops.maxPool(x, { size: [2, 2], padding: end }), [image3]);
    expect(toNumbers(padded)).toStrictEqual([5, 2, -2, -9]);
  });
  test("zeros that were padded before are entries like the others", async () => {
    const x = array(Float64Array.of(-1, -2, -3, -4), [1, 1, 2, 2]);
    const around = (v: Tensor, n: number) =>
      ops.pad(v, [
        [0, 0],
        [0, 0],
        [n, n],
        [n, n],
      ]);
    for (const dtype of ["f32", "f64"] as const) {
      const f = (pool: typeof ops.averagePool, n: number) =>
        evaluate((v) => pool(around(ops.cast(v, dtype), n), { size: [2, 2] }), [x]);
      expect(toNumbers(await f(ops.maxPool, 1))).toStrictEqual([0, 0, 0, 0]);
      expect(toNumbers(await f(ops.averagePool, 1))).toStrictEqual([-0.25, -0.5, -0.75, -1]);
      expect(toNumbers(await f(ops.averagePool, 3))).toStrictEqual([
        0, 0, 0, 0, 0, -0.25, -0.5, 0, 0, -0.75, -1, 0, 0, 0, 0, 0,
      ]);
    }
  });
  test("the first of equal largest entries has the derivative", async () => {
    const slope = (size: readonly number[]) => (x: Tensor) =>
      gradient((v: Tensor) => ops.sum(ops.maxPool(v, { size })))(x);
    expect(toNumbers(await evaluate(slope([2, 2]), [image3]))).toStrictEqual([0, 1, 0, 0, 0, 0, 0, 0, 0]);
    const tiles = array(Float64Array.of(3, 3, 1, 2, 0, 3, 2, 2), [2, 4]);
    expect(toNumbers(await evaluate(slope([2, 2]), [tiles]))).toStrictEqual([1, 0, 0, 1, 0, 0, 0, 0]);
    const flat = array(new Float64Array(24), [2, 12]);
    const firsts = toNumbers(await evaluate(slope([2, 12]), [flat]));
    expect(firsts).toStrictEqual([1, ...new Array(23).fill(0)]);
  });
  test("averages count the zeros around", async () => {
    const inside = await evaluate((x) => ops.averagePool(x, { size: [2, 2], strides: 1 }), [image3]);
    expect(toNumbers(inside)).toStrictEqual([3.5, 2.5, -0.25, -2]);
    const padded = await evaluate((x) => ops.averagePool(x, { size: [2, 2], padding: 1 }), [image3]);
    expect(toNumbers(padded)).toStrictEqual([0.25, 1.75, -0.5, -2]);
  });
  test("nearest upsampling repeats, and also integers", async () => {
    const x = array(BigInt64Array.of(1n, 2n, 3n, 4n), [2, 2]);
    const result = await evaluate((v) => ops.upsampleNearest(v, [2, 1]), [x]);
    expect(result.shape).toStrictEqual([4, 2]);
    expect(toNumbers(result)).toStrictEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  });
  test("a batch of unknown size, down to none", async () => {
    const f = (x: Tensor) =>
      ops.sum(
        ops.square(
          ops.upsampleNearest(
            ops.averagePool(ops.maxPool(x, { size: [2, 2] }), { size: [2, 1], strides: 1 }),
            [1, 2],
          ),
        ),
      );
    using program = await compile(({ x }) => gradient(f)(x), { x: f32("batch", 1, 4, 2) });
    const some = await program.run({ x: Float32Array.of(1, 2, 3, 4, 8, 7, 6, 5) });
    // (4 + 8) / 2, twice: 2 * 6 * 1/2 * 2.
    expect(toNumbers(some)).toStrictEqual([0, 0, 0, 12, 12, 0, 0, 0]);
    const none = await program.run({ x: array(new Float32Array(0), [0, 1, 4, 2]) });
    expect(none.shape).toStrictEqual([0, 1, 4, 2]);
  });
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64("batch", 3, 4, 4));
  expect(() => ops.maxPool(x, { size: [5, 2] })).toThrow(/a window of \[5, 2\] .* does not fit \[4, 4\]/);
  expect(() => ops.maxPool(x, { size: [2, 2], padding: 2 })).toThrow(/padding must be less than the window/);
  expect(() => ops.averagePool(x, { size: [2, 2], strides: 0 })).toThrow(
    /strides must be a positive integer/,
  );
  expect(() => ops.averagePool(x, { size: [2, 2, 2, 2] })).toThrow(ShapeError);
  expect(() => ops.maxPool(input("x", f64(1, "width")), { size: [2] })).toThrow(/known at trace time/);
  expect(() => ops.maxPool(input("x", i64(1, 4)), { size: [2] })).toThrow(TypeMismatchError);
  expect(() => ops.upsampleNearest(x, [0, 1])).toThrow(/factors must be a positive integer/);
});

test("pooling of what is cut off at 0 moves in front, with the same derivatives", async () => {
  // `identity` hides the relu, so that it stays in front.
  const apart = (x: Tensor) => ops.maxPool(ops.identity(ops.relu(x)), { size: [2, 2] });
  const together = (x: Tensor) => ops.maxPool(ops.relu(x), { size: [2, 2] });
  const both = (f: (x: Tensor) => Tensor, x: Tensor, w: Tensor) => ({
    value: f(x),
    slope: gradient((z: Tensor) => ops.sum(ops.mul(f(z), w)))(x),
  });
  using program = await compile(
    ({ x, w }) => ({ apart: both(apart, x, w), together: both(together, x, w) }),
    { x: f64(4, 4), w: f64(2, 2) },
  );
  const { apart: a, together: t } = await program.run({
    x: Float64Array.of(1, 3, -1, -2, 3, 2, -3, -1, 0, -1, 2, 2, 0, 0, 2, 2),
    w: Float64Array.of(1, 2, 3, 4),
  });
  expect(toNumbers(t.value)).toStrictEqual([3, 0, 0, 2]);
  expect(toNumbers(t.slope)).toStrictEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0]);
  expect([toNumbers(t.value), toNumbers(t.slope)]).toStrictEqual([toNumbers(a.value), toNumbers(a.slope)]);
  const order = reachable([together(input("x", { dtype: "f32", shape: [2, 2] }))]).map(({ op }) => op.name);
  expect(order).toStrictEqual(["input", "maxPool", "relu"]);
});

test("the derivative over tiles takes every second entry by splits, without transpositions", async () => {
  await using program = await compile(
    (x: Tensor) => gradient((v: Tensor) => ops.sum(ops.maxPool(v, { size: [2, 2] })))(x),
    f32("n", 4, 6),
  );
  const nodes = new TextDecoder("latin1").decode(program.model);
  expect(nodes).toContain("Split");
  expect(nodes).not.toContain("Slice");
  expect(nodes).not.toContain("Transpose");
});
