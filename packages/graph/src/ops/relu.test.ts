import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f32, f64, type Tensor } from "../tensor.ts";
import { mul, relu, sum } from "./index.ts";

const LEAST_NORMAL = { f32: 2 ** -126, f64: 2 ** -1022 };

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("the derivative of relu (%s)", (_, runtime) => {
  test.each([
    ["f32", f32, Float32Array],
    ["f64", f64, Float64Array],
  ] as const)(
    "is 1 from the least normal number on, and 0 at 0 and below it, %s",
    async (dtype, spec, Data) => {
      const least = LEAST_NORMAL[dtype];
      const x = [-Infinity, -1, -least, -0, 0, least, 1e-30, 1, 1e30, Infinity];
      // As many more that a kernel takes vectors at a time.
      const all = [...x, ...x, ...x, ...x];
      const weights = all.map((_, i) => i + 1);
      using program = await compile(
        ({ x, w }) => gradient((v: Tensor) => sum(mul(relu(v), w)))(x),
        { x: spec(all.length), w: spec(all.length) },
        { runtime },
      );
      const result = await program.run({ x: Data.from(all), w: Data.from(weights) });
      expect(toNumbers(result)).toStrictEqual(weights.map((w, i) => (all[i] > 0 ? w : 0)));
    },
  );
});
