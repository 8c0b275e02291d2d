import { describe, expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { DisposedError, InputError, UnsupportedError } from "./errors.ts";
import { exportOnnx } from "./export-onnx.ts";
import { graphBytes, modelBytes, nodeBytes } from "./import/model-bytes.ts";
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

describe("element types that arrays here do not have", () => {
  const passed = (elementType: number) =>
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("Identity", ["x"], ["y"])],
        inputs: [["x", elementType, ["rows", 2]]],
        outputs: [["y", elementType, ["rows", 2]]],
      }),
      22,
    );

  test.each([
    ["uint8", 2, 0, 255],
    ["int8", 3, -128, 127],
    ["uint16", 4, 0, 65535],
    ["int16", 5, -32768, 32767],
    ["int32", 6, -2147483648, 2147483647],
    ["uint32", 12, 0, 4294967295],
  ])("%s is taken and given as i64, from its least to its largest value", async (name, type, low, high) => {
    using model = await loadOnnx(passed(type));
    expect(model.inputs).toEqual([{ name: "x", spec: { dtype: "i64", shape: ["rows", 2] } }]);
    const given = (...values: readonly number[]) => array(BigInt64Array.from(values, BigInt), [1, 2]);
    expect(toNumbers((await model.run({ x: given(low, high) })).y)).toEqual([low, high]);
    await expect(model.run({ x: given(0, high + 1) })).rejects.toThrow(
      `x: values of ${name} must be from ${low} to ${high}, got ${high + 1} at index 1`,
    );
    await expect(model.run({ x: given(low - 1, 0) })).rejects.toThrow(InputError);
  });

  test("uint64 is taken and given as i64, where values fit", async () => {
    using model = await loadOnnx(passed(13));
    const given = (...values: readonly bigint[]) => array(BigInt64Array.from(values), [1, 2]);
    const largest = 2n ** 63n - 1n;
    expect((await model.run({ x: given(0n, largest) })).y.data).toEqual(BigInt64Array.of(0n, largest));
    await expect(model.run({ x: given(0n, -1n) })).rejects.toThrow(
      `x: values of uint64 must be from 0 to ${largest}, got -1 at index 1`,
    );
  });

  test.each([
    ["float16", 10, 65504, 1 + 2 ** -10],
    ["bfloat16", 16, 1.9921875 * 2 ** 127, 1 + 2 ** -7],
  ])("%s is taken and given as f32, rounded", async (name, type, high, next) => {
    using model = await loadOnnx(passed(type));
    const given = (...values: readonly number[]) => array(Float32Array.from(values), [1, 2]);
    expect(toNumbers((await model.run({ x: given(high, next) })).y)).toEqual([high, next]);
    expect(toNumbers((await model.run({ x: given(-high, 1 + 2 ** -20) })).y)).toEqual([-high, 1]);
    expect(toNumbers((await model.run({ x: given(-Infinity, Number.NaN) })).y)).toEqual([-Infinity, NaN]);
    await expect(model.run({ x: given(0, 1.001 * high) })).rejects.toThrow(
      `x: values of ${name} must be from`,
    );
  });

  test("an input of text is refused with the reason", async () => {
    await expect(loadOnnx(passed(8))).rejects.toThrow("x of the model is text");
  });
});
