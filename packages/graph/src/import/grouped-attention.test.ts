// Attention as small language models have it: ONNX Runtime's own kernels are the measure.
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { sum } from "../ops/reduce.ts";
import { square } from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import type { AttributeValue } from "./model-bytes.ts";
import { arraysOf, expectAgreement, fed, fileOf, type Operand, stored, wave } from "./node-testing.ts";

const table = (rows: number, columns: number, f: (x: number) => number) =>
  stored("float32", [rows, columns], (i) => f((Math.floor(i / columns) + 0.2) * 0.7 ** (i % columns)));
const cos = table(16, 8, Math.cos);
const sin = table(16, 8, Math.sin);
const x = (k: number, ...shape: number[]) => fed("float32", shape, wave(k));
const lengths = (...values: number[]) => fed("int32", [values.length], values);
const total = (n: number) => stored("int32", [1], [n]);

/** Rows of entries, four heads of size 16 for queries and two for keys and values. */
const own = (rows: number, entries: number): (Operand | null)[] => [
  x(1, rows, entries, 64),
  x(2, rows, entries, 32),
  x(3, rows, entries, 32),
];
const kept = (rows: number) => [x(4, rows, 2, 5, 16), x(5, rows, 2, 5, 16)];
const prompt: (Operand | null)[] = [...own(2, 3), null, null, lengths(2, 2), total(3)];
const later: (Operand | null)[] = [...own(1, 3), ...kept(1), lengths(7), total(8)];
const one: (Operand | null)[] = [...own(2, 1), ...kept(2), lengths(5, 5), total(6)];
const shorter: (Operand | null)[] = [...own(2, 1), ...kept(2), lengths(5, 2), total(6)];

const cases: [string, (Operand | null)[], Record<string, AttributeValue>][] = [
  ["a prompt", prompt, {}],
  ["a prompt with rotary positions", [...prompt, cos, sin], { do_rotary: 1 }],
  ["pairs of neighbors", [...prompt, cos, sin], { do_rotary: 1, rotary_interleaved: 1 }],
  ["one more word", [...one, cos, sin], { do_rotary: 1 }],
  ["several more words", [...later, cos, sin], { do_rotary: 1 }],
  ["words in a window", [...later, cos, sin], { do_rotary: 1, local_window_size: 3 }],
  ["a window of the prompt", prompt, { local_window_size: 2 }],
  ["bounded scores", later, { softcap: { float: 0.4 }, scale: { float: 0.7 } }],
  ["one more in the sum", later, { smooth_softmax: 1 }],
  ["sinks", [...later, null, null, null, null, stored("float32", [4], wave(9))], {}],
  ["given positions", [...later, cos, sin, fed("int64", [1, 3], [5, 6, 7])], { do_rotary: 1 }],
  ["a bias", [...prompt, null, null, null, x(6, 2, 4, 3, 3)], {}],
  [
    "packed operands",
    [x(1, 2, 3, 128), null, null, null, null, lengths(2, 2), total(3), cos, sin],
    { do_rotary: 1 },
  ],
];

test.each(cases)("grouped queries with %s are what ONNX Runtime computes", async (_, inputs, attributes) => {
  await expectAgreement({
    opType: "GroupQueryAttention",
    attributes: { num_heads: 4, kv_num_heads: 2, ...attributes },
    inputs,
    outputs: ["float32", "float32", "float32"],
  });
});

test.each<[string, (Operand | null)[], Record<string, AttributeValue>]>([
  ["rows", [x(1, 2, 3, 32), fed("int64", [2, 3], [4, 5, 6, 0, 1, 2]), cos, sin], {}],
  [
    "heads from a first position on",
    [x(1, 2, 2, 3, 16), fed("int64", [1], [4]), cos, sin],
    { interleaved: 1 },
  ],
  [
    "a part of the features",
    [x(1, 2, 3, 40), fed("int64", [1], [4]), cos, sin],
    { rotary_embedding_dim: 16, num_heads: 2 },
  ],
])("rotary positions of %s are what ONNX Runtime computes", async (_, inputs, attributes) => {
  await expectAgreement({ opType: "RotaryEmbedding", attributes, inputs });
});

