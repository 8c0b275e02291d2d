import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import type { Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertSingleAgrees,
  assertVectorized,
  atRandomSizes,
  numbers,
  randomArray,
} from "./derivative-harness.ts";
import { examples } from "./examples/index.ts";
import type { Example, Nd } from "./examples/reference.ts";
import * as ops from "./index.ts";

const all = Object.entries(examples);
const differentiable = all.filter(([, { differentiable }]) => differentiable !== false);

test("every operation has an example", () => {
  const operations = Object.entries(ops).flatMap(([name, value]) =>
    typeof value === "function" ? [name] : [],
  );
  expect(Object.keys(examples).sort()).toStrictEqual(operations.sort());
});

const plain = (value: ArrayValue): Nd => ({ shape: value.shape, data: toNumbers(value) });
const inType = (value: ArrayValue, dtype: "f32" | "f64") =>
  dtype === "f64" ? value : array(Float32Array.from(toNumbers(value)), value.shape);

/** Inputs at sizes of which no two are equal. */
function inputsOf({ shapes, domain }: Example): ArrayValue[] {
  const next = numbers(11);
  return shapes(2, 3, 4).map((shape) => randomArray(shape, next, domain));
}

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("the value is what its formula gives (%s)", (_, runtime) => {
  test.each(all)("%s", async (__, example) => {
    const inputs = inputsOf(example);
    for (const [dtype, tolerance] of [
      ["f64", 1e-13],
      ["f32", 1e-5],
    ] as const) {
      using program = await compile(
        ({ x }) => example.f(...x),
        { x: inputs.map(({ shape }) => ({ dtype, shape })) },
        { runtime },
      );
      const value = plain(await program.run({ x: inputs.map((x) => inType(x, dtype)) }));
      const expected = example.expected(...inputs.map((x) => plain(inType(x, dtype))));
      expect(value.shape).toStrictEqual(expected.shape);
      value.data.forEach((v, i) => {
        expect(Math.abs(v - expected.data[i])).toBeLessThan(
          tolerance * Math.max(1, Math.abs(expected.data[i])),
        );
      });
    }
  });
});

describe("derivatives to second order in both modes, float32, and the rule for a leading axis", () => {
  test.each(differentiable)("%s", async (name, example) => {
    const c = { name, ...example };
    await atRandomSizes((sizes) => assertDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 1);
    await atRandomSizes((sizes) => assertSingleAgrees(c, sizes), 1);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 1);
  });
});

const lossOf =
  ({ f }: Example) =>
  (x: readonly Tensor[]) => {
    const value = f(...x);
    return ops.sum(ops.sin(ops.cast(value, x[0].dtype)));
  };

describe.each([
  ["f32", 1e-6],
  ["f64", 1e-13],
] as const)(
  "the native and the WebAssembly runtime agree in %s on values and gradients",
  (dtype, tolerance) => {
    test.each(all)("%s", async (_, example) => {
      const inputs = inputsOf(example);
      const results: ArrayValue[][] = [];
      for (const runtime of [native, wasm]) {
        using program = await compile(
          ({ x }) => ({ result: example.f(...x), ...valueAndGradient(lossOf(example))(x) }),
          { x: inputs.map(({ shape }) => ({ dtype, shape })) },
          { runtime },
        );
        const { result, value, gradient } = await program.run({ x: inputs.map((x) => inType(x, dtype)) });
        results.push([result, value, ...gradient]);
      }
      results[0].forEach((here, i) => {
        const there = toNumbers(results[1][i]);
        const scale = Math.max(1, ...there.map(Math.abs));
        toNumbers(here).forEach((v, j) => {
          expect(Math.abs(v - there[j])).toBeLessThan(tolerance * scale);
        });
      });
    });
  },
);

describe("no entries: results and gradients with none", () => {
  test.each(all)("%s", async (_, example) => {
    const inputs = inputsOf(example);
    using program = await compile(
      ({ x }) => {
        const one = (entry: readonly Tensor[]) => ({
          result: example.f(...entry),
          ...valueAndGradient(lossOf(example))(entry),
        });
        return vmap(one)(x);
      },
      { x: inputs.map(({ shape }) => ({ dtype: "f32" as const, shape: ["entries", ...shape] })) },
    );
    const none = inputs.map(({ shape }) => array(new Float32Array(0), [0, ...shape]));
    const { result, gradient } = await program.run({ x: none });
    expect(result.shape).toStrictEqual([0, ...example.expected(...inputs.map(plain)).shape]);
    gradient.forEach((g, i) => {
      expect(g.shape).toStrictEqual([0, ...inputs[i].shape]);
    });
  });
});
