import { checkModelBytes } from "../check.ts";
import type { Dimension } from "../shape.ts";
import {
  type Attribute,
  type NodeDescription,
  outerNames,
  type ValueDescription,
} from "./model-description.ts";
import { readModel } from "./read-model.ts";
import { floats, type StoredTensor } from "./read-tensor.ts";
import { operatorName, unsupportedNodes } from "./supported-operators.ts";

/** A node of an ONNX file. */
export interface OnnxNode {
  /** Its name in the file, else that of its first output. */
  readonly name: string;
  /** Its operator, with the domain unless that is the standard one. */
  readonly operator: string;
  /** Names of the values that it reads, in bodies of its loops and branches too; those left out are not among them. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that are numbers, lists of numbers, or text. */
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
  /** The number of nodes in the bodies of a loop or of branches. */
  readonly innerNodes: number;
  /** Whether `importOnnx` supports it and what its bodies hold. */
  readonly supported: boolean;
}

/** A tensor that an ONNX file stores. */
export interface StoredOnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether its elements are floating-point numbers, as those of parameters are. */
  readonly floating: boolean;
}

/** An input or output of an ONNX file; the shape is absent where the file does not tell it, "?" an unknown dimension. */
export interface OnnxValue {
  readonly name: string;
  readonly shape?: readonly Dimension[];
  /** Whether its elements are floating-point numbers. */
  readonly floating: boolean;
}

/** What an ONNX file holds, as it stands there. */
export interface OnnxGraph {
  /** In the order of the file, in which every value is computed before it is used. */
  readonly nodes: readonly OnnxNode[];
  readonly stored: readonly StoredOnnxTensor[];
  /** Without the stored tensors that old files list among their inputs. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

function shownAttribute({ int, float, text, ints, floats }: Attribute) {
  if (ints.length > 0) return ints;
  if (floats.length > 0) return floats;
  return text ?? int ?? float;
}

function* innerNodesOf({ attributes }: NodeDescription): Generator<NodeDescription> {
  for (const { graph } of attributes.values())
    for (const node of graph?.nodes ?? []) {
      yield node;
      yield* innerNodesOf(node);
    }
}

function onnxNode(node: NodeDescription, unsupported: ReadonlySet<NodeDescription>): OnnxNode {
  const inner = [...innerNodesOf(node)];
  const names = new Set(node.inputs);
  for (const { graph } of node.attributes.values())
    if (graph) for (const name of outerNames(graph)) names.add(name);
  for (const { outputs } of inner) for (const name of outputs) names.delete(name);
  names.delete("");
  const attributes: Record<string, number | string | readonly number[]> = {};
  for (const [name, attribute] of node.attributes) {
    const value = shownAttribute(attribute);
    if (value !== undefined)
      Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true });
  }
  return {
    name: node.name || node.outputs[0] || "unnamed",
    operator: operatorName(node),
    inputs: [...names],
    outputs: node.outputs.filter((name) => name !== ""),
    attributes,
    innerNodes: inner.length,
    supported: !unsupported.has(node) && !inner.some((one) => unsupported.has(one)),
  };
}

const onnxValue = ({ name, shape, elementType }: ValueDescription): OnnxValue => ({
  name,
  floating: floats.has(elementType),
  ...(shape && { shape: shape.map((dimension) => dimension ?? "?") }),
});

const storedTensor = ({ name, shape, elementType }: StoredTensor): StoredOnnxTensor => ({
  name,
  shape,
  floating: floats.has(elementType),
});

/**
 * The nodes, stored tensors, inputs and outputs of an ONNX file, to draw or list them: also of a file with operators
 * that `importOnnx` does not support. No tensor is decoded.
 *
 * @param model the bytes of an ONNX file
 * @throws InputError for a model that is not a Uint8Array
 * @throws UnsupportedError when the bytes are not an ONNX model
 */
export function onnxGraph(model: Uint8Array): OnnxGraph {
  checkModelBytes("onnxGraph", model);
  const description = readModel(model);
  const { nodes, initializers, inputs, outputs } = description.graph;
  const unsupported = unsupportedNodes(description);
  const stored = new Set(initializers.map(({ name }) => name));
  return {
    nodes: nodes.map((node) => onnxNode(node, unsupported)),
    stored: initializers.map(storedTensor),
    inputs: inputs.filter(({ name }) => !stored.has(name)).map(onnxValue),
    outputs: outputs.map(onnxValue),
  };
}