test("rows with fewer keys from before see those alone", async () => {
  await expectAgreement({
    opType: "GroupQueryAttention",
    attributes: { num_heads: 4, kv_num_heads: 2, do_rotary: 1 },
    inputs: [...shorter, cos, sin],
    outputs: ["float32", "float32", "float32"],
    // What is kept after the end of a row means nothing.
    compared: 1,
  });
});

/** The attention of waves q, k and v [rows, length, heads size], given apart or as heads beside one another. */
async function attention(packed: 0 | 2 | 3): Promise<number[]> {
  const [rows, length, count, size] = [2, 3, 2, 4];
  const of = (k: number, i: number) => wave(k)(i);
  const beside = (first: number, parts: number) =>
    fed("float32", [rows, length, count, parts, size], (i) => {
      const [head, part] = [Math.floor(i / (parts * size)), Math.floor(i / size) % parts];
      return of(first + part, head * size + (i % size));
    });
  const apart = [1, 2, 3].map((k) => fed("float32", [rows, length, count * size], (i) => of(k, i)));
  const inputs = { 0: apart, 2: [apart[0], beside(2, 2)], 3: [beside(1, 3)] }[packed];
  const node = { opType: "MultiHeadAttention", attributes: { num_heads: count }, inputs };
  const model = importOnnx(fileOf(node));
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await using program = await compile((given) => model.apply(given).o0, specs);
  return toNumbers(await program.run(arraysOf(node)));
}

test("packed operands of attention are what they are apart", async () => {
  // ONNX Runtime has no kernel for them on processors.
  const apart = await attention(0);
  expect(await attention(2)).toEqual(apart);
  expect(await attention(3)).toEqual(apart);
});

test("the gradient of grouped attention agrees with differences", async () => {
  const node = {
    opType: "GroupQueryAttention",
    attributes: { num_heads: 4, kv_num_heads: 2, do_rotary: 1, local_window_size: 6 },
    inputs: [...later, cos, sin],
  };
  const model = importOnnx(fileOf(node), { precision: "f64" });
  const given = arraysOf(node);
  const doubles = Object.fromEntries(
    Object.entries(given).map(([name, { dtype, shape, data }]) => [
      name,
      dtype === "f32" ? array(Float64Array.from(data, Number), shape) : given[name],
    ]),
  );
  const names = ["i0", "i1", "i2", "i3", "i4"];
  const loss = (x: Record<string, Tensor>) => sum(square(model.apply(x).o0));
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await using program = await compile((x) => {
    const { value, gradient } = valueAndGradient((own: Record<string, Tensor>) => loss({ ...x, ...own }))(
      Object.fromEntries(names.map((name) => [name, x[name]])),
    );
    return { value, gradient };
  }, specs);
  const { gradient } = await program.run(doubles);
  const step = 1e-6;
  for (const [k, name] of names.entries()) {
    const direction = wave(7 + k);
    const moved = async (h: number) => {
      const { data, shape } = doubles[name];
      const at = Float64Array.from(Array.from(data, Number), (v, i) => v + h * direction(i));
      return Number((await program.run({ ...doubles, [name]: array(at, shape) })).value.data[0]);
    };
    const slope = toNumbers(gradient[name]).reduce((total, v, i) => total + v * direction(i), 0);
    const difference = ((await moved(step)) - (await moved(-step))) / (2 * step);
    expect(Math.abs(slope - difference)).toBeLessThan(1e-6 * (1 + Math.abs(difference)));
  }
});

test("tables of cosines and sines are left alone by training", () => {
  const query = fileOf({
    opType: "GroupQueryAttention",
    attributes: { num_heads: 4, kv_num_heads: 2, do_rotary: 1 },
    inputs: [...prompt, cos, sin],
  });
  expect(importOnnx(query).frozen).toEqual(["i7", "i8"]);
});
