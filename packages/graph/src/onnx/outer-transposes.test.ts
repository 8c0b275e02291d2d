import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { repeat } from "../loop.ts";
import { numbers } from "../ops/derivative-harness.ts";
import { gather, matmul, mul, square, sub, sum } from "../ops/index.ts";
import { f32, f64, i64, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";

const [ROWS, COLUMNS] = [7, 3];
const RATE = 0.01;

type Parameters = { readonly w: Tensor; readonly x: Tensor; readonly y: Tensor };

/** Steps of gradient descent on |x w - y|^2 / 2, whose gradient is x^T (x w - y). */
const descend =
  (steps: number) =>
  ({ w, x, y }: Parameters) =>
    repeat(steps, w, (current) => {
      const loss = (own: Tensor) => mul(sum(square(sub(matmul(x, own), y))), 0.5);
      return { carried: sub(current, mul(gradient(loss)(current), RATE)) };
    }).carried;

const text = (model: Uint8Array) => new TextDecoder("latin1").decode(model);
const transposes = (model: Uint8Array) => text(model).split("Transpose_").length - 1;

test.each([16, 40])("steps on the same rows, %i outputs, are those of the formula", async (outputs) => {
  const next = numbers(4);
  const draw = (length: number) => Float32Array.from({ length }, () => next() - 0.5);
  const [w, x, y] = [COLUMNS * outputs, ROWS * COLUMNS, ROWS * outputs].map(draw);
  const signature = { w: f32(COLUMNS, outputs), x: f32("rows", COLUMNS), y: f32("rows", outputs) };
  expect(transposes(toOnnx(trace(descend(3), signature)))).toBeGreaterThan(0);
  using program = await compile(descend(3), signature);
  const result = await program.run({
    w: array(w, [COLUMNS, outputs]),
    x: array(x, [ROWS, COLUMNS]),
    y: array(y, [ROWS, outputs]),
  });
  const wanted = Float64Array.from(w);
  for (let step = 0; step < 3; step++) {
    const before = wanted.slice();
    for (let i = 0; i < ROWS; i++)
      for (let k = 0; k < outputs; k++) {
        let r = -y[i * outputs + k];
        for (let j = 0; j < COLUMNS; j++) r += x[i * COLUMNS + j] * before[j * outputs + k];
        for (let j = 0; j < COLUMNS; j++) wanted[j * outputs + k] -= RATE * x[i * COLUMNS + j] * r;
      }
  }
  toNumbers(result).forEach((value, i) => {
    expect(Math.abs(value - wanted[i])).toBeLessThan(1e-6);
  });
});

test("a matrix that changes in the loop, few outputs, float64 and a product outside stay as they are", () => {
  const signature = (float: typeof f32 | typeof f64, outputs: number) => ({
    w: float(COLUMNS, outputs),
    x: float(ROWS, COLUMNS),
    y: float(ROWS, outputs),
  });
  expect(transposes(toOnnx(trace(descend(3), signature(f32, 16))))).toBeGreaterThan(0);
  expect(transposes(toOnnx(trace(descend(3), signature(f32, 15))))).toBe(0);
  expect(transposes(toOnnx(trace(descend(3), signature(f64, 16))))).toBe(0);
  const outside = ({ x, y }: Parameters) => gradient((own: Tensor) => sum(square(matmul(x, own))))(y);
  expect(transposes(toOnnx(trace(outside, { w: f32(), x: f32(16, 16), y: f32(16, 16) })))).toBe(0);
  const batches = ({ w, x, y, order }: Parameters & { readonly order: Tensor }) =>
    repeat("steps", w, (current, iteration) => {
      const own = gather(x, gather(order, iteration));
      const loss = (v: Tensor) => sum(square(sub(matmul(own, v), y)));
      return { carried: sub(current, gradient(loss)(current)) };
    }).carried;
  const drawn = { ...signature(f32, 16), order: i64("steps", ROWS) };
  expect(transposes(toOnnx(trace(batches, drawn)))).toBe(0);
});
