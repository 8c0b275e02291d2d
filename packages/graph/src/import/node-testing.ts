import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { importOnnx } from "./import-onnx.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const;
type ElementType = keyof typeof elementTypes;

/** An input of a node: fed at each run, or stored in the file; null leaves one out. */
export interface Operand {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly stored: boolean;
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const operand =
  (stored: boolean) =>
  (
    type: ElementType,
    shape: readonly number[],
    value: readonly number[] | ((i: number) => number),
  ): Operand => ({
    type,
    shape,
    values: typeof value === "function" ? Array.from({ length: size(shape) }, (_, i) => value(i)) : value,
    stored,
  });
/** An operand that is fed. */
export const fed = operand(false);
/** An operand that the file stores. */
export const stored = operand(true);

/** Numbers between -1 and 1 that repeat late. */
export const wave =
  (k: number, scale = 1) =>
  (i: number) =>
    scale * Math.sin(1.3 * i + k);
/** Integers from `low` to `high` that repeat late. */
export const steps = (k: number, low: number, high: number) => (i: number) =>
  low + (((i + k) * 7919 + ((i * i) % 101) * 31) % (high - low + 1));

function typedData({ type, values }: Operand) {
  switch (type) {
    case "float32":
      return Float32Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from(values, BigInt);
    default:
      return Uint8Array.from(values);
  }
}

const arrayOf = ({ type, shape, values }: Operand): ArrayValue => {
  if (type === "float32") return array(Float32Array.from(values), shape);
  if (type === "bool") return { dtype: "bool", shape, data: Uint8Array.from(values) };
  return array(BigInt64Array.from(values, BigInt), shape);
};

/** A node under test. */
export interface NodeUnderTest {
  readonly opType: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** By place: null leaves an input out. */
  readonly inputs: readonly (Operand | null)[];
  /** The element types of the outputs, by place. */
  readonly outputs?: readonly ElementType[];
  /** How many outputs are compared; all by default. */
  readonly compared?: number;
  readonly opset?: number;
}

/** The file of one node: inputs i0, i1, ..., outputs o0, o1, ... */
export function fileOf(node: NodeUnderTest): Uint8Array {
  const {
    opType,
    domain = "com.microsoft",
    attributes = {},
    inputs,
    outputs = ["float32"],
    opset = 21,
  } = node;
  const given = inputs.flatMap((one, i) => (one ? [{ one, name: `i${i}` }] : []));
  return modelBytes(
    graphBytes({
      nodes: [
        nodeBytes(
          opType,
          inputs.map((one, i) => (one ? `i${i}` : "")),
          outputs.map((_, i) => `o${i}`),
          attributes,
          domain,
        ),
      ],
      initializers: given
        .filter(({ one }) => one.stored)
        .map(({ one, name }) => tensorBytes(name, elementTypes[one.type], one.shape, typedData(one))),
      inputs: given
        .filter(({ one }) => !one.stored)
        .map(({ one, name }) => [name, elementTypes[one.type], one.shape]),
      outputs: outputs.map((type, i) => [`o${i}`, elementTypes[type], []]),
    }),
    opset,
    domain === "" ? [] : [domain],
  );
}

/** The operands of a node that are fed, by name, as arrays. */
export function arraysOf({ inputs }: NodeUnderTest): Record<string, ArrayValue> {
  return Object.fromEntries(
    inputs.flatMap((one, i) => (one && !one.stored ? [[`i${i}`, arrayOf(one)] as const] : [])),
  );
}

/**
 * Compares the outputs of a node, imported, with those of ONNX Runtime's own kernel.
 *
 * @param within the largest difference, in units of the outputs
 */
export async function expectAgreement(node: NodeUnderTest, within = 1e-5): Promise<void> {
  const bytes = fileOf(node);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const feeds = Object.fromEntries(
    node.inputs.flatMap((one, i) =>
      one && !one.stored ? [[`i${i}`, new RuntimeTensor(one.type, typedData(one), one.shape)]] : [],
    ),
  );
  const wanted = await session.run(feeds);
  await session.release();
  const model = importOnnx(bytes);
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await using program = await compile((inputs) => model.apply(inputs), specs);
  const got = await program.run(arraysOf(node));
  for (const name of model.outputs.slice(0, node.compared)) {
    expect(got[name].shape).toEqual(wanted[name].dims);
    const values = Array.from(wanted[name].data, Number);
    const worst = toNumbers(got[name]).reduce((most, v, i) => Math.max(most, Math.abs(v - values[i])), 0);
    expect(
      worst,
      `${name}: ${values.slice(0, 8)} for ${toNumbers(got[name]).slice(0, 8)}`,
    ).toBeLessThanOrEqual(within);
  }
}
