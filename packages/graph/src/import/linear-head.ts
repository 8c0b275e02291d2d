import { checkOptions, shown } from "../check.ts";
import { ShapeError, UnsupportedError } from "../errors.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { GraphDescription, NodeDescription } from "./model-description.ts";
import { defaultOutput } from "./model-values.ts";
import { readModel } from "./read-model.ts";
import type { ExternalData, StoredTensor } from "./read-tensor.ts";
import { writeParameters } from "./replace-parameters.ts";
import { type Resized, resizeValues } from "./resize-values.ts";

/** The linear layer from which a model's output comes. */
export interface LinearHead {
  /** Name of the weights in the file. */
  readonly weights: string;
  /** Name of the bias; undefined where there is none. */
  readonly bias: string | undefined;
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the weights are stored as [outputs, inputs] rather than [inputs, outputs]. */
  readonly transposed: boolean;
  /** Names of the values whose last dimension is the number of outputs. */
  readonly values: readonly string[];
}

/** What may come after the layer without changing the number of outputs. */
const AFTERWARDS = new Set(["Identity", "Cast", "Softmax", "LogSoftmax", "Sigmoid"]);

/** What the search looks up in a graph. */
interface Graph {
  readonly makes: ReadonlyMap<string, NodeDescription>;
  readonly stored: ReadonlyMap<string, StoredTensor>;
  /** How many nodes read a value. */
  readonly uses: ReadonlyMap<string, number>;
}

function indexOf({ nodes, initializers }: GraphDescription): Graph {
  const uses = new Map<string, number>();
  for (const { inputs } of nodes) for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  return {
    makes: new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const))),
    stored: new Map(initializers.map((tensor) => [tensor.name, tensor])),
    uses,
  };
}

/** A layer, and the values inside it whose last dimension is the number of outputs. */
interface Layer extends Pick<LinearHead, "weights" | "bias" | "transposed"> {
  readonly inner: readonly string[];
}

/** The stored matrix with which a MatMul multiplies, as it is or transposed by a node, as PyTorch writes sequences. */
function factorOf(name: string, { makes, stored }: Graph): Omit<Layer, "bias"> | undefined {
  const isMatrix = (one: string) => stored.get(one)?.shape.length === 2;
  if (isMatrix(name)) return { weights: name, transposed: false, inner: [] };
  const node = makes.get(name);
  if (node?.opType !== "Transpose" || !isMatrix(node.inputs[0])) return undefined;
  const [first = 1] = node.attributes.get("perm")?.ints ?? [];
  return first === 1 ? { weights: node.inputs[0], transposed: true, inner: [name] } : undefined;
}

/** The layer of a Gemm, a MatMul, or a MatMul and the Add of a bias; undefined for any other node. */
function layerOf(node: NodeDescription, graph: Graph): Layer | undefined {
  const { opType, inputs, attributes } = node;
  const { makes, stored } = graph;
  const matrix = (name: string | undefined) => name !== undefined && stored.get(name)?.shape.length === 2;
  // scikit-learn's converter stores biases as rows.
  const vector = (name: string) => {
    const shape = stored.get(name)?.shape;
    return shape?.length === 1 || (shape?.length === 2 && shape[0] === 1);
  };
  if (opType === "Gemm") {
    const [, weights, bias] = inputs;
    const plain = !attributes.get("transA")?.int && matrix(weights) && (!bias || vector(bias));
    return plain
      ? { weights, bias: bias || undefined, transposed: attributes.get("transB")?.int === 1, inner: [] }
      : undefined;
  }
  if (opType === "MatMul") {
    const factor = factorOf(inputs[1], graph);
    return factor && { ...factor, bias: undefined };
  }
  if (opType !== "Add") return undefined;
  const [inner, bias] = vector(inputs[0]) ? [inputs[1], inputs[0]] : inputs;
  const product = makes.get(inner);
  const factor = product?.opType === "MatMul" ? factorOf(product.inputs[1], graph) : undefined;
  if (!vector(bias) || !factor) return undefined;
  return { ...factor, bias, inner: [inner, ...factor.inner] };
}

