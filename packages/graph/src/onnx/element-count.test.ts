import { describe, expect, test } from "vitest";
import { toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { broadcastTo, mean } from "../ops/index.ts";
import { f64, type Tensor } from "../tensor.ts";

const kernels = (model: Uint8Array) => {
  const text = new TextDecoder("latin1").decode(model);
  return ["Size", "Squeeze", "ReduceProd"].filter((name) => text.includes(name));
};

describe("the number of elements that a run has", () => {
  test.each([
    ["of an input, in one node", f64("n", 3), (x: Tensor) => mean(x), ["Size"], [3.5]],
    ["of one dimension", f64("n", 3), (x: Tensor) => mean(x, { axes: 0 }), ["Squeeze"], [2.5, 3.5, 4.5]],
    [
      "of a shape that no input has",
      f64("n", "m"),
      (x: Tensor) => mean(broadcastTo(x, [5, "n", "m"])),
      ["ReduceProd"],
      [3.5],
    ],
  ] as const)("%s", async (_, spec, f, wanted, values) => {
    using program = await compile(({ x }) => f(x), { x: spec });
    const x = { dtype: "f64" as const, shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
    expect(toNumbers(await program.run({ x }))).toStrictEqual([...values]);
    expect(kernels(program.model)).toStrictEqual([...wanted]);
  });
});
