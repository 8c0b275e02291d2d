import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { repeat } from "../loop.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f32, f64, type Tensor } from "../tensor.ts";
import { add, mul, sum } from "./index.ts";
import type { ReduceOptions } from "./reduce.ts";

const kernels = (model: Uint8Array) => {
  const text = new TextDecoder("latin1").decode(model);
  return ["MatMul", "ReduceSum"].filter((name) => text.includes(name));
};

/** Small integers, whose sums are exact in float32. */
const whole = (length: number) => Float32Array.from({ length }, (_, i) => ((7 * i) % 11) - 5);

/** Sums of the columns of a matrix. */
function sums(values: Float32Array, columns: number): number[] {
  const totals = new Array<number>(columns).fill(0);
  values.forEach((value, i) => {
    totals[i % columns] += value;
  });
  return totals;
}

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("a float32 sum over the first axes is a product with ones (%s)", (_, runtime) => {
  test.each([
    [[50, 40], { axes: 0 }, [40], 40],
    [[50, 40], { axes: 0, keepDims: true }, [1, 40], 40],
    [[1, 40], { axes: 0 }, [40], 40],
    [[6, 20, 40], { axes: [0, 1] }, [40], 40],
    [[6, 20, 40], { axes: 0 }, [20, 40], 800],
    [[6, 20, 40], { axes: [0, 1], keepDims: true }, [1, 1, 40], 40],
    [[128, 16, 1, 1], { axes: [0, 2, 3] }, [16], 16],
    [[128, 1, 16], { axes: 0 }, [1, 16], 16],
  ] as const)("%j, %j", async (shape, options: ReduceOptions, wantedShape, columns) => {
    using program = await compile((x: Tensor) => sum(x, options), f32(...shape), { runtime });
    const values = whole(shape.reduce<number>((a, b) => a * b, 1));
    const result = await program.run(array(values, shape));
    expect(result.shape).toStrictEqual([...wantedShape]);
    expect(toNumbers(result)).toStrictEqual(sums(values, columns));
    if (shape[0] > 1) expect(kernels(program.model)).toStrictEqual(["MatMul"]);
  });

  test.each([0, 1, 37])("named sizes, %i rows", async (rows) => {
    using program = await compile(
      ({ x, y }) => [sum(x, { axes: 0 }), sum(y, { axes: [0, 1] })],
      { x: f32("rows", 24), y: f32("rows", "columns", 32) },
      { runtime },
    );
    const [x, y] = [whole(rows * 24), whole(rows * 5 * 32)];
    const [first, second] = await program.run({ x: array(x, [rows, 24]), y: array(y, [rows, 5, 32]) });
    expect(toNumbers(first)).toStrictEqual(sums(x, 24));
    expect(toNumbers(second)).toStrictEqual(sums(y, 32));
    expect(kernels(program.model)).toStrictEqual(["MatMul"]);
  });
});

test("the ones are made outside of a loop, once for all sums", async () => {
  const f = (x: Tensor) =>
    repeat(3, x, (c: Tensor) => {
      const total = add(sum(c, { axes: 0 }), sum(mul(c, c), { axes: 0 }));
      return { carried: mul(c, 2), stacked: total };
    }).stacked;
  using program = await compile(f, f32("rows", 16));
  const x = whole(5 * 16);
  const scaled = (factor: number) =>
    sums(
      x.map((v) => factor * v + (factor * v) ** 2),
      16,
    );
  expect(toNumbers(await program.run(array(x, [5, 16])))).toStrictEqual([1, 2, 4].flatMap(scaled));
  const text = new TextDecoder("latin1").decode(program.model);
  expect(text.match(/Expand_\d+/g)?.filter((name, i, all) => all.indexOf(name) === i)).toHaveLength(1);
});

test.each([
  ["of few columns", f32(50, 8), { axes: 0 }],
  ["over the last axis", f32(50, 40), { axes: 1 }],
  ["in float64", f64(50, 40), { axes: 0 }],
  ["of a few entries of another rank", f32(4, 1, 16), { axes: 0 }],
] as const)("sums %s are reductions", async (_, spec, options) => {
  using program = await compile((x: Tensor) => sum(x, options), spec);
  expect(kernels(program.model)).toStrictEqual(["ReduceSum"]);
});
