// Attention and embeddings as ONNX Runtime's optimizer writes them: its own kernels are the measure.
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import type { TensorSpec } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes } from "./model-bytes.ts";

/** A shape of waves, or integers or booleans with their shape; null leaves an input out. */
type Operand =
  | readonly number[]
  | { readonly shape: readonly number[]; readonly values: readonly number[]; readonly bool?: true }
  | null;

const isWaves = (operand: Operand): operand is readonly number[] => Array.isArray(operand);
const wave = (shape: readonly number[], k: number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i + k));

const ints = (shape: readonly number[], ...values: number[]) => ({ shape, values });
const bools = (shape: readonly number[], ...values: number[]) => ({ shape, values, bool: true }) as const;
const packed = [[2, 3, 4], [4, 12], [12]] as const;
const apart = [
  [2, 3, 4],
  [2, 5, 4],
  [2, 5, 4],
] as const;
const embedded = [[7, 4], [5, 4], [2, 4], [4], [4]] as const;
const words = ints([2, 3], 1, 6, 0, 3, 3, 2);

const cases: [string, string, readonly Operand[], Record<string, AttributeValue>, number, string?][] = [
  ["lengths", "Attention", [...packed, ints([2], 2, 3)], {}, 1],
  ["ends and beginnings", "Attention", [...packed, ints([4], 2, 3, 0, 1)], {}, 1],
  ["a mask of keys", "Attention", [...packed, ints([2, 3], 1, 1, 0, 0, 1, 1)], {}, 1],
  [
    "a mask of pairs",
    "Attention",
    [...packed, ints([2, 3, 3], 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1)],
    {},
    1,
  ],
  ["values of another width", "Attention", [[2, 3, 4], [4, 14], [14]], { qkv_hidden_sizes: [4, 4, 6] }, 1],
  ["past values", "Attention", [...packed, null, [2, 2, 2, 2, 2]], { unidirectional: 1 }, 2],
  [
    "past values and a mask",
    "Attention",
    [...packed, ints([2, 5], 0, 1, 1, 1, 1, 1, 1, 1, 1, 1), [2, 2, 2, 2, 2]],
    { unidirectional: 1, scale: { float: 0.3 } },
    2,
  ],
  ["a bias", "Attention", [...packed, null, null, [2, 2, 3, 3]], {}, 1],
  [
    "a mask of keys",
    "MultiHeadAttention",
    [...apart, [12], ints([2, 5], 1, 1, 0, 1, 1, 0, 0, 1, 1, 1)],
    {},
    1,
  ],
  ["lengths", "MultiHeadAttention", [...apart, null, ints([2], 2, 5)], {}, 1],
  [
    "past values",
    "MultiHeadAttention",
    [[2, 3, 4], [2, 3, 4], [2, 3, 4], [12], null, null, [2, 2, 2, 2], [2, 2, 2, 2]],
    { unidirectional: 1 },
    3,
  ],
  [
    "keys kept as heads",
    "MultiHeadAttention",
    [
      [2, 3, 4],
      [2, 2, 5, 2],
      [2, 2, 5, 2],
    ],
    {},
    1,
  ],
  ["segments", "EmbedLayerNormalization", [words, ints([2, 3], 0, 0, 1, 1, 0, 1), ...embedded], {}, 2],
  [
    "a mask and positions",
    "EmbedLayerNormalization",
    [
      words,
      null,
      [7, 4],
      [5, 4],
      null,
      [4],
      [4],
      ints([2, 3], 1, 1, 0, 1, 0, 0),
      ints([2, 3], 4, 0, 1, 2, 2, 3),
    ],
    { epsilon: { float: 0.01 }, mask_index_type: 1 },
    2,
  ],
  [
    "queries that see no key",
    "Attention",
    [[1, 2, 2, 3], [1, 2, 3, 3], [1, 2, 3, 3], bools([2, 3], 0, 0, 0, 1, 0, 1)],
    {},
    1,
    "",
  ],
];

