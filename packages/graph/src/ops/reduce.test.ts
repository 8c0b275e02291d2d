import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct } from "../differentiate.ts";
import { ShapeError } from "../errors.ts";
import { f32, f64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
  matrix,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const cube = (n: number, m: number, k: number) => [[n, m, k]];

const cases: readonly Case[] = [
  { name: "min", shapes: matrix, f: (x) => ops.min(x, { axes: 1 }) },
  { name: "min, kept", shapes: cube, f: (x) => ops.min(x, { axes: [0, -1], keepDims: true }) },
  { name: "max over several axes", shapes: cube, f: (x) => ops.max(x, { axes: [0, 1] }) },
  { name: "prod", shapes: (n, m) => [[n, m + 3]], f: (x) => ops.prod(x, { axes: 1 }) },
  { name: "prod all", shapes: matrix, f: (x) => ops.prod(x) },
  { name: "prod, kept", shapes: cube, f: (x) => ops.prod(x, { axes: [0, -1], keepDims: true }) },
  { name: "cumSum", shapes: matrix, f: (x) => ops.cumSum(x) },
  { name: "cumSum, reversed", shapes: cube, f: (x) => ops.cumSum(x, { axis: 1, reverse: true }) },
];

describe("derivatives against central differences, and the rule for a leading axis", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

const row = (...values: readonly number[]) => array(Float64Array.from(values));

describe("the derivative of a product with zeros", () => {
  const first = (x: Tensor) => gradient((v: Tensor) => ops.prod(v))(x);
  test("is the product of the others: with one zero there alone, with two nowhere", async () => {
    expect(toNumbers(await evaluate(first, [row(2, 3, 5)]))).toStrictEqual([15, 10, 6]);
    expect(toNumbers(await evaluate(first, [row(2, 0, 5)]))).toStrictEqual([0, 10, 0]);
    expect(toNumbers(await evaluate(first, [row(0, 0, 5)]))).toStrictEqual([0, 0, 0]);
  });
  test("has the right second derivative: H_ij is the product of the rest", async () => {
    const product = (v: Tensor) => ops.prod(v);
    const along = (x: Tensor, t: Tensor) => hessianVectorProduct(product)(x, t);
    const [a, b, c, d] = [0, 0, 5, 7];
    const hessian = [
      [0, c * d, b * d, b * c],
      [c * d, 0, a * d, a * c],
      [b * d, a * d, 0, a * b],
      [b * c, a * c, a * b, 0],
    ];
    for (let j = 0; j < 4; j++) {
      const unit = row(...[0, 1, 2, 3].map((i) => (i === j ? 1 : 0)));
      expect(toNumbers(await evaluate(along, [row(a, b, c, d), unit]))).toStrictEqual(hessian[j]);
    }
  });
});

describe("values", () => {
  test("equal minima share the derivative", async () => {
    const slope = (x: Tensor) => gradient((v: Tensor) => ops.min(v))(x);
    expect(toNumbers(await evaluate(slope, [row(2, 1, 1, 3)]))).toStrictEqual([0, 0.5, 0.5, 0]);
  });
  test("argMax takes the first of equal ones, along any axis and entry by entry", async () => {
    const x = array(Float64Array.of(1, 5, 5, 7, 2, 7), [2, 3]);
    const last = await evaluate((v) => ops.argMax(v), [x]);
    expect(last.dtype).toBe("i64");
    expect(toNumbers(last)).toStrictEqual([1, 0]);
    const first = await evaluate((v) => ops.argMax(v, { axis: 0, keepDims: true }), [x]);
    expect(first.shape).toStrictEqual([1, 3]);
    expect(toNumbers(first)).toStrictEqual([1, 0, 1]);
    expect(toNumbers(await evaluate((v) => vmap((r: Tensor) => ops.argMax(r))(v), [x]))).toStrictEqual([
      1, 0,
    ]);
  });
  test("cumSum sums up to each entry, or from each", async () => {
    expect(toNumbers(await evaluate((v) => ops.cumSum(v), [row(1, 2, 4)]))).toStrictEqual([1, 3, 7]);
    expect(toNumbers(await evaluate((v) => ops.cumSum(v, { reverse: true }), [row(1, 2, 4)]))).toStrictEqual([
      7, 6, 4,
    ]);
  });
  test("sums keep axes of one entry beside those that they sum over", async () => {
    const cases = [
      { axes: [1], keepDims: false, shape: [1, 2, 1, 1] },
      { axes: [1], keepDims: true, shape: [1, 1, 2, 1, 1] },
      { axes: [0, 2], keepDims: false, shape: [3, 1, 1] },
      { axes: [2, 3], keepDims: false, shape: [1, 3, 1] },
      { axes: [2, 4], keepDims: true, shape: [1, 3, 1, 1, 1] },
    ];
    const sums = (x: Tensor) => cases.map(({ axes, keepDims }) => ops.sum(x, { axes, keepDims }));
    using program = await compile(({ x }) => sums(x), { x: f64("n", 3, 2, 1, 1) });
    using empty = await compile(({ x }) => sums(x), { x: f64(0, 3, 2, 1, 1) });
    // entry (j, k) is 2 j + k + 1
    const results = await program.run({ x: array(Float64Array.of(1, 2, 3, 4, 5, 6), [1, 3, 2, 1, 1]) });
    results.forEach(({ shape }, i) => {
      expect(shape).toStrictEqual(cases[i].shape);
    });
    expect(results.map(toNumbers)).toStrictEqual([
      [9, 12],
      [9, 12],
      [3, 7, 11],
      [3, 7, 11],
      [3, 7, 11],
    ]);
    const none = array(new Float64Array(0), [0, 3, 2, 1, 1]);
    for (const results of [await empty.run({ x: none }), await program.run({ x: none })])
      expect(results.map(({ shape }) => shape)).toStrictEqual([
        [0, 2, 1, 1],
        [0, 1, 2, 1, 1],
        [3, 1, 1],
        [0, 3, 1],
        [0, 3, 1, 1, 1],
      ]);
  });

  test("sizes that only a run knows, and no entries at all", async () => {
    using program = await compile(
      ({ x }) => ({
        prod: ops.prod(x, { axes: 1 }),
        slope: gradient((v: Tensor) => ops.sum(ops.prod(v, { axes: 1 })))(x),
        total: ops.prod(x, { axes: 0 }),
        running: ops.cumSum(x, { axis: 0 }),
        best: ops.argMax(x),
      }),
      { x: f32("n", 3) },
    );
    const some = await program.run({ x: Float32Array.of(1, 2, 3, 4, 0, 6) });
    expect(toNumbers(some.prod)).toStrictEqual([6, 0]);
    expect(toNumbers(some.slope)).toStrictEqual([6, 3, 2, 0, 24, 0]);
    expect(toNumbers(some.total)).toStrictEqual([4, 0, 18]);
    expect(toNumbers(some.running)).toStrictEqual([1, 2, 3, 5, 2, 9]);
    expect(toNumbers(some.best)).toStrictEqual([2, 2]);
    const none = await program.run({ x: array(new Float32Array(0), [0, 3]) });
    expect(none.prod.shape).toStrictEqual([0]);
    expect(toNumbers(none.total)).toStrictEqual([1, 1, 1]);
    expect(none.running.shape).toStrictEqual([0, 3]);
    expect(none.best.shape).toStrictEqual([0]);
  });
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64("n", 0));
  expect(() => ops.min(x)).toThrow(/min: cannot reduce an empty dimension of \[n, 0\] over axes 0, 1/);
  expect(() => ops.argMax(x)).toThrow(ShapeError);
  expect(() => gradient((v: Tensor) => ops.prod(v))(input("x", f64("n")))).toThrow(
    /prod: its derivative needs dimension 0 of \[n\] to be known/,
  );
});
