import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { ShapeError } from "../errors.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import type { Dimension } from "../shape.ts";
import { f32, f64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import { convolution } from "./convolution.ts";
import { averagePool, maxPool } from "./pooling.ts";
import { sum } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { square } from "./unary.ts";

test.each<readonly [Dimension[], Dimension[], Dimension[]]>([
  [[6], [2, -1], [2, 3]],
  [
    [2, 3, 4],
    [-1, 4],
    [6, 4],
  ],
  [[2, 3], [-1], [6]],
  [[], [-1], [1]],
  [[6], [6, -1], [6, 1]],
  [
    [0, 3],
    [3, -1],
    [3, 0],
  ],
  [
    ["n", 4],
    [-1, 2, 2],
    ["n", 2, 2],
  ],
  [
    ["n", 4],
    ["n", -1],
    ["n", 4],
  ],
  [
    ["n", "m"],
    ["m", -1],
    ["m", "n"],
  ],
  [
    ["n", "n"],
    [-1, "n"],
    ["n", "n"],
  ],
  [["n", 3], [-1], ["3*n"]],
  [["n", "m"], [-1], ["m*n"]],
  [
    ["n", 2, "m", 3],
    [-1, 6],
    ["m*n", 6],
  ],
  [
    ["6*n", 4],
    ["n", -1, 4],
    ["n", 6, 4],
  ],
])("%j to %j is %j", (from, to, wanted) => {
  expect(reshape(input("x", { dtype: "f64", shape: from }), to).shape).toStrictEqual(wanted);
});

test("the elements, their derivatives and a leading axis", async () => {
  const pairs = (x: Tensor) => reshape(x, [-1, 2]);
  using program = await compile(
    ({ x, rows }) => ({
      value: pairs(x),
      slope: gradient((v: Tensor) => sum(square(pairs(v))))(x),
      mapped: vmap(pairs)(rows),
    }),
    { x: f64(4), rows: f64("n", 4) },
  );
  const { value, slope, mapped } = await program.run({
    x: Float64Array.of(1, 2, 3, 4),
    rows: array(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 4]),
  });
  expect([value.shape, toNumbers(value)]).toStrictEqual([
    [2, 2],
    [1, 2, 3, 4],
  ]);
  expect(toNumbers(slope)).toStrictEqual([2, 4, 6, 8]);
  expect([mapped.shape, toNumbers(mapped)]).toStrictEqual([
    [2, 2, 2],
    [1, 2, 3, 4, 5, 6, 7, 8],
  ]);
});

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("named dimensions of a run may be 0 (%s)", (_, runtime) => {
  test.each<readonly [Dimension[], Dimension[], number[], number[]]>([
    [
      ["n", "m"],
      ["m", "n"],
      [3, 0],
      [0, 3],
    ],
    [
      ["n", "m", 2],
      [2, "n", "m"],
      [0, 3, 2],
      [2, 0, 3],
    ],
    [["n", "m"], ["m*n"], [5, 0], [0]],
    [
      ["n", 3],
      [3, "n"],
      [0, 3],
      [3, 0],
    ],
    [
      ["n", 0],
      [0, "n", 2],
      [3, 0],
      [0, 3, 2],
    ],
  ])("%j to %j", async (from, to, of, wanted) => {
    const named = to.map((d) => (d === "m*n" ? -1 : d));
    using program = await compile((x: Tensor) => reshape(x, named), f64(...from), { runtime });
    const { shape } = await program.run(array(new Float64Array(0), of));
    expect(shape).toStrictEqual(wanted);
  });

  test.each([
    ["f32", f32, new Float32Array(0)],
    ["f64", f64, new Float64Array(0)],
  ] as const)("in front of images (%s)", async (_, type, none) => {
    const filters = array(type === f32 ? new Float32Array(54) : new Float64Array(54), [3, 2, 3, 3]);
    using program = await compile(
      ({ x, w }) => [convolution(x, w), maxPool(x, { size: [2, 2] }), averagePool(x, { size: [2, 2] })],
      { x: type("n", "m", 2, 4, 4), w: type(3, 2, 3, 3) },
      { runtime },
    );
    for (const [n, m] of [
      [0, 3],
      [3, 0],
      [0, 0],
    ]) {
      const results = await program.run({ x: array(none, [n, m, 2, 4, 4]), w: filters });
      expect(results.map(({ shape }) => shape)).toStrictEqual([
        [n, m, 3, 2, 2],
        [n, m, 2, 2, 2],
        [n, m, 2, 2, 2],
      ]);
    }
  });
});

test.each<readonly [Dimension[], Dimension[], string]>([
  [[6], [-1, -1], "reshape: only one dimension can be -1, got [6] to [-1, -1]"],
  [[6], [4, -1], "reshape: [6] to [4, -1]: 6 elements are not a multiple of 4"],
  [[0, 3], [0, -1], "reshape: -1 cannot be inferred next to a dimension of size 0, got [0, 3] to [0, -1]"],
  [["n", 3], [2, -1], "reshape: [n, 3] to [2, -1]: 3*n elements are not a multiple of 2"],
  [["n", "m"], ["k", -1], "reshape: [n, m] to [k, -1]: m*n elements are not a multiple of k"],
  [["n", 4], ["2*n", 3], "reshape: [n, 4] and [2*n, 3] have different numbers of elements"],
  [[6], [4], "reshape: [6] and [4] have different numbers of elements"],
  [
    [6],
    [-2, -3],
    "reshape: dimensions must be non-negative integers or names, or one of them -1, got [-2, -3]",
  ],
  [
    [6],
    [1.5, 4],
    "reshape: dimensions must be non-negative integers or names, or one of them -1, got [1.5, 4]",
  ],
])("%j to %j is refused", (from, to, message) => {
  const reshaped = () => reshape(input("x", f64(...from)), to);
  expect(reshaped).toThrow(ShapeError);
  expect(reshaped).toThrow(message);
});
