import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { DisposedError, InputError, UnsupportedError } from "./errors.ts";
import { exportOnnx } from "./export-onnx.ts";
import { loadOnnx } from "./onnx-model.ts";
import { add, matmul, sum } from "./ops/index.ts";
import { f64, i64 } from "./tensor.ts";

const file = exportOnnx(
  ({ x, shift, w }) => ({ y: add(matmul(x, w), shift), total: sum(x) }),
  { x: f64("rows", 2), shift: f64() },
  { constants: { w: array(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]) }, metadata: { author: "someone" } },
);

describe("a file that is loaded", () => {
  test("says what it takes and gives, and its keys and values", async () => {
    using model = await loadOnnx(file);
    expect(model.inputs).toEqual([
      { name: "x", spec: { dtype: "f64", shape: ["rows", 2] } },
      { name: "shift", spec: { dtype: "f64", shape: [] } },
    ]);
    expect(model.outputs.map(({ name, spec }) => [name, spec.dtype, spec.shape])).toEqual([
      ["y", "f64", ["rows", 3]],
      ["total", "f64", []],
    ]);
    expect(model.metadata).toEqual({ author: "someone" });
  });

  test("is run by names, with any number of rows", async () => {
    using model = await loadOnnx(file);
    const { y, total } = await model.run({ shift: 10, x: array(Float64Array.of(1, 0, 0, 1), [2, 2]) });
    expect(y.shape).toEqual([2, 3]);
    expect(toNumbers(y)).toEqual([11, 12, 13, 14, 15, 16]);
    expect(toNumbers(total)).toEqual([2]);
    const one = await model.run({ shift: 0, x: array(Float64Array.of(1, 1), [1, 2]) });
    expect(toNumbers(one.y)).toEqual([5, 7, 9]);
  });

  test("names the input that is missing, unknown or of another type", async () => {
    using model = await loadOnnx(file);
    const x = array(Float64Array.of(1, 1), [1, 2]);
    await expect(model.run({ x })).rejects.toThrow("shift: missing");
    await expect(model.run({ x, shift: 1, z: 2 })).rejects.toThrow("no input z; it has x, shift");
    await expect(model.run({ x: array(Float32Array.of(1, 1), [1, 2]), shift: 1 })).rejects.toThrow(
      InputError,
    );
  });

  test("is refused after its end, and when it is no model", async () => {
    const model = await loadOnnx(file);
    model.dispose();
    model.dispose();
    await expect(model.run({})).rejects.toThrow(DisposedError);
    for (const bytes of [
      new Uint8Array(0),
      new TextEncoder().encode("not a model at all"),
      file.slice(0, 40),
    ])
      await expect(loadOnnx(bytes)).rejects.toThrow(UnsupportedError);
  });

  test("may take integers", async () => {
    const indices = exportOnnx(({ i }) => ({ sum: sum(i) }), { i: i64("rows") });
    using model = await loadOnnx(indices);
    expect((await model.run({ i: array(BigInt64Array.of(1n, 2n)) })).sum.data).toEqual(BigInt64Array.of(3n));
  });
});
