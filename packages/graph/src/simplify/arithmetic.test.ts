import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import * as ops from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f32, input, reachable, type Tensor } from "../tensor.ts";

const x = input("x", f32("rows", 6));
const column = input("column", f32("rows", 1));
const products = (t: Tensor) => reachable(simplify([t])).filter(({ op }) => op.name === "mul");

describe("a power of two", () => {
  test("multiplies the operand of fewer entries", () => {
    for (const t of [
      ops.mul(ops.mul(x, 2), column),
      ops.mul(ops.mul(0.5, x), column),
      ops.mul(column, ops.mul(-4, x)),
    ])
      expect(products(t).map(({ shape }) => shape)).toStrictEqual([
        ["rows", 1],
        ["rows", 6],
      ]);
  });

  test("stays where both have as many, and other factors stay where they are", () => {
    const sizes = (t: Tensor) => products(t).map(({ shape }) => shape[1]);
    expect(sizes(ops.mul(ops.mul(x, 2), ops.sin(x)))).toStrictEqual([6, 6]);
    expect(sizes(ops.mul(ops.mul(x, 3), column))).toStrictEqual([6, 6]);
    expect(sizes(ops.mul(x, ops.mul(column, 2)))).toStrictEqual([1, 6]);
  });

  test("costs the gradient of a variance no pass over its numbers", () => {
    const variance = (t: Tensor) => {
      const centered = ops.sub(t, ops.mean(t, { axes: 1, keepDims: true }));
      return ops.sum(ops.mean(ops.square(centered), { axes: 1 }));
    };
    expect(products(gradient(variance)(x)).filter(({ shape }) => shape[1] === 6)).toHaveLength(1);
    const weighted = (t: Tensor) =>
      ops.sum(ops.mul(column, ops.mean(ops.square(t), { axes: 1, keepDims: true })));
    expect(products(gradient(weighted)(x)).filter(({ shape }) => shape[1] === 6)).toHaveLength(1);
  });

  test("leaves the bits as they are", async () => {
    using program = await compile(
      ({ x, column }) => [ops.mul(ops.mul(x, 2), column), ops.mul(column, ops.mul(-0.125, x))],
      { x: f32(2, 3), column: f32(2, 1) },
    );
    const a = Float32Array.of(0.1, -0.7, 1 / 3, 1e30, 3e-30, -0);
    const b = Float32Array.of(0.3, -1.7);
    const [double, eighth] = await program.run({ x: a, column: b });
    const by = (factor: number) => a.map((value, i) => Math.fround(factor * value) * b[Math.floor(i / 3)]);
    expect(double.data).toStrictEqual(by(2));
    expect(eighth.data).toStrictEqual(by(-0.125));
  });
});
