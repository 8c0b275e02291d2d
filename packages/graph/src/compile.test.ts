import { expect, test } from "vitest";
import { array, item, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { GraphError, InputError, ShapeError, TypeMismatchError } from "./errors.ts";
import {
  add,
  broadcastTo,
  cast,
  div,
  exp,
  gather,
  matmul,
  mean,
  mul,
  oneHot,
  reshape,
  size,
  squeeze,
  sum,
} from "./ops/index.ts";
import { f32, f64, i64, type Tensor } from "./tensor.ts";
import { toOnnx, trace } from "./trace.ts";

test("named dimensions are decided by each run, also inside reshape, mean and size", async () => {
  using program = await compile(
    ({ x }) => ({
      mean: mean(x),
      flat: reshape(x, ["batch", 6]),
      rows: size(["batch"], "f64"),
      repeated: broadcastTo(reshape(mean(x, { axes: 0 }), [1, 6]), ["batch", 6]),
    }),
    { x: f64("batch", 2, 3) },
  );
  for (const batch of [1, 4, 0]) {
    const data = Float64Array.from({ length: batch * 6 }, (_, i) => i);
    const result = await program.run({ x: data });
    expect(result.flat.shape).toStrictEqual([batch, 6]);
    expect(item(result.rows)).toBe(batch);
    expect(result.repeated.shape).toStrictEqual([batch, 6]);
    if (batch > 0) expect(item(result.mean)).toBeCloseTo((batch * 6 - 1) / 2, 12);
    else expect(item(result.mean)).toBeNaN();
  }
});

test("an input that does not fit the signature is named, with what it got and what it wanted", async () => {
  using program = await compile(({ x, y, k }) => add(sum(mul(x, y)), cast(k, "f64")), {
    x: f64("batch", 2),
    y: f64("batch", 1),
    k: i64(),
  });
  const x = array(new Float64Array(6), [3, 2]);
  await expect(program.run({ x, y: new Float64Array(4), k: 1 })).rejects.toThrow(
    "y: expected data for [3, 1], got 4 elements",
  );
  await expect(program.run({ x, y: array(new Float64Array(4), [4, 1]), k: 1 })).rejects.toThrow(
    /y: expected \[batch, 1\] with batch = 3 .* got \[4, 1\]/,
  );
  await expect(program.run({ x: new Float32Array(6), y: new Float64Array(3), k: 1 })).rejects.toThrow(
    "x: expected f64, got f32 (Float32Array)",
  );
  await expect(program.run({ x: new Float64Array(5), y: new Float64Array(3), k: 1 })).rejects.toThrow(
    InputError,
  );
  await expect(program.run({ x, y: new Float64Array(3) } as never)).rejects.toThrow(
    "k: missing, expected i64[]",
  );
  expect(item(await program.run({ x, y: new Float64Array(3), k: 7 }))).toBe(7);
  expect(() => array(new Float64Array(3), [2, 2])).toThrow(InputError);
});

test("plain data do not determine two open dimensions", async () => {
  using program = await compile(({ x }) => sum(x), { x: f64("n", "m") });
  await expect(program.run({ x: new Float64Array(6) })).rejects.toThrow(
    /do not determine the dimensions n, m/,
  );
  expect(item(await program.run({ x: array(Float64Array.of(1, 2), [1, 2]) }))).toBe(3);
});

test("shapes and types that do not fit are refused when tracing, by operation", () => {
  const traced = (f: (x: Tensor, y: Tensor) => Tensor) => () =>
    trace(({ x, y }) => f(x, y), { x: f64(2, 3), y: f64("n", 3) });
  expect(traced((x, y) => matmul(x, y))).toThrow(
    /matmul: inner dimensions must be equal, got \[2, 3\] and \[n, 3\]: 3 columns against n rows/,
  );
  expect(traced((x, y) => add(x, y))).toThrow(
    /add: shapes \[2, 3\] and \[n, 3\] do not broadcast: 2 against n/,
  );
  expect(traced((x) => reshape(x, [5]))).toThrow(ShapeError);
  expect(traced((x) => squeeze(x, 0))).toThrow(/squeeze: dimension 0 of \[2, 3\] is 2, expected 1/);
  expect(traced((x) => sum(x, { axes: 2 }))).toThrow(/sum: axis must be an integer in \[-2, 1\], got 2/);
  expect(traced((x) => sum(x, { axes: [0, -2] }))).toThrow(/axis 0 is repeated/);
  expect(traced((x) => gather(x, x))).toThrow(TypeMismatchError);
  expect(traced((x) => add(x, cast(x, "f32")))).toThrow(
    /add: operands must have the same type, got f64 and f32; use cast/,
  );
  expect(() => f64(-1)).toThrow(ShapeError);
  expect(() => f64("two words")).toThrow(ShapeError);
});

test("a tensor of another trace is refused", async () => {
  let kept: Tensor | undefined;
  trace(
    ({ x }) => {
      kept = x;
      return exp(x);
    },
    { x: f64(2) },
  );
  await expect(compile(({ x }) => add(x, kept!), { x: f64(2) })).rejects.toThrow(GraphError);
});

test("inputs and outputs may be named as the emitter names its own", async () => {
  const names = ["constant_1", "Add_1", "Add_2", "Mul_1", "Mul_2", "Mul_3"];
  using program = await compile(
    (inputs) => Object.fromEntries(Object.entries(inputs).map(([key, x]) => [`${key}0`, mul(add(x, 2), 3)])),
    Object.fromEntries(names.map((name) => [name, f64(2)])),
  );
  const result = await program.run(Object.fromEntries(names.map((name) => [name, Float64Array.of(1, 2)])));
  for (const name of names) expect(toNumbers(result[`${name}0`])).toStrictEqual([9, 12]);
});

test("keys with dots, or named as a lone input is, are no trouble", async () => {
  using program = await compile(({ input }) => ({ "a.b": input["a.b"], a: { b: mul(input.a.b, 2) } }), {
    input: { "a.b": f64(), a: { b: f64() } },
  });
  const result = await program.run({ input: { "a.b": 1, a: { b: 2 } } });
  expect([item(result["a.b"]), item(result.a.b)]).toStrictEqual([1, 4]);
  using one = await compile(({ input }) => mul(input, 3), { input: f64() });
  expect(item(await one.run({ input: 5 }))).toBe(15);
});

test("a lone spec and a lone value do for one input", async () => {
  using program = await compile((x) => mul(x, 2), f32(2));
  expect(toNumbers(await program.run(Float32Array.of(1, 2)))).toStrictEqual([2, 4]);
});

test("unused inputs are accepted, and an output may be an input or a constant", async () => {
  using program = await compile(({ x }) => ({ x, labels: oneHot(x.labels, 3, "f32") }), {
    x: { labels: i64("n"), unused: f32("n", 2) },
  });
  const { x, labels } = await program.run({
    x: { labels: Int32Array.of(2, 0), unused: new Float32Array(4) },
  });
  expect(toNumbers(labels)).toStrictEqual([0, 0, 1, 1, 0, 0]);
  expect(x.unused.shape).toStrictEqual([2, 2]);
});

test("the ONNX file names inputs and outputs by their paths and holds on its own", async () => {
  const model = toOnnx(
    trace(({ p, x }) => ({ y: matmul(x, p.w) }), { p: { w: f32(2, 1) }, x: f32("batch", 2) }),
  );
  const { default: ort } = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(model);
  expect(session.inputNames).toStrictEqual(["p.w", "x"]);
  expect(session.outputNames).toStrictEqual(["y"]);
  const { y } = await session.run({
    "p.w": new ort.Tensor("float32", Float32Array.of(2, 3), [2, 1]),
    x: new ort.Tensor("float32", Float32Array.of(1, 1), [1, 2]),
  });
  expect(Array.from(y.data as Float32Array)).toStrictEqual([5]);
  await session.release();
});

test("a product of reciprocals of which one is used again compiles", async () => {
  using program = await compile(
    ({ x }) => {
      const [a, b] = [div(1, add(x, 1)), div(1, add(x, 2))];
      return { product: mul(a, b), total: sum(a) };
    },
    { x: f64("n") },
  );
  const { product, total } = await program.run({ x: Float64Array.of(0, 1) });
  expect(toNumbers(product)).toStrictEqual([1 / 2, (1 / 2) * (1 / 3)]);
  expect(item(total)).toBe(1.5);
});
