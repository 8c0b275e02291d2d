import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f64 } from "../tensor.ts";
import * as ops from "./index.ts";

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("values (%s)", (_, runtime) => {
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
