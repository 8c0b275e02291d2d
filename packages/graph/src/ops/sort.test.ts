import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { ShapeError } from "../errors.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertSingleAgrees,
  assertVectorized,
  atRandomSizes,
  type Case,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const long = (n: number, m: number) => [[n, m + 2]];
const cases: readonly Case[] = [
  { name: "sort down the first axis", shapes: long, f: (x) => ops.sort(x, { axis: 0, descending: true }) },
  { name: "topK of columns", shapes: (n, m) => [[m + 2, n]], f: (x) => ops.topK(x, 2, { axis: 0 }).values },
];

describe("derivatives against central differences, float32 against float64, leading axes", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes));
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("values (%s)", (_, runtime) => {
  test.each(["f32", "f64"] as const)("order in %s: of equal entries the first comes first", async (dtype) => {
    using program = await compile(
      ({ x }) => {
        const { values, indices } = ops.topK(x, 2, { axis: 1 });
        return {
          ascending: ops.argSort(x),
          descending: ops.argSort(x, { descending: true }),
          columns: ops.sort(x, { axis: 0 }),
          values,
          indices,
          none: ops.topK(x, 0).values,
          mapped: vmap((row: Tensor) => ops.argSort(row))(x),
          smallest: ops.argMin(x),
          slope: gradient((v: Tensor) => ops.sum(ops.mul(ops.topK(v, 2).values, 3)))(x),
        };
      },
      { x: { dtype, shape: ["n", 4] } },
      { runtime },
    );
    const values = [3, 1, 3, 2, -1, -1, 0, -1];
    const data = dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
    const result = await program.run({ x: array(data, [2, 4]) });
    expect(toNumbers(result.ascending)).toStrictEqual([1, 3, 0, 2, 0, 1, 3, 2]);
    expect(toNumbers(result.mapped)).toStrictEqual(toNumbers(result.ascending));
    expect(toNumbers(result.descending)).toStrictEqual([0, 2, 3, 1, 2, 0, 1, 3]);
    expect(toNumbers(result.columns)).toStrictEqual([-1, -1, 0, -1, 3, 1, 3, 2]);
    expect(toNumbers(result.values)).toStrictEqual([3, 3, 0, -1]);
    expect(toNumbers(result.indices)).toStrictEqual([0, 2, 2, 0]);
    expect(result.none.shape).toStrictEqual([2, 0]);
    expect(toNumbers(result.smallest)).toStrictEqual([1, 0]);
    expect(toNumbers(result.slope)).toStrictEqual([3, 0, 3, 0, 3, 0, 3, 0]);
    const empty = await program.run({ x: array(data.slice(0, 0), [0, 4]) });
    expect(empty.ascending.shape).toStrictEqual([0, 4]);
    expect(empty.values.shape).toStrictEqual([0, 2]);
  });
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64("n", 3));
  expect(() => ops.topK(x, 4)).toThrow(
    /topK: count must be an integer from 0 to dimension 1 of \[n, 3\], got 4/,
  );
  expect(() => ops.topK(x, -1, { axis: 0 })).toThrow(ShapeError);
});
