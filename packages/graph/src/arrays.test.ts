import { expect, expectTypeOf, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { InputError } from "./errors.ts";
import { matmul } from "./ops/matmul.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { f64 } from "./tensor.ts";

test("a dense matrix becomes an array of its rows and columns, over the same data", async () => {
  const values = Float64Array.of(1, 2, 3, 4, 5, 6);
  const x = array({ rows: 2, columns: 3, values });
  expect(x).toStrictEqual({ dtype: "f64", shape: [2, 3], data: values });
  expect(x.data).toBe(values);
  expect(array({ rows: 0, columns: 3, values: new Float32Array(0) })).toMatchObject({
    dtype: "f32",
    shape: [0, 3],
  });
  using program = await compile(({ x, v }) => matmul(x, v), { x: f64(2, 3), v: f64(3) });
  expect(toNumbers(await program.run({ x, v: Float64Array.of(1, 0, -1) }))).toStrictEqual([-2, -2]);
});

test("a matrix whose record has more beside it, as a class has, is one", () => {
  const record = { rows: 1, columns: 2, values: Float32Array.of(1, 2), name: "row" };
  expect(array(record)).toStrictEqual({ dtype: "f32", shape: [1, 2], data: record.values });
});

// What a program without types may hand over.
const unchecked = array as (data: unknown, shape?: unknown) => unknown;

test.each([
  [
    [1, 2, 3],
    undefined,
    "data must be a Float32Array, Float64Array, BigInt64Array or Uint8Array, or a matrix { rows, columns, values }, got Array of length 3",
  ],
  [undefined, undefined, "or a matrix { rows, columns, values }, got undefined"],
  [new Int32Array(3), undefined, "or a matrix { rows, columns, values }, got Int32Array of length 3"],
  [new Float64Array(6), [-2, -3], "array: dimensions must be non-negative integers, got [-2, -3]"],
  [new Float64Array(6), [1.5, 4], "array: dimensions must be non-negative integers, got [1.5, 4]"],
  [new Float64Array(6), ["n", 2], "array: dimensions must be non-negative integers, got [n, 2]"],
  [new Float64Array(6), [2, 2], "array: shape [2, 2] holds 4 elements, data has 6"],
  [
    { rows: 2, columns: 2, values: new Float64Array(6) },
    undefined,
    "array: { rows, columns }: shape [2, 2] holds 4 elements, data has 6",
  ],
  [
    { rows: 2.5, columns: 2, values: new Float64Array(5) },
    undefined,
    "array: { rows, columns }: dimensions must be non-negative integers, got [2.5, 2]",
  ],
  [
    { rows: 1, columns: 2, values: [1, 2] },
    undefined,
    "array: values of a matrix must be a Float32Array or a Float64Array, got Array of length 2",
  ],
  [
    { rows: 1, columns: 2, values: new Float64Array(2) },
    [2],
    "array: a matrix has its own shape, got the extra shape [2]",
  ],
])("%j in shape %j is refused", (data, shape, message) => {
  expect(() => unchecked(data, shape)).toThrow(InputError);
  expect(() => unchecked(data, shape)).toThrow(message);
});

test("the type of an array has the element type of its data", () => {
  // the type check is the test: data need no cast
  expectTypeOf(array(Float32Array.of(1))).toEqualTypeOf<ArrayValue<"f32">>();
  expectTypeOf(array(Float64Array.of(1), [1, 1]).data).toEqualTypeOf<Float64Array>();
  expectTypeOf(array(BigInt64Array.of(1n)).data).toEqualTypeOf<BigInt64Array>();
  expectTypeOf(array(Uint8Array.of(1))).toEqualTypeOf<ArrayValue<"bool">>();
  const single = (condition: boolean) => (condition ? Float32Array.of(1) : Float64Array.of(1));
  expectTypeOf(array(single(true))).toEqualTypeOf<ArrayValue<"f32" | "f64">>();
  expectTypeOf(array(single(true)).data).toEqualTypeOf<Float32Array | Float64Array>();
  expectTypeOf(array({ rows: 1, columns: 1, values: single(true) }).dtype).toEqualTypeOf<"f32" | "f64">();
});
