import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/**
 * The bytes of a node with one input and one output.
 *
 * @param attribute the bytes of its one attribute, where it has one
 */
export function nodeMessage(
  opType: string,
  input: string,
  output: string,
  attribute?: Uint8Array,
): Uint8Array {
  const node = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(input)
    .tag(2, WireType.LengthDelimited)
    .string(output)
    .tag(4, WireType.LengthDelimited)
    .string(opType);
  if (attribute) node.tag(5, WireType.LengthDelimited).bytes(attribute);
  return node.finish();
}
