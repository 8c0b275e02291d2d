import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { InputError } from "../errors.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { nodeMessage } from "./node-message.ts";
import { nameOf } from "./numeric-outputs.ts";
import { rewriteFields } from "./rewrite-fields.ts";

/** An element type of ONNX files whose values arrays of another type hold here: of 64 bits without sign, those below 2^63. */
interface NarrowType {
  readonly name: string;
  /** ONNX's number of the wider type. */
  readonly wider: number;
  readonly low: number;
  readonly high: number | bigint;
}

const [FLOAT, INT64] = [1, 7];
const narrowTypes: Readonly<Record<number, NarrowType>> = {
  2: { name: "uint8", wider: INT64, low: 0, high: 2 ** 8 - 1 },
  3: { name: "int8", wider: INT64, low: -(2 ** 7), high: 2 ** 7 - 1 },
  4: { name: "uint16", wider: INT64, low: 0, high: 2 ** 16 - 1 },
  5: { name: "int16", wider: INT64, low: -(2 ** 15), high: 2 ** 15 - 1 },
  6: { name: "int32", wider: INT64, low: -(2 ** 31), high: 2 ** 31 - 1 },
  10: { name: "float16", wider: FLOAT, low: -65504, high: 65504 },
  12: { name: "uint32", wider: INT64, low: 0, high: 2 ** 32 - 1 },
  13: { name: "uint64", wider: INT64, low: 0, high: 2n ** 63n - 1n },
  16: { name: "bfloat16", wider: FLOAT, low: -(2 - 2 ** -7) * 2 ** 127, high: (2 - 2 ** -7) * 2 ** 127 },
};

/** Whether arrays of a wider type hold the values of an ONNX element type. */
export function isNarrow(elementType: number): boolean {
  return elementType in narrowTypes;
}

/** ONNX's number of the element type of the arrays that hold values of a type here. */
export function widerType(elementType: number): number {
  return narrowTypes[elementType]?.wider ?? elementType;
}

/** An input or output of a model and its ONNX element type. */
export interface TypedName {
  readonly name: string;
  readonly elementType: number;
}

function castNode(input: string, output: string, to: number): Uint8Array {
  const attribute = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string("to")
    .tag(3, WireType.Varint)
    .int64(to)
    .tag(20, WireType.Varint)
    .int32(2)
    .finish();
  const node = nodeMessage("Cast", input, output, attribute);
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(node).finish();
}

/** The bytes of a ValueInfoProto under another name and with another element type. */
function retyped(value: Uint8Array, name: string, elementType: number): Uint8Array {
  // The last of repeated single fields counts, so that both are written behind what is there.
  const tensor = (bytes: Uint8Array) =>
    new BinaryWriter().raw(bytes).tag(1, WireType.Varint).int32(elementType).finish();
  const typed = rewriteFields(value, { 2: (type) => rewriteFields(type, { 1: tensor }) });
  return new BinaryWriter().raw(typed).tag(1, WireType.LengthDelimited).string(name).finish();
}

/**
 * The file of a model that takes and gives int64 for other integers, and float32 for float16 and bfloat16: each
 * such input and output is cast, and has another name at its place.
 */
export function widenedTypes(
  model: Uint8Array,
  inputs: readonly TypedName[],
  outputs: readonly TypedName[],
): Uint8Array {
  const [before, after] = [new BinaryWriter(), new BinaryWriter()];
  const widened = (values: readonly TypedName[], suffix: string) => {
    const types = new Map(values.map(({ name, elementType }) => [name, elementType]));
    return (value: Uint8Array) => {
      const name = nameOf(value);
      const elementType = types.get(name) ?? 0;
      if (!isNarrow(elementType)) return undefined;
      const [outside, wider] = [`${name}:${suffix}`, widerType(elementType)];
      if (values === inputs) before.raw(castNode(outside, name, elementType));
      else after.raw(castNode(name, outside, wider));
      return retyped(value, outside, wider);
    };
  };
  return rewriteFields(model, {
    7: (graph) => {
      const rest = rewriteFields(graph, { 11: widened(inputs, "taken"), 12: widened(outputs, "given") });
      return new BinaryWriter().raw(before.finish()).raw(rest).raw(after.finish()).finish();
    },
  });
}

/**
 * Values for an input of a narrow element type must be values of it; those of float16 and bfloat16 are rounded.
 *
 * @throws InputError naming the input, the value and its index
 */
export function checkFits(input: TypedName, { data }: ArrayValue): void {
  const type = narrowTypes[input.elementType];
  if (!type) return;
  const at = data.findIndex(
    (value: number | bigint) => Number.isFinite(Number(value)) && (value < type.low || value > type.high),
  );
  if (at >= 0)
    throw new InputError(
      `${input.name}: values of ${type.name} must be from ${type.low} to ${type.high}, got ${data[at]} at index ${at}`,
    );
}
