import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { readFields } from "../onnx/fields.ts";
import { nodeMessage } from "./node-message.ts";
import { readModel, zippedOutputs } from "./read-model.ts";
import { rewriteFields } from "./rewrite-fields.ts";

const TEXT = 8;
const FLOAT = 1;

/** A ValueInfoProto of float32 rows of a given length. */
function floatRows(name: string, columns: number): Uint8Array {
  const message = (field: number, content: Uint8Array) =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(content).finish();
  const shape = new BinaryWriter()
    .raw(message(1, new Uint8Array()))
    .raw(message(1, new BinaryWriter().tag(1, WireType.Varint).int64(columns).finish()))
    .finish();
  const tensor = new BinaryWriter().tag(1, WireType.Varint).int32(FLOAT).raw(message(2, shape)).finish();
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(name)
    .raw(message(2, message(1, tensor)))
    .finish();
}

/** The name of a ValueInfoProto. */
export function nameOf(value: Uint8Array): string {
  let name = "";
  readFields(value, {
    1: (reader) => {
      name = reader.string();
    },
  });
  return name;
}

/**
 * The file of a model whose outputs are arrays of numbers: where scikit-learn's converter has written a ZipMap, which
 * makes a map from labels to scores of each row, the scores are passed on, and outputs that are text are left out.
 *
 * @throws UnsupportedError when the bytes are not an ONNX model
 */
export function numericOutputs(model: Uint8Array): Uint8Array {
  const { graph } = readModel(model);
  const counts = zippedOutputs(graph.nodes);
  const texts = new Set(
    graph.outputs.flatMap(({ name, elementType }) => (elementType === TEXT ? [name] : [])),
  );
  const maps = new Map(
    graph.nodes.flatMap((one) =>
      one.opType === "ZipMap" && counts.has(one.outputs[0]) ? [[one.place, one] as const] : [],
    ),
  );
  let place = -1;
  const node = () => {
    place += 1;
    const map = maps.get(place);
    return map && nodeMessage("Identity", map.inputs[0], map.outputs[0]);
  };
  const output = (bytes: Uint8Array) => {
    const name = nameOf(bytes);
    const columns = counts.get(name);
    if (columns !== undefined) return floatRows(name, columns);
    return texts.has(name) ? null : undefined;
  };
  return rewriteFields(model, { 7: (bytes) => rewriteFields(bytes, { 1: node, 12: output }) });
}