test.each(cases)("with %s, %s is what ONNX Runtime computes", async (...one) => {
  const [, opType, operands, attributes, outputs, domain = "com.microsoft"] = one;
  const names = operands.map((operand, i) => (operand ? `i${i}` : ""));
  const given = operands.flatMap((operand, i) => (operand ? [{ operand, name: names[i], i }] : []));
  const heads: Record<string, AttributeValue> =
    domain === "" || opType.startsWith("Embed") ? {} : { num_heads: 2 };
  const bytes = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes(
          opType,
          names,
          Array.from({ length: outputs }, (_, i) => `o${i}`),
          { ...heads, ...attributes },
          domain,
        ),
      ],
      inputs: given.map(({ operand, name }) =>
        isWaves(operand) ? [name, 1, operand] : [name, operand.bool ? 9 : 6, operand.shape],
      ),
      outputs: Array.from(
        { length: outputs },
        (_, i) => [`o${i}`, opType.startsWith("Embed") && i === 1 ? 6 : 1, undefined] as const,
      ).map(([name, type]) => [name, type, []]),
    }),
    domain === "" ? 23 : 17,
    domain === "" ? [] : [domain],
  );
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const wanted = await session.run(
    Object.fromEntries(
      given.map(({ operand, name, i }) => [
        name,
        isWaves(operand)
          ? new RuntimeTensor("float32", wave(operand, i), operand)
          : operand.bool
            ? new RuntimeTensor("bool", Uint8Array.from(operand.values), operand.shape)
            : new RuntimeTensor("int32", Int32Array.from(operand.values), operand.shape),
      ]),
    ),
  );
  const model = importOnnx(bytes);
  const specs = given.map(({ operand, name }): readonly [string, TensorSpec] => [
    name,
    isWaves(operand)
      ? { dtype: "f32", shape: operand }
      : { dtype: operand.bool ? "bool" : "i64", shape: operand.shape },
  ]);
  const values = given.map(({ operand, name, i }) => [
    name,
    isWaves(operand)
      ? array(wave(operand, i), operand)
      : operand.bool
        ? { dtype: "bool" as const, shape: operand.shape, data: Uint8Array.from(operand.values) }
        : array(BigInt64Array.from(operand.values, BigInt), operand.shape),
  ]);
  await using program = await compile((inputs) => model.apply(inputs), Object.fromEntries(specs));
  const got = await program.run(Object.fromEntries(values));
  for (const name of model.outputs) {
    expect(got[name].shape).toEqual(wanted[name].dims);
    toNumbers(got[name]).forEach((value, i) => {
      expect(value).toBeCloseTo(Number(wanted[name].data[i]), 4);
    });
  }
});

test("a query may see past keys and its own, and no later one, in a model of any lengths", async () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [
          nodeBytes(
            "Attention",
            ["x", "w", "b", "", "past"],
            ["y", "present"],
            { num_heads: 2, unidirectional: 1 },
            "com.microsoft",
          ),
        ],
        inputs: [
          ["x", 1, ["batch", "length", 4]],
          ["w", 1, [4, 12]],
          ["b", 1, [12]],
          ["past", 1, [2, "batch", 2, "past", 2]],
        ],
        outputs: [["y", 1, ["batch", "length", 4]]],
      }),
      17,
      ["com.microsoft"],
    ),
  );
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await using program = await compile((inputs) => model.apply(inputs).y, specs);
  const inputs = { w: array(wave([4, 12], 1), [4, 12]), b: array(wave([12], 2), [12]) };
  const past = array(wave([2, 1, 2, 3, 2], 3), [2, 1, 2, 3, 2]);
  const all = wave([1, 4, 4], 4);
  const whole = await program.run({ ...inputs, past, x: array(all, [1, 4, 4]) });
  // Later tokens change nothing of the first two.
  const begin = await program.run({ ...inputs, past, x: array(all.slice(0, 8), [1, 2, 4]) });
  expect(toNumbers(begin)).toHaveLength(8);
  toNumbers(begin).forEach((value, i) => {
    expect(value).toBeCloseTo(toNumbers(whole)[i], 5);
  });
});
