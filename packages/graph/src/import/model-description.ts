import type { StoredTensor } from "./read-tensor.ts";

/** An attribute of a node. `kind` is the field that holds the value. */
export interface Attribute {
  readonly name: string;
  readonly int?: number;
  readonly float?: number;
  readonly text?: string;
  readonly tensor?: StoredTensor;
  readonly graph?: GraphDescription;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly texts: readonly string[];
  /** The attribute of the enclosing function that this one stands for. */
  readonly reference?: string;
}

/** A node of a model's graph. An empty name among the inputs is an input left out. */
export interface NodeDescription {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** The attributes as the file has them. */
  readonly encoded: readonly Uint8Array[];
  /** Its place among the nodes of its graph in the file. */
  readonly place: number;
}

/** The type and shape of an input or output; a dimension is a number, a name, or undefined where the file is silent. */
export interface ValueDescription {
  readonly name: string;
  /** The element type's number in ONNX; 0 for sequences, maps and optional values. */
  readonly elementType: number;
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/** A graph, or the body of a control-flow node. */
export interface GraphDescription {
  /** Each after those whose results it reads. */
  readonly nodes: readonly NodeDescription[];
  /** With the parameters that the file holds in bodies or in Constant nodes. */
  readonly initializers: readonly StoredTensor[];
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  /** What the file tells about values in between. */
  readonly between: readonly ValueDescription[];
}

/** A function that the model defines for itself. */
export interface FunctionDescription {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly nodes: readonly NodeDescription[];
  readonly opsets: ReadonlyMap<string, number>;
}

/** A model's file. */
export interface ModelDescription {
  readonly irVersion: number;
  readonly producer: string;
  readonly graph: GraphDescription;
  /** Operator set versions by domain; the standard domain is "". */
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: readonly FunctionDescription[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** All names that a body and the bodies inside it read. */
export function* outerNames({ nodes, outputs }: GraphDescription): Generator<string> {
  for (const { name } of outputs) yield name;
  for (const node of nodes) yield* namesRead(node);
}

/** All names that a node reads, those of its bodies included. */
export function* namesRead({ inputs, attributes }: NodeDescription): Generator<string> {
  yield* inputs;
  for (const { graph } of attributes.values()) if (graph) yield* outerNames(graph);
}
