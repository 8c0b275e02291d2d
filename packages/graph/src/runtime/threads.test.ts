import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { largestWork } from "../estimate-work.ts";
import { repeat } from "../loop.ts";
import { add, concat, convolution, einsum, exp, matmul, reshape, transpose } from "../ops/index.ts";
import { f32, f64, type Tensor } from "../tensor.ts";
import { trace } from "../trace.ts";
import { threadsFor } from "./threads.ts";

test("the work of a product is twice the multiplications, float64 counts twice, an open dimension is 64", () => {
  const work = (spec: typeof f32 | typeof f64, rows: number | string) =>
    largestWork(trace(({ a, b }) => matmul(a, b), { a: spec(rows, 30), b: spec(30, 50) }));
  expect(work(f32, 20)).toBe(2 * 20 * 30 * 50);
  expect(work(f64, 20)).toBe(4 * 20 * 30 * 50);
  expect(work(f32, "batch")).toBe(2 * 64 * 30 * 50);
  const transposed = trace(({ a, b }) => matmul(transpose(a, [1, 0]), b), {
    a: f32(30, 20),
    b: f32(30, 50),
  });
  expect(largestWork(transposed)).toBe(2 * 20 * 30 * 50);
});

test("an expected size of a named dimension counts in place of 64, in sums and inside loops too", () => {
  const product = trace(({ a, b }) => repeat(3, a, (c: Tensor) => ({ carried: matmul(c, b) })).carried, {
    a: f32("rows", 30),
    b: f32(30, 30),
  });
  expect(largestWork(product, { rows: 1000 })).toBe(2 * 1000 * 30 * 30);
  expect(largestWork(product, { columns: 1000 })).toBe(2 * 64 * 30 * 30);
  const joined = trace(({ a, b, w }) => matmul(concat([a, b]), w), {
    a: f32("rows", 30),
    b: f32("others", 30),
    w: f32(30, 50),
  });
  expect(largestWork(joined, { rows: 1000 })).toBe(2 * (1000 + 64) * 30 * 50);
});

test("so is that of a contraction and of a convolution", () => {
  const batched = trace(({ a, b }) => einsum("bij,bjk->bik", a, b), { a: f32(7, 20, 30), b: f32(7, 30, 50) });
  expect(largestWork(batched)).toBe(2 * 7 * 20 * 30 * 50);
  const images = trace(({ x, w }) => convolution(x, w), { x: f32(2, 3, 10, 10), w: f32(8, 3, 5, 5) });
  expect(largestWork(images)).toBe(2 * (2 * 8 * 6 * 6) * (3 * 5 * 5));
});

test("the largest operation decides, inside of loops too; a view of data costs nothing", () => {
  const looped = trace(
    ({ x, w }) => repeat(5, x, (c: Tensor) => ({ carried: exp(add(matmul(c, w), 1)) })).carried,
    { x: f32(100, 100), w: f32(100, 100) },
  );
  expect(largestWork(looped)).toBe(2e6);
  expect(largestWork(trace(({ x }) => reshape(x, [100]), { x: f32(10, 10) }))).toBe(0);
});

test("small programs get one thread, large ones the cores up to eight; whoever asks is given what they ask", () => {
  expect(threadsFor({ work: 2 * 192 ** 3 }, 4)).toBe(1);
  expect(threadsFor({ work: 2 * 256 ** 3 }, 4)).toBe(4);
  expect(threadsFor({ work: 1e12 }, 64)).toBe(8);
  expect(threadsFor({}, 4)).toBe(1);
  expect(threadsFor({ work: 0, threads: 12 }, 4)).toBe(12);
  for (const threads of [0, -1, 1.5, Number.NaN])
    expect(() => threadsFor({ threads }, 4)).toThrow(InputError);
});
