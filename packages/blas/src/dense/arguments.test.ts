import { describe, expect, test } from "vitest";
import { symmetricEigenvalues } from "../eigen/symmetric-eigen.ts";
import { BlasArgumentError } from "../errors.ts";
import { identityOf, matrixOf } from "../testing.ts";
import { gemm } from "./gemm.ts";
import { gemv } from "./gemv.ts";
import { luSolve } from "./lu.ts";
import { ger, symv } from "./symmetric.ts";
import { gemmtr, syrk } from "./syrk.ts";
import { invertLower, trsm, trsv } from "./triangular.ts";
import { axpy, dot } from "./vectors.ts";

const x = Float64Array.of(1, 2);
const a = identityOf(2);
/** Calls as plain JavaScript, whose arguments nobody has checked. */
const call = (f: (options: never) => unknown, options: object) => () =>
  Reflect.apply(f, undefined, [options]);

describe("an option that a function does not have is refused", () => {
  test.each([
    [
      "gemm",
      gemm,
      { a, b: a, transA: true },
      "transA; its options are a, b, transposeA, transposeB, alpha, beta, c",
    ],
    ["gemmtr", gemmtr, { a, b: a, uplo: "L" }, "uplo"],
    ["syrk", syrk, { a, b: a }, "b; its options are a, transpose, alpha, beta, triangle, c"],
    ["gemv", gemv, { a, x, trans: true }, "trans;"],
    ["symv", symv, { a, x, lower: true }, "lower;"],
    ["ger", ger, { a, x, y: x, beta: 1 }, "beta;"],
    ["trsv", trsv, { t: a, triangle: "lower", b: x, lower: 1 }, "lower;"],
    ["trsm", trsm, { t: a, triangle: "lower", b: a, alpha: 2 }, "alpha;"],
    ["invertLower", invertLower, { l: a, triangle: "upper" }, "triangle;"],
  ])("%s", (_, f, options, message) => {
    expect(call(f, options)).toThrow(BlasArgumentError);
    expect(call(f, options)).toThrow(`there is no option ${message}`);
  });
});

test("triangles and sides are named in full", () => {
  const message = 'triangle must be "lower" or "upper", got';
  expect(call(trsv, { t: a, b: x })).toThrow(`${message} undefined`);
  expect(call(trsm, { t: a, b: a, triangle: "U" })).toThrow(`${message} U`);
  expect(call(symv, { a, x, triangle: "L" })).toThrow(`${message} L`);
  expect(call(syrk, { a, triangle: "L" })).toThrow(`${message} L`);
  expect(call(symmetricEigenvalues, { a, triangle: "L" })).toThrow(`${message} L`);
  expect(call(trsm, { t: a, b: a, triangle: "lower", side: "R" })).toThrow(
    'side must be "left" or "right", got R',
  );
});

test("what is not a matrix or a Float64Array is named by its class", () => {
  expect(call(gemm, { a, b: undefined })).toThrow("b must be a matrix, got undefined");
  expect(call(gemm, { a: [1], b: a })).toThrow("a.rows must be a non-negative integer, got undefined");
  expect(call(gemm, { a: { ...a, values: [1, 0, 0, 1] }, b: a })).toThrow(
    "a.values must be a Float64Array, got Array",
  );
  expect(call(gemv, { a, x: new Float32Array(2) })).toThrow("x must be a Float64Array, got Float32Array");
  expect(call(gemv, { a })).toThrow("x must be a Float64Array, got undefined");
  expect(call(gemv, { a, x: Object.create(null) })).toThrow("x must be a Float64Array, got object");
  expect(() => Reflect.apply(dot, undefined, [[1], [2]])).toThrow("x must be a Float64Array, got Array");
});

test("a permutation has each row once", () => {
  for (const wrong of [
    [0, 2],
    [1, 1],
    [-1, 0],
  ])
    expect(() => luSolve({ lu: a, permutation: Int32Array.from(wrong), b: x.slice() })).toThrow(
      `permutation must have each of 0 to 1 once, got ${wrong.join(" ")}`,
    );
});

test("letters in the place of truth values are refused", () => {
  expect(call(gemm, { a, b: a, transposeA: "N" })).toThrow('transposeA must be true or false, got "N"');
  expect(call(gemv, { a, x, transpose: 1 })).toThrow("transpose must be true or false, got 1");
  expect(call(trsv, { t: a, triangle: "lower", b: x, unitDiagonal: "U" })).toThrow(
    'unitDiagonal must be true or false, got "U"',
  );
});

test("null is refused: a factor would be 0 by it", () => {
  const none = JSON.parse("null");
  expect(() => gemm({ a, b: a, alpha: none })).toThrow("alpha must not be null");
  expect(() => gemv({ a, x, beta: none })).toThrow("beta must not be null");
});

test("at alpha = 0 nothing else is read, as in BLAS", () => {
  const nan = matrixOf(2, 2, () => Number.NaN);
  expect([...gemv({ a: nan, x, alpha: 0, beta: 2, y: Float64Array.of(3, 4) })]).toEqual([6, 8]);
  expect([...gemv({ a: nan, x, alpha: 0, transpose: true, y: nan.values.slice(0, 2) })]).toEqual([0, 0]);
  expect([...symv({ a: nan, x, alpha: 0 })]).toEqual([0, 0]);
  expect([...gemm({ a: nan, b: nan, alpha: 0 }).values]).toEqual([0, 0, 0, 0]);
  expect([...ger({ a: identityOf(2), x: nan.values.slice(0, 2), y: x, alpha: 0 }).values]).toEqual([
    1, 0, 0, 1,
  ]);
  expect([...axpy(0, nan.values.slice(0, 2), x.slice())]).toEqual([1, 2]);
});
