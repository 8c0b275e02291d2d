import { describe, expect, test } from "vitest";
import { array, compile, toNumbers } from "../compile.ts";
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
  { name: "sort", shapes: long, f: (x) => ops.sort(x) },
  { name: "sort down the first axis", shapes: long, f: (x) => ops.sort(x, { axis: 0, descending: true }) },
  { name: "topK", shapes: long, f: (x) => ops.topK(x, 2).values },
  { name: "floor", shapes: long, f: ops.floor },
  { name: "ceil", shapes: long, f: ops.ceil },
  { name: "round", shapes: long, f: ops.round },
  {
    name: "remainder",
    shapes: (n, m) => [[n, 1], [m]],
    f: (a, b) => ops.remainder(ops.mul(a, 1.7), b),
    domain: "awayFromZero",
  },
  { name: "sinh", shapes: long, f: ops.sinh },
  { name: "cosh", shapes: long, f: ops.cosh },
  { name: "tan", shapes: long, f: (x) => ops.tan(ops.mul(x, 0.8)) },
  { name: "silu", shapes: long, f: ops.silu },
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

  test.each(["f32", "f64"] as const)("rounding in %s", async (dtype) => {
    using program = await compile(
      ({ a, b }) => ({
        floor: ops.floor(a),
        ceil: ops.ceil(a),
        round: ops.round(a),
        remainder: ops.remainder(a, b),
        whole: ops.remainder(ops.cast(a, "i64"), ops.cast(b, "i64")),
      }),
      { a: { dtype, shape: ["n"] }, b: { dtype, shape: ["n"] } },
      { runtime },
    );
    const of = (...values: number[]) =>
      dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
    const result = await program.run({
      a: of(0.5, 1.5, 2.5, -0.5, -1.75, 7, -7, 7, -7, 1e9),
      b: of(1, 1, 2, 2, 1, 3, 3, -3, -3, 3),
    });
    expect(toNumbers(result.floor)).toStrictEqual([0, 1, 2, -1, -2, 7, -7, 7, -7, 1e9]);
    expect(toNumbers(result.ceil).map((v) => v + 0)).toStrictEqual([1, 2, 3, 0, -1, 7, -7, 7, -7, 1e9]);
    expect(toNumbers(result.round).map((v) => v + 0)).toStrictEqual([0, 2, 2, 0, -2, 7, -7, 7, -7, 1e9]);
    expect(toNumbers(result.remainder)).toStrictEqual([0.5, 0.5, 0.5, 1.5, 0.25, 1, 2, -2, -1, 1]);
    expect(toNumbers(result.whole)).toStrictEqual([0, 0, 0, 0, 0, 1, 2, -2, -1, 1]);
  });

  test("sinh, cosh and tan in float64 agree with the library's functions", async () => {
    using program = await compile(
      ({ x }) => ({ sinh: ops.sinh(x), cosh: ops.cosh(x), tan: ops.tan(x) }),
      { x: f64("n") },
      { runtime },
    );
    const x = [1e-300, -1e-10, 0.01, -0.3, 1, 1.57, -5, 100, 700];
    const result = await program.run({ x: Float64Array.from(x) });
    for (const key of ["sinh", "cosh", "tan"] as const)
      toNumbers(result[key]).forEach((v, i) => {
        const expected = Math[key](x[i]);
        // Near a pole, tan is as precise as x is: its derivative is 1 + tan^2.
        const ofRounding = key === "tan" ? 2 ** -53 * Math.abs(x[i]) * (1 + expected ** 2) : 0;
        expect(Math.abs(v - expected), `${key}(${x[i]})`).toBeLessThan(
          1e-14 * Math.abs(expected) + ofRounding,
        );
      });
  });
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64("n", 3));
  expect(() => ops.topK(x, 4)).toThrow(
    /topK: count must be a whole number from 0 to dimension 1 of \[n, 3\], got 4/,
  );
  expect(() => ops.topK(x, -1, { axis: 0 })).toThrow(ShapeError);
  expect(() => ops.floor(ops.cast(x, "i64"))).toThrow(/floor: wants a floating-point tensor/);
  expect(() => ops.remainder(ops.greater(x, 0), ops.greater(x, 0))).toThrow(/remainder: wants numbers/);
});
