import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f64, input } from "../tensor.ts";
import * as ops from "./index.ts";

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("values (%s)", (_, runtime) => {
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
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64(3));
  expect(() => ops.floor(ops.cast(x, "i64"))).toThrow(/floor: expected a floating-point tensor/);
  expect(() => ops.remainder(ops.greater(x, 0), ops.greater(x, 0))).toThrow(/remainder: expected numbers/);
});
