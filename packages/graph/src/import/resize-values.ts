import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { readFields } from "../onnx/fields.ts";
import { rewriteFields } from "./rewrite-fields.ts";

/** The size that one dimension of a value gets; the axis counts from the end, from -1. */
export interface Resized {
  readonly axis: number;
  readonly size: number;
}

/** A TensorShapeProto with one dimension of another size. */
function resizedShape(bytes: Uint8Array, { axis, size }: Resized): Uint8Array {
  let rank = 0;
  readFields(bytes, {
    1: (reader) => {
      reader.bytes();
      rank += 1;
    },
  });
  let at = -1;
  const dimension = new BinaryWriter().tag(1, WireType.Varint).int64(size).finish();
  return rewriteFields(bytes, {
    1: () => {
      at += 1;
      return at === rank + axis ? dimension : undefined;
    },
  });
}

/** The file of a model in which values by these names have one dimension of another size, where it tells their shapes. */
export function resizeValues(model: Uint8Array, values: ReadonlyMap<string, Resized>): Uint8Array {
  const rewriteValue = (bytes: Uint8Array) => {
    let name = "";
    readFields(bytes, {
      1: (reader) => {
        name = reader.string();
      },
    });
    const resized = values.get(name);
    const shape = (content: Uint8Array) => resized && resizedShape(content, resized);
    // ValueInfoProto.type, its tensor_type, and the shape of that.
    return (
      resized &&
      rewriteFields(bytes, { 2: (type) => rewriteFields(type, { 1: (t) => rewriteFields(t, { 2: shape }) }) })
    );
  };
  // Inputs, outputs and values between the nodes.
  const graph = (bytes: Uint8Array) =>
    rewriteFields(bytes, { 11: rewriteValue, 12: rewriteValue, 13: rewriteValue });
  return rewriteFields(model, { 7: graph });
}
