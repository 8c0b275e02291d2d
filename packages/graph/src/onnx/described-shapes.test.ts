import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { describedValues } from "../import/model-values.ts";
import { readModel } from "../import/read-model.ts";
import { repeat } from "../loop.ts";
import * as ops from "../ops/index.ts";
import { constant, f32, f64 } from "../tensor.ts";

/** The shapes that a file tells of what its nodes make, in bodies of loops, too. */
function described(model: Uint8Array) {
  const values = [...describedValues(readModel(model)).values()];
  return values.filter(({ name }) => name.startsWith("Reshape")).map(({ shape }) => shape);
}

test("shapes with named dimensions that no operator tells are in the file", async () => {
  using program = await compile(
    ({ x, y }) => {
      const rows = ops.reshape(ops.add(x, ops.expandDims(y, 1)), [-1, 3]);
      return ops.sum(ops.relu(ops.neg(rows)), { axes: 0 });
    },
    { x: f64("rows", 3), y: f64("parts", 3) },
  );
  expect(described(program.model)).toEqual([
    ["parts", 1, 3],
    ["parts*rows", 3],
  ]);
  // sizes that differ from run to run: the buffers of one run do not fit the next
  for (const [rows, parts] of [
    [2, 3],
    [4, 1],
    [1, 5],
  ] as const) {
    const values = (count: number, k: number) =>
      Float64Array.from({ length: 3 * count }, (_, i) => Math.sin(k + i));
    const [x, y] = [values(rows, 1), values(parts, 2)];
    const wanted = [0, 0, 0];
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < parts; k++)
        for (let j = 0; j < 3; j++) wanted[j] += Math.max(0, -(x[3 * i + j] + y[3 * k + j]));
    const { data } = await program.run({
      x: { dtype: "f64", shape: [rows, 3], data: x },
      y: { dtype: "f64", shape: [parts, 3], data: y },
    });
    wanted.forEach((value, j) => {
      expect(Number(data[j])).toBeCloseTo(value, 12);
    });
  }
});

test("in the body of a loop, too", async () => {
  const turn = constant(Float32Array.of(2), [1, 1]);
  using program = await compile(
    ({ x }) =>
      repeat(3, { x }, (carried) => ({
        carried: { x: ops.neg(ops.reshape(ops.matmul(ops.reshape(carried.x, [-1, 1]), turn), ["rows", 2])) },
      })).carried.x,
    { x: f32("rows", 2) },
  );
  expect(described(program.model)).toEqual([
    ["2*rows", 1],
    ["rows", 2],
  ]);
  const { data } = await program.run({ x: { dtype: "f32", shape: [1, 2], data: Float32Array.of(0.5, -2) } });
  expect([...data]).toEqual([-4, 16]);
});

test("nothing is told of shapes without names", async () => {
  using program = await compile(({ x }) => ops.relu(ops.reshape(x, [6])), { x: f32(2, 3) });
  expect(described(program.model)).toEqual([]);
});
