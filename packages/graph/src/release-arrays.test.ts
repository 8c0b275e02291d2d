import { expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { GraphError, InputError } from "./errors.ts";
import { mul } from "./ops/index.ts";
import { releaseArrays } from "./release-arrays.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { f64 } from "./tensor.ts";

const heldBytes = () => process.memoryUsage().arrayBuffers;

test("the memory of results is given back at once, and what they were made of stays", async () => {
  const size = 2 ** 20;
  using program = await compile(({ x }) => ({ doubled: mul(x, 2), more: [mul(x, 3)] }), { x: f64(size) });
  const x = new Float64Array(size).fill(1.5);
  const results = await program.run({ x });
  const before = heldBytes();
  releaseArrays(results);
  expect(before - heldBytes()).toBeGreaterThanOrEqual(2 * 8 * size);
  expect(results.doubled.data).toHaveLength(0);
  expect(x[size - 1]).toBe(1.5);
  expect((await program.run({ x })).doubled.data[size - 1]).toBe(3);
});

test("steps that release the parameters before them end where others end", async () => {
  using program = await compile(({ w }) => ({ w: mul(w, 0.5) }), { w: f64(3) });
  let w: ArrayValue = array(Float64Array.of(8, 4, -16));
  for (let step = 0; step < 3; step++) {
    const after = await program.run({ w });
    releaseArrays(w);
    w = after.w;
  }
  expect(toNumbers(w)).toStrictEqual([1, 0.5, -2]);
});

test("a run refuses an array that has been released", async () => {
  using program = await compile(({ w }) => mul(w, 2), { w: f64(3) });
  const w = array(Float64Array.of(1, 2, 3));
  releaseArrays({ w });
  await expect(program.run({ w })).rejects.toThrow(InputError);
  await expect(program.run({ w })).rejects.toThrow("w: shape [3] holds 3 elements, data has 0");
  releaseArrays({ w });
});

test("views of parts of a buffer and shared memory are left alone", () => {
  const whole = Float64Array.of(1, 2, 3, 4);
  const shared = new Float64Array(new SharedArrayBuffer(16)).fill(7);
  releaseArrays([array(whole.subarray(1, 3)), { dtype: "f64", shape: [2], data: shared }]);
  expect(whole).toStrictEqual(Float64Array.of(1, 2, 3, 4));
  expect(shared[1]).toBe(7);
});

test("a value that is no array is refused by its path", () => {
  const given: unknown = { layer: { w: new Float64Array(2) } };
  expect(() => releaseArrays(given as Parameters<typeof releaseArrays>[0])).toThrow(GraphError);
  expect(() => releaseArrays(given as Parameters<typeof releaseArrays>[0])).toThrow("layer.w");
});
