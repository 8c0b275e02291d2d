import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { repeat } from "../loop.ts";
import * as ops from "../ops/index.ts";
import { f32, f64, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { count, draw } from "./model-testing.ts";

const RATE = 0.25;
const STEPS = 3;

type Given = Readonly<Record<"w" | "x" | "y", Tensor>>;

/** A step of gradient descent on half the squared error. */
const step = (w: Tensor, { x, y }: Omit<Given, "w">) =>
  ops.sub(w, ops.mul(ops.matmul(ops.matrixTranspose(x), ops.sub(ops.matmul(x, w), y)), RATE));
const descend = ({ w, ...data }: Given) =>
  repeat(STEPS, w, (current: Tensor) => ({ carried: step(current, data) })).carried;

const specs = (inputs: number, outputs: number, float: typeof f32 | typeof f64 = f32) => ({
  w: float(inputs, outputs),
  x: float(4, inputs),
  y: float(4, outputs),
});

/** Sums that the model for several threads has more than the one for any runtime. */
const apart = (f: (given: Given) => Tensor, signature: ReturnType<typeof specs>) => {
  const traced = trace(f, signature);
  return count("Add", toOnnx(traced, { threadedSizes: () => 1 })) - count("Add", toOnnx(traced));
};

test.each([1, 2, 3])("steps that plain loops take are those on %i threads", async (threads) => {
  const [rows, inputs, outputs] = [4, 400, 251];
  const [w, x, y] = [draw(1, inputs, outputs), draw(2, rows, inputs), draw(3, rows, outputs)];
  const scaled = { ...x, data: Float32Array.from(toNumbers(x), (value) => value / 16) };
  using program = await compile(descend, specs(inputs, outputs), { threads });
  const { data } = await program.run({ w, x: scaled, y });
  const expected = Float64Array.from(toNumbers(w));
  for (let k = 0; k < STEPS; k++) {
    const gradient = new Float64Array(inputs * outputs);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < outputs; j++) {
        let residual = -Number(y.data[r * outputs + j]);
        for (let i = 0; i < inputs; i++)
          residual += Number(scaled.data[r * inputs + i]) * expected[i * outputs + j];
        for (let i = 0; i < inputs; i++)
          gradient[i * outputs + j] += Number(scaled.data[r * inputs + i]) * residual;
      }
    for (let i = 0; i < expected.length; i++) expected[i] -= RATE * gradient[i];
  }
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(Number(data[i]) - expected[i]));
  expect(worst).toBeLessThan(2e-6);
});

test("where the rate multiplies the residuals, several threads take the same steps bit for bit", async () => {
  const scaled = (w: Tensor, { x, y }: Omit<Given, "w">) =>
    ops.sub(w, ops.matmul(ops.matrixTranspose(x), ops.mul(ops.sub(ops.matmul(x, w), y), RATE)));
  const run = ({ w, ...data }: Given) =>
    repeat(STEPS, w, (current: Tensor) => ({ carried: scaled(current, data) })).carried;
  const given = { w: draw(1, 400, 251), x: draw(2, 4, 400), y: draw(3, 4, 251) };
  using one = await compile(run, specs(400, 251), { threads: 1 });
  using two = await compile(run, specs(400, 251), { threads: 2 });
  expect(apart(run, specs(400, 251))).toBe(1);
  const [expected, { data }] = [await one.run(given), await two.run(given)];
  expect(data.findIndex((value, i) => !Object.is(value, expected.data[i]))).toBe(-1);
});

describe("a matrix gets a node of its own", () => {
  test("with 100,000 entries or more", () => {
    expect(apart(descend, specs(400, 250))).toBe(1);
    expect(apart(descend, specs(399, 250))).toBe(0);
  });

  test("if a loop carries it", () => {
    expect(apart(({ w, ...data }) => step(w, data), specs(400, 250))).toBe(0);
    const fromStart = ({ w, ...data }: Given) =>
      repeat(STEPS, w, () => ({ carried: step(ops.mul(w, 2), data) })).carried;
    expect(apart(fromStart, specs(400, 250))).toBe(0);
  });

  test("in float32 only", () => {
    expect(apart(descend, specs(400, 250, f64))).toBe(0);
  });

  test("in a session with several threads only", async () => {
    using program = await compile(descend, specs(400, 250), { threads: 2 });
    expect(count("Add", program.model)).toBe(0);
  });
});
