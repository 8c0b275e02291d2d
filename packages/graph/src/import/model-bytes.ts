// ONNX files written by hand, for tests of the importer.
import { BinaryWriter } from "@bufbuild/protobuf/wire";

const bytesField = (w: BinaryWriter, field: number, bytes: Uint8Array) => w.tag(field, 2).bytes(bytes);
const text = (w: BinaryWriter, field: number, value: string) => w.tag(field, 2).string(value);
const integer = (w: BinaryWriter, field: number, value: number) => w.tag(field, 0).int64(value);

type Dimensions = readonly (number | string | undefined)[];
/** A name, an ONNX element type and a shape; the element type 0 is a list of maps from integers to float32. */
export type ValueSpec = readonly [name: string, elementType: number, shape: Dimensions];

export function tensorBytes(
  name: string,
  elementType: number,
  shape: readonly number[],
  data?: ArrayBufferView<ArrayBuffer>,
  external?: Readonly<Record<string, string | number>>,
): Uint8Array {
  const w = new BinaryWriter();
  for (const d of shape) integer(w, 1, d);
  integer(w, 2, elementType);
  text(w, 8, name);
  if (data) bytesField(w, 9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  for (const [key, value] of Object.entries(external ?? {})) {
    const pair = new BinaryWriter();
    text(pair, 1, key);
    text(pair, 2, String(value));
    bytesField(w, 13, pair.finish());
  }
  if (external) integer(w, 14, 1);
  return w.finish();
}

/** An integer, integers, a float, floats, texts, a text, a graph as bytes, or a tensor as bytes. */
export type AttributeValue =
  | number
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly texts: readonly string[] }
  | string
  | Uint8Array
  | { readonly tensor: Uint8Array };

function attributeBytes(name: string, value: AttributeValue): Uint8Array {
  const w = new BinaryWriter();
  text(w, 1, name);
  const kind = (type: number) => integer(w, 20, type);
  if (typeof value === "number") {
    integer(w, 3, value);
    kind(2);
  } else if (typeof value === "string") {
    text(w, 4, value);
    kind(3);
  } else if (value instanceof Uint8Array) {
    bytesField(w, 6, value);
    kind(5);
  } else if ("tensor" in value) {
    bytesField(w, 5, value.tensor);
    kind(4);
  } else if ("float" in value) {
    w.tag(2, 5).float(value.float);
    kind(1);
  } else if ("floats" in value) {
    for (const each of value.floats) w.tag(7, 5).float(each);
    kind(6);
  } else if ("texts" in value) {
    for (const each of value.texts) text(w, 9, each);
    kind(8);
  } else {
    for (const each of value) integer(w, 8, each);
    kind(7);
  }
  return w.finish();
}

/** A node of an operator. */
export function nodeBytes(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain = "",
): Uint8Array {
  const w = new BinaryWriter();
  for (const name of inputs) text(w, 1, name);
  for (const name of outputs) text(w, 2, name);
  text(w, 4, opType);
  for (const [name, value] of Object.entries(attributes)) bytesField(w, 5, attributeBytes(name, value));
  text(w, 7, domain);
  return w.finish();
}

/** A TypeProto.Sequence of maps from int64 to float32. */
function mapsBytes(): Uint8Array {
  const nested = (field: number, content: Uint8Array) => {
    const w = new BinaryWriter();
    bytesField(w, field, content);
    return w.finish();
  };
  const float = new BinaryWriter();
  integer(float, 1, 1);
  const map = new BinaryWriter();
  integer(map, 1, 7);
  bytesField(map, 2, nested(1, float.finish()));
  return nested(1, nested(5, map.finish()));
}

function valueBytes([name, elementType, shape]: ValueSpec): Uint8Array {
  const dimensions = new BinaryWriter();
  for (const d of shape) {
    const one = new BinaryWriter();
    if (typeof d === "number") integer(one, 1, d);
    else if (d !== undefined) text(one, 2, d);
    bytesField(dimensions, 1, one.finish());
  }
  const tensor = new BinaryWriter();
  integer(tensor, 1, elementType);
  bytesField(tensor, 2, dimensions.finish());
  const type = new BinaryWriter();
  if (elementType === 0) bytesField(type, 4, mapsBytes());
  else bytesField(type, 1, tensor.finish());
  const w = new BinaryWriter();
  text(w, 1, name);
  bytesField(w, 2, type.finish());
  return w.finish();
}

export interface GraphParts {
  readonly nodes: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
}

export function graphBytes({ nodes, initializers = [], inputs, outputs }: GraphParts): Uint8Array {
  const w = new BinaryWriter();
  for (const node of nodes) bytesField(w, 1, node);
  for (const tensor of initializers) bytesField(w, 5, tensor);
  for (const value of inputs) bytesField(w, 11, valueBytes(value));
  for (const value of outputs) bytesField(w, 12, valueBytes(value));
  return w.finish();
}

/** A function of the model in the domain "own", from x to y. */
export function functionBytes(name: string, nodes: readonly Uint8Array[]): Uint8Array {
  const w = new BinaryWriter();
  text(w, 1, name);
  text(w, 4, "x");
  text(w, 5, "y");
  for (const node of nodes) bytesField(w, 7, node);
  text(w, 10, "own");
  return w.finish();
}

/** A model of one graph, by default of operator set 21; other domains have version 1. */
export function modelBytes(
  graph: Uint8Array,
  opset = 21,
  domains: readonly string[] = [],
  functions: readonly Uint8Array[] = [],
  producer = "",
): Uint8Array {
  const w = new BinaryWriter();
  integer(w, 1, 10);
  if (producer !== "") text(w, 2, producer);
  bytesField(w, 7, graph);
  for (const [domain, version] of [["", opset] as const, ...domains.map((name) => [name, 1] as const)]) {
    const set = new BinaryWriter();
    text(set, 1, domain);
    integer(set, 2, version);
    bytesField(w, 8, set.finish());
  }
  for (const each of functions) bytesField(w, 25, each);
  return w.finish();
}