/**
 * The linear layer whose result is a model's output, as it is or through Softmax, LogSoftmax, Sigmoid, Identity or Cast:
 * a Gemm, or a MatMul with or without the Add of a bias.
 *
 * @param output name of the output, by default the first of floating-point numbers
 * @throws UnsupportedError when the output comes from another operator, when the layer's tensors are not stored in the
 *   file or are used elsewhere too, or when the bytes are not an ONNX model
 */
export function linearHead(model: Uint8Array, output?: string): LinearHead {
  const description = readModel(model);
  const { graph } = description;
  const names = graph.outputs.map(({ name }) => name);
  const wanted = output ?? defaultOutput(description);
  if (!names.includes(wanted))
    throw new UnsupportedError(
      `linearHead: the model has no output ${shown(wanted)}; it has ${names.join(", ")}`,
    );
  const index = indexOf(graph);
  const values = [wanted];
  let node = index.makes.get(wanted);
  while (node && AFTERWARDS.has(node.opType)) {
    values.push(node.inputs[0]);
    node = index.makes.get(node.inputs[0]);
  }
  const layer = node && layerOf(node, index);
  if (!node || !layer)
    throw new UnsupportedError(
      `linearHead: output ${wanted} must come from a Gemm or MatMul whose weights are stored in the file, it comes from ${node ? `${node.opType} (${node.name || node.outputs[0]})` : "no node"}`,
    );
  const { inner, ...own } = layer;
  values.push(...inner);
  for (const name of [own.weights, own.bias, ...inner])
    if (name !== undefined && (index.uses.get(name) ?? 0) > 1)
      throw new UnsupportedError(`linearHead: ${name} of the last layer is used by other nodes too`);
  const { shape } = index.stored.get(own.weights)!;
  const [inputs, outputs] = own.transposed ? [shape[1], shape[0]] : shape;
  return { ...own, inputs, outputs, values };
}

/**
 * The file of a model with another last layer, such as one for another number of classes; the rest keeps its bytes.
 *
 * @param head of `linearHead`
 * @param layer.weights [inputs, outputs], whatever the file's order
 * @param layer.bias [outputs]; unused where the layer has none
 * @param options.external as for `replaceParameters`
 * @throws ShapeError when the weights or the bias have other shapes
 */
export function replaceHead(
  model: Uint8Array,
  head: LinearHead,
  layer: { readonly weights: ArrayValue; readonly bias: ArrayValue },
  options: { readonly external?: ExternalData } = {},
): Uint8Array {
  checkOptions("replaceHead", options, ["external"]);
  const { inputs, transposed } = head;
  const outputs = layer.bias.shape[0];
  if (!sameShape(layer.weights.shape, [inputs, outputs]) || layer.bias.shape.length !== 1)
    throw new ShapeError(
      `replaceHead: expected weights [${inputs}, outputs] and bias [outputs], got ${formatShape(layer.weights.shape)} and ${formatShape(layer.bias.shape)}`,
    );
  const arrays = new Map([[head.weights, transposed ? transposedMatrix(layer.weights) : layer.weights]]);
  // Old files list what is stored among the inputs, too.
  const sizes = new Map<string, Resized>([[head.weights, { axis: transposed ? -2 : -1, size: outputs }]]);
  for (const name of head.values) sizes.set(name, { axis: -1, size: outputs });
  if (head.bias !== undefined) {
    const stored = readModel(model).graph.initializers.find(({ name }) => name === head.bias);
    const row = stored?.shape.length === 2;
    arrays.set(head.bias, row ? { ...layer.bias, shape: [1, outputs] } : layer.bias);
    sizes.set(head.bias, { axis: -1, size: outputs });
  }
  const written = writeParameters(model, Object.fromEntries(arrays), options.external ?? {});
  return resizeValues(written, sizes);
}

function transposedMatrix({ dtype, shape: [rows, columns], data }: ArrayValue): ArrayValue {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = Number(data[i * columns + j]);
  return { dtype, shape: [columns, rows], data: dtype === "f32" ? Float32Array.from(result) : result };
}
