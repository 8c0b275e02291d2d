import { describe, expect, test } from "vitest";
import { array } from "./arrays.ts";
import { compile } from "./compile.ts";
import { InputError, ShapeError, TypeMismatchError } from "./errors.ts";
import { exportOnnx } from "./export-onnx.ts";
import { jit } from "./jit.ts";
import { repeat } from "./loop.ts";
import { loadOnnx } from "./onnx-model.ts";
import * as ops from "./ops/index.ts";
import { prepareRuntime } from "./prepare-runtime.ts";
import { workerRuntime } from "./runtime/worker/node.ts";
import { stage } from "./stage.ts";
import { bool, constant, f64, i64, input, scalar, type Tensor } from "./tensor.ts";
import { trace } from "./trace.ts";

/** An argument of a kind that only a program without types hands over. */
const untyped = <T>(value: unknown) => value as T;

const x = input("x", f64(2, 4));
const image = input("image", f64(1, 1, 4));
const kernel = input("kernel", f64(1, 1, 2));
const places = constant(BigInt64Array.of(0n, 1n), [2, 1]);

test.each<readonly [string, (options: never) => unknown, known: string]>([
  ["sum", (o) => ops.sum(x, o), "axes, keepDims"],
  ["mean", (o) => ops.mean(x, o), "axes, keepDims"],
  ["max", (o) => ops.max(x, o), "axes, keepDims"],
  ["min", (o) => ops.min(x, o), "axes, keepDims"],
  ["prod", (o) => ops.prod(x, o), "axes, keepDims"],
  ["norm", (o) => ops.norm(x, o), "axes, keepDims"],
  ["logSumExp", (o) => ops.logSumExp(x, o), "axes, keepDims"],
  ["any", (o) => ops.any(ops.greater(x, 0), o), "axes, keepDims"],
  ["all", (o) => ops.all(ops.greater(x, 0), o), "axes, keepDims"],
  ["argMax", (o) => ops.argMax(x, o), "axis, keepDims"],
  ["argMin", (o) => ops.argMin(x, o), "axis, keepDims"],
  ["softmax", (o) => ops.softmax(x, o), "axis"],
  ["logSoftmax", (o) => ops.logSoftmax(x, o), "axis"],
  ["sort", (o) => ops.sort(x, o), "axis, descending"],
  ["argSort", (o) => ops.argSort(x, o), "axis, descending"],
  ["topK", (o) => ops.topK(x, 2, o), "axis"],
  ["takeAlong", (o) => ops.takeAlong(x, places, o), "axis"],
  ["cumSum", (o) => ops.cumSum(x, o), "axis, reverse"],
  ["concat", (o) => ops.concat([x, x], o), "axis"],
  ["stack", (o) => ops.stack([x, x], o), "axis"],
  ["split", (o) => ops.split(x, 2, o), "axis"],
  ["slice", (o) => ops.slice(x, o), "axis, start, end, step"],
  [
    "pad",
    (o) =>
      ops.pad(
        x,
        [
          [0, 0],
          [1, 1],
        ],
        o,
      ),
    "mode, value",
  ],
  ["lowerTriangle", (o) => ops.lowerTriangle(x, o), "offset"],
  ["upperTriangle", (o) => ops.upperTriangle(x, o), "offset"],
  ["elu", (o) => ops.elu(x, o), "alpha"],
  ["leakyRelu", (o) => ops.leakyRelu(x, o), "slope"],
  ["maxPool", (o) => ops.maxPool(image, o), "size, strides, padding, dilations"],
  ["averagePool", (o) => ops.averagePool(image, o), "size, strides, padding"],
  [
    "convolution",
    (o) => ops.convolution(image, kernel, o),
    "strides, dilations, padding, paddingMode, groups",
  ],
  [
    "convolutionTranspose",
    (o) => ops.convolutionTranspose(image, kernel, o),
    "strides, dilations, padding, outputPadding, groups",
  ],
  ["exportOnnx", (o) => exportOnnx(ops.neg, f64(2), o), "constants, description, metadata"],
  ["jit", (o) => jit(ops.neg, o), "dimensions, capacity, runtime, threads"],
  ["workerRuntime", (o) => workerRuntime(o), "threads"],
])("%s refuses options that it does not have", (name, call, known) => {
  expect(() => call(untyped({ lr: 1 }))).toThrow(InputError);
  expect(() => call(untyped({ lr: 1 }))).toThrow(`${name} has no option "lr"; its options are ${known}`);
  expect(() => call(untyped(0))).toThrow(`the options of ${name} must be an object, got 0`);
});

