import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** Operator set 21 and IR version 10, which ONNX Runtime 1.18 and later support. */
export const OPSET = 21;
export const IR_VERSION = 10;

/** The messages of onnx.proto that programs use. Field numbers are from the ONNX IR specification. */
export interface ModelProto {
  irVersion: number;
  producerName: string;
  graph: GraphProto;
  opsetImport: { domain: string; version: number }[];
}

export interface GraphProto {
  name: string;
  nodes: NodeProto[];
  initializers: TensorProto[];
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
  /** Results of nodes whose shapes do not follow from the operators. */
  values?: readonly ValueInfoProto[];
}

export interface NodeProto {
  opType: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: AttributeProto[];
  /** The standard domain if absent. */
  domain?: string;
  /** Attributes as another file has them. */
  encoded?: readonly Uint8Array[];
}

export type AttributeProto = { name: string } & (
  | { int: number }
  | { float: number }
  | { text: string }
  | { ints: readonly number[] }
  | { graph: GraphProto }
);

export interface TensorProto {
  name: string;
  dimensions: readonly number[];
  dataType: number;
  raw: Uint8Array;
}

export interface ValueInfoProto {
  name: string;
  dataType: number;
  /** A number or a name. */
  dimensions: readonly (number | string)[];
}

type Write = (writer: BinaryWriter) => void;

const LENGTH_DELIMITED = 2;
const VARINT = 0;
const FIXED32 = 5;

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, LENGTH_DELIMITED).fork();
  write(writer);
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, LENGTH_DELIMITED).string(value);
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, VARINT).int64(value);
}

function packed(writer: BinaryWriter, field: number, values: readonly number[]): void {
  message(writer, field, (w) => {
    for (const value of values) w.int64(value);
  });
}

const attributeTypes = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

function writeAttribute(writer: BinaryWriter, attribute: AttributeProto): void {
  text(writer, 1, attribute.name);
  if ("float" in attribute) writer.tag(2, FIXED32).float(attribute.float);
  else if ("int" in attribute) integer(writer, 3, attribute.int);
  else if ("text" in attribute) text(writer, 4, attribute.text);
  else if ("graph" in attribute) message(writer, 6, (w) => writeGraph(w, attribute.graph));
  else packed(writer, 8, attribute.ints);
  const kind = (Object.keys(attributeTypes) as (keyof typeof attributeTypes)[]).find(
    (key) => key in attribute,
  )!;
  integer(writer, 20, attributeTypes[kind]);
}

function writeNode(writer: BinaryWriter, node: NodeProto): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  text(writer, 4, node.opType);
  for (const attribute of node.attributes) message(writer, 5, (w) => writeAttribute(w, attribute));
  for (const bytes of node.encoded ?? []) writer.tag(5, LENGTH_DELIMITED).bytes(bytes);
  if (node.domain) text(writer, 7, node.domain);
}

function writeTensor(writer: BinaryWriter, tensor: TensorProto): void {
  packed(writer, 1, tensor.dimensions);
  integer(writer, 2, tensor.dataType);
  text(writer, 8, tensor.name);
  writer.tag(9, LENGTH_DELIMITED).bytes(tensor.raw);
}

function writeValueInfo(writer: BinaryWriter, { name, dataType, dimensions }: ValueInfoProto): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      integer(tensor, 1, dataType);
      message(tensor, 2, (shape) => {
        for (const dimension of dimensions)
          message(shape, 1, (w) =>
            typeof dimension === "number" ? integer(w, 1, dimension) : text(w, 2, dimension),
          );
      });
    }),
  );
}

function writeGraph(writer: BinaryWriter, graph: GraphProto): void {
  for (const node of graph.nodes) message(writer, 1, (w) => writeNode(w, node));
  text(writer, 2, graph.name);
  for (const tensor of graph.initializers) message(writer, 5, (w) => writeTensor(w, tensor));
  for (const value of graph.inputs) message(writer, 11, (w) => writeValueInfo(w, value));
  for (const value of graph.outputs) message(writer, 12, (w) => writeValueInfo(w, value));
  for (const value of graph.values ?? []) message(writer, 13, (w) => writeValueInfo(w, value));
}

/** The bytes of an ONNX file. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  integer(writer, 1, model.irVersion);
  text(writer, 2, model.producerName);
  message(writer, 7, (w) => writeGraph(w, model.graph));
  for (const { domain, version } of model.opsetImport)
    message(writer, 8, (w) => {
      text(w, 1, domain);
      integer(w, 2, version);
    });
  return writer.finish();
}

/** The description in a model's file. */
export interface ModelDescription {
  /** A description for readers. */
  readonly text?: string;
  /** Key-value metadata for programs. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Adds a description to a model's file; the fields of a message may be in any order, so they are appended. */
export function describeModel(
  model: Uint8Array,
  { text: documentation, metadata = {} }: ModelDescription,
): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  if (documentation !== undefined) text(writer, 6, documentation);
  for (const [key, value] of Object.entries(metadata))
    message(writer, 14, (w) => {
      text(w, 1, key);
      text(w, 2, value);
    });
  const description = writer.finish();
  const described = new Uint8Array(model.length + description.length);
  described.set(model);
  described.set(description, model.length);
  return described;
}
