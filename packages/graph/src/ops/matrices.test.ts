import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, hessianVectorProduct } from "../differentiate.ts";
import { ShapeError, TypeMismatchError } from "../errors.ts";
import { bool, f32, f64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
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

const square = (n: number, m: number) => [[m, n, n]];
const rectangle = (n: number, m: number) => [[n, m + 1]];

const cases: readonly Case[] = [
  { name: "diagonal", shapes: square, f: ops.diagonal },
  { name: "diagonalMatrix", shapes: rectangle, f: ops.diagonalMatrix },
  { name: "matrixTrace", shapes: square, f: ops.matrixTrace },
  { name: "lowerTriangle", shapes: rectangle, f: (x) => ops.lowerTriangle(x, { offset: -1 }) },
  { name: "upperTriangle", shapes: rectangle, f: (x) => ops.upperTriangle(x, { offset: 1 }) },
  {
    name: "outer",
    shapes: (n, m, k) => [
      [k, n],
      [k, m],
    ],
    f: ops.outer,
  },
  { name: "norm", shapes: rectangle, f: (x) => ops.norm(x) },
  { name: "norm of rows", shapes: rectangle, f: (x) => ops.norm(x, { axes: 1, keepDims: true }) },
];

describe("derivatives against central differences, float32 against float64, leading axes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

test("values, also where the sizes are known only to the run and what is masked is not finite", async () => {
  using program = await compile(
    ({ x }) => ({
      diagonal: ops.diagonal(x),
      trace: ops.matrixTrace(x),
      lower: ops.lowerTriangle(x),
      upper: ops.upperTriangle(x, { offset: 1 }),
      identity: ops.identityMatrix("n", "f32"),
      matrix: ops.diagonalMatrix(ops.range("n", "f32")),
      range: ops.range("n"),
    }),
    { x: f32("n", "n") },
  );
  const result = await program.run({
    x: array(Float32Array.of(1, Number.NaN, 3, 4, 5, 6, Number.POSITIVE_INFINITY, 8, 9), [3, 3]),
  });
  expect(toNumbers(result.diagonal)).toStrictEqual([1, 5, 9]);
  expect(toNumbers(result.trace)).toStrictEqual([15]);
  expect(toNumbers(result.lower)).toStrictEqual([1, 0, 0, 4, 5, 0, Number.POSITIVE_INFINITY, 8, 9]);
  expect(toNumbers(result.upper)).toStrictEqual([0, Number.NaN, 3, 0, 0, 6, 0, 0, 0]);
  expect(toNumbers(result.identity)).toStrictEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  expect(toNumbers(result.matrix)).toStrictEqual([0, 0, 0, 0, 1, 0, 0, 0, 2]);
  expect(toNumbers(result.range)).toStrictEqual([0, 1, 2]);
  const none = await program.run({ x: array(new Float32Array(0), [0, 0]) });
  expect(toNumbers(none.trace)).toStrictEqual([0]);
  expect(none.range.shape).toStrictEqual([0]);
  expect(none.identity.shape).toStrictEqual([0, 0]);
});

test("the norm of zero is 0 with derivatives 0, and a NaN in it is passed on", async () => {
  const total = (x: Tensor) => ops.sum(ops.norm(x, { axes: 1 }));
  using program = await compile(
    ({ x }) => ({
      value: ops.norm(x, { axes: 1 }),
      first: gradient(total)(x),
      second: hessianVectorProduct(total)(x, ops.onesLike(x)),
    }),
    { x: f64(3, 2) },
  );
  const { value, first, second } = await program.run({ x: Float64Array.of(0, 0, 3, 4, Number.NaN, 1) });
  expect(toNumbers(value)).toStrictEqual([0, 5, Number.NaN]);
  expect(toNumbers(first).slice(0, 2)).toStrictEqual([0, 0]);
  expect(toNumbers(first)[2]).toBeCloseTo(0.6, 15);
  expect(toNumbers(first)[3]).toBeCloseTo(0.8, 15);
  expect(toNumbers(second).slice(0, 2)).toStrictEqual([0, 0]);
  // H = (I - u u^T)/|x| with u = (0.6, 0.8): H (1, 1) = (0.16, -0.12)/5.
  expect(toNumbers(second)[2]).toBeCloseTo(0.032, 15);
  expect(toNumbers(second)[3]).toBeCloseTo(-0.024, 15);
});

test("any and all, over axes, over nothing, entry by entry", async () => {
  using program = await compile(
    ({ x }) => ({
      any: ops.any(x, { axes: 1 }),
      all: ops.all(x, { axes: 1, keepDims: true }),
      anyAtAll: ops.any(x),
      allOfColumns: ops.all(x, { axes: 0 }),
      mapped: vmap((row: Tensor) => ops.any(row))(x),
    }),
    { x: bool("n", 2) },
  );
  const some = await program.run({ x: Uint8Array.of(0, 0, 0, 1, 1, 1) });
  expect(toNumbers(some.any)).toStrictEqual([0, 1, 1]);
  expect(toNumbers(some.mapped)).toStrictEqual([0, 1, 1]);
  expect(some.all.shape).toStrictEqual([3, 1]);
  expect(toNumbers(some.all)).toStrictEqual([0, 0, 1]);
  expect(toNumbers(some.anyAtAll)).toStrictEqual([1]);
  expect(toNumbers(some.allOfColumns)).toStrictEqual([0, 0]);
  const none = await program.run({ x: array(new Uint8Array(0), [0, 2]) });
  expect(toNumbers(none.anyAtAll)).toStrictEqual([0]);
  expect(toNumbers(none.allOfColumns)).toStrictEqual([1, 1]);
});

test("matrices of no square are refused by name", async () => {
  const x = input("x", f64(2, 3));
  expect(() => ops.diagonal(x)).toThrow(/diagonal: the last two dimensions must be equal, got \[2, 3\]/);
  expect(() => ops.matrixTrace(x)).toThrow(ShapeError);
  expect(() => ops.lowerTriangle(input("x", f64(3)))).toThrow(
    /lowerTriangle: expected at least 2 dimensions/,
  );
  expect(() => ops.diagonalMatrix(input("x", f64()))).toThrow(ShapeError);
  expect(() => ops.any(x)).toThrow(TypeMismatchError);
  expect(
    toNumbers(await evaluate((v) => ops.cast(ops.isNan(v), "f64"), [array(Float64Array.of(Number.NaN, 1))])),
  ).toStrictEqual([1, 0]);
});