test.each<readonly [string, string, (options: never) => Promise<unknown>]>([
  ["compile", "runtime, threads, sizes", (o) => compile(ops.neg, f64(2), o)],
  ["stage", "runtime, threads", (o) => stage(({ fixed }) => fixed, { fixed: f64(1), varying: f64(1) }, o)],
  ["prepareRuntime", "runtime, threads", prepareRuntime],
  ["loadOnnx", "runtime, threads, external, signal", (o) => loadOnnx(exportOnnx(ops.neg, f64(2)), o)],
])("%s refuses options that it does not have, and values that are none", async (name, known, call) => {
  const message = (options: unknown) =>
    call(untyped(options)).then(
      () => "accepted",
      (error: unknown) => {
        expect(error).toBeInstanceOf(InputError);
        return (error as Error).message;
      },
    );
  expect(await message({ thread: 2 })).toBe(`${name} has no option "thread"; its options are ${known}`);
  expect(await message({ runtime: "wasm" })).toBe(
    'runtime must be a runtime, such as workerRuntime(), got "wasm"',
  );
  expect(await message({ threads: -3 })).toBe("threads must be a positive integer, got -3");
  expect(await message({ threads: undefined, runtime: undefined })).toBe("accepted");
});

test("an expected size is a positive integer", async () => {
  await expect(compile(ops.neg, f64("rows"), { sizes: { rows: 0 } })).rejects.toThrow(
    "sizes.rows must be a positive integer, got 0",
  );
});

describe("values of options and arguments", () => {
  test.each<readonly [() => unknown, string]>([
    [
      () =>
        ops.pad(
          x,
          [
            [0, 0],
            [1, 1],
          ],
          untyped({ mode: "wrap" }),
        ),
      'pad: mode must be "constant" or "circular", got "wrap"',
    ],
    [
      () => ops.convolution(image, kernel, untyped({ paddingMode: "same" })),
      'convolution: paddingMode must be "zero" or "circular", got "same"',
    ],
    [() => ops.elu(x, { alpha: Number.NaN }), "elu: alpha must be a finite number, got NaN"],
    [() => ops.leakyRelu(x, untyped({ slope: "1" })), 'leakyRelu: slope must be a finite number, got "1"'],
    [() => ops.lowerTriangle(x, { offset: 0.5 }), "lowerTriangle: offset must be an integer, got 0.5"],
    [() => jit(ops.neg, { capacity: -3 }), "capacity must be a positive integer, got -3"],
    [() => jit(untyped<(x: Tensor) => Tensor>("f")), 'jit: f must be a function, got "f"'],
    [
      () => exportOnnx(ops.neg, f64(2), untyped({ description: 3 })),
      "exportOnnx: description must be a string, got 3",
    ],
    [
      () => exportOnnx(ops.neg, f64(2), { metadata: untyped({ version: 3 }) }),
      "exportOnnx: metadata.version must be a string, got 3",
    ],
  ])("%#", (call, message) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  });

  test.each<readonly [() => unknown, string]>([
    [() => ops.full([-1], 1, "f64"), "full: dimensions must be non-negative integers or names, got [-1]"],
    [() => ops.range(2.5), "range: length: dimensions must be non-negative integers or names, got [2.5]"],
    [
      () => ops.identityMatrix(-1, "f64"),
      "identityMatrix: dimensions must be non-negative integers or names, got [-1]",
    ],
    [
      () => ops.oneHot(places, 1.5, "f64"),
      "oneHot: classes: dimensions must be non-negative integers or names, got [1.5]",
    ],
    [
      () => ops.scatterAdd([-3, 4], places, x),
      "scatterAdd: dimensions must be non-negative integers or names, got [-3, 4]",
    ],
    [
      () => ops.scatterAddAlong(places, x, 9, 3),
      "scatterAddAlong: axis must be an integer in [-2, 1], got 9",
    ],
    [
      () => ops.broadcastTo(x, [1.5, 2, 4]),
      "broadcastTo: dimensions must be non-negative integers or names, got [1.5, 2, 4]",
    ],
    [
      () => constant(new Float64Array(6), [-2, -3]),
      "constant: dimensions must be non-negative integers or names, got [-2, -3]",
    ],
    [
      () => repeat(-1, x, (carried) => ({ carried })),
      "repeat: length: dimensions must be non-negative integers or names, got [-1]",
    ],
    [
      () => trace(ops.neg, { dtype: "f64", shape: [-2] }),
      "the input: dimensions must be non-negative integers or names, got [-2]",
    ],
    [() => f64(Number.NaN), "f64: dimensions must be non-negative integers or names, got [NaN]"],
  ])("of shapes: %#", (call, message) => {
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(message);
  });

  const integer = input("i", i64(2));
  test.each<readonly [() => unknown, string]>([
    [() => ops.add(integer, 1.5), "add: a number of type i64 must be an integer, got 1.5"],
    [() => ops.mul(integer, Number.NaN), "mul: a number of type i64 must be an integer, got NaN"],
    [() => scalar(2, "bool"), "scalar: a number of type bool must be 0 or 1, got 2"],
    [() => ops.add(x, untyped([1, 2])), "add: operands must be tensors or numbers, got Array of length 2"],
    [() => ops.add(x, untyped(undefined)), "add: operands must be tensors or numbers, got undefined"],
    [() => ops.exp(untyped(3)), "exp: operands must be tensors, got 3"],
    [
      () => ops.sum(untyped(array(Float64Array.of(1, 2)))),
      "sum: operands must be tensors, got an object with keys dtype, shape, data; use constants(value)",
    ],
    [
      () => ops.matmul(x, untyped(array(Float64Array.of(1, 2)))),
      "matmul: operands must be tensors, got an object with keys dtype, shape, data; use constants(value)",
    ],
    [
      () => ops.matmul(x, untyped({ rows: 1, columns: 1, values: Float64Array.of(1) })),
      "matmul: operands must be tensors, got an object with keys rows, columns, values; use constants(array(matrix))",
    ],
    [
      () => ops.mul(x, untyped(Float64Array.of(1, 2))),
      "mul: operands must be tensors or numbers, got Float64Array of length 2; use constant(values, shape)",
    ],
    [
      () => ops.cast(x, untyped("f16")),
      'cast: the element type must be "f32", "f64", "i64" or "bool", got "f16"',
    ],
    [
      () => ops.full([2], 1, untyped("f16")),
      'scalar: the element type must be "f32", "f64", "i64" or "bool", got "f16"',
    ],
    [
      () => trace(({ x }) => x, { x: { dtype: untyped<"f64">("f16"), shape: [2] } }),
      'x: the element type must be "f32", "f64", "i64" or "bool", got "f16"',
    ],
    [() => constant(untyped(new Int32Array(2))), "BigInt64Array or Uint8Array, got Int32Array of length 2"],
  ])("of types: %#", (call, message) => {
    expect(call).toThrow(TypeMismatchError);
    expect(call).toThrow(message);
  });
});

test.each<readonly [unknown, string]>([
  [{ v: "abc" }, 'v: expected f64[2], got "abc"'],
  [{ v: [1, 2] }, "v: expected f64[2], got Array of length 2"],
  [{ v: new Int8Array(2) }, "v: expected f64[2], got Int8Array of length 2"],
  [
    { v: { dtype: "f32", shape: [2], data: new Float64Array(2) } },
    "v: dtype is f32, but the data are f64 (Float64Array)",
  ],
  [{ n: 1.5 }, "n: expected an integer, got 1.5"],
  [{ n: Number.NaN }, "n: expected an integer, got NaN"],
  [{ flag: 2 }, "flag: expected true or false, got 2"],
  [{ mask: Uint8Array.of(0, 1, 2) }, "mask: booleans must be 0 or 1, got 2 at index 2"],
  [
    { mask: { dtype: "bool", shape: [3], data: Uint8Array.of(0, 3, 1) } },
    "mask: booleans must be 0 or 1, got 3 at index 1",
  ],
  [
    { rows: { dtype: "f64", shape: [-1], data: new Float64Array(1) } },
    "rows: dimensions must be non-negative integers, got [-1]",
  ],
  [
    { layers: [new Float64Array(1), new Float64Array(1)] },
    "the list from layers.0 on: expected 1 entries, got 2",
  ],
])("a run refuses %j", async (given, message) => {
  using program = await compile((inputs) => inputs, {
    v: f64(2),
    n: i64(),
    flag: bool(),
    mask: bool(3),
    rows: f64("rows"),
    layers: [f64(1)],
  });
  const good = {
    v: new Float64Array(2),
    n: 1,
    flag: true,
    mask: Uint8Array.of(0, 1, 1),
    rows: new Float64Array(4),
    layers: [new Float64Array(1)] as const,
  };
  expect((await program.run(good)).rows.shape).toStrictEqual([4]);
  const run = program.run({ ...good, ...(given as Partial<typeof good>) });
  await expect(run).rejects.toThrow(InputError);
  await expect(run).rejects.toThrow(message);
});

test("a signal that is none, an aborted one, and null are refused", async () => {
  const file = exportOnnx(({ x }) => x, { x: f64() });
  await expect(loadOnnx(file, { signal: untyped({}) })).rejects.toThrow(
    "loadOnnx: signal must be an AbortSignal, got an object",
  );
  await expect(loadOnnx(file, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  await expect(compile(({ x }) => x, { x: f64() }, { sizes: untyped(null) })).rejects.toThrow(
    "compile: sizes must not be null",
  );
});

test("what is left out of options is the default", () => {
  const options: { readonly axes?: number } = { axes: undefined };
  expect(ops.sum(x, options).shape).toStrictEqual([]);
  const relu = (t: Tensor) => ops.elu(t, { alpha: undefined });
  expect(relu(x).shape).toStrictEqual([2, 4]);
});
