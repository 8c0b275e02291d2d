import type { GraphDescription, NodeDescription } from "./model-description.ts";
import { floats, type StoredTensor } from "./read-tensor.ts";

/** Inputs of operators that are parameters of layers, by operator. */
const weights: Readonly<Record<string, readonly number[]>> = {
  Add: [0, 1],
  BatchNormalization: [1, 2, 3, 4],
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  DeformConv: [1, 3],
  GRU: [1, 2, 3],
  Gather: [0],
  Gemm: [0, 1, 2],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LSTM: [1, 2, 3, 7],
  LayerNormalization: [1, 2],
  MatMul: [0, 1],
  Mul: [0, 1],
  PRelu: [1],
  RMSNormalization: [1],
  RNN: [1, 2, 3],
};

const bodiesOf = ({ attributes }: NodeDescription) =>
  [...attributes.values()].flatMap(({ graph }) => graph ?? []);

/** How often each name is defined in a graph and its bodies, and the names that are parameters of layers by their use. */
function survey(graph: GraphDescription, defined: Map<string, number>, layers: Set<string>): void {
  const define = (name: string) => defined.set(name, (defined.get(name) ?? 0) + 1);
  for (const { name } of [...graph.inputs, ...graph.initializers]) define(name);
  for (const node of graph.nodes) {
    for (const name of node.outputs) define(name);
    const known = node.domain === "" && Object.hasOwn(weights, node.opType);
    for (const index of known ? weights[node.opType] : [])
      if (node.inputs[index]) layers.add(node.inputs[index]);
    for (const body of bodiesOf(node)) survey(body, defined, layers);
  }
}

const isArray = ({ elementType, shape }: StoredTensor) => floats.has(elementType) && shape.length > 0;

/** The tensor of a Constant node, under the name of the node's output. */
function constantOf({ opType, domain, attributes, outputs }: NodeDescription): StoredTensor | undefined {
  const tensor = opType === "Constant" && domain === "" ? attributes.get("value")?.tensor : undefined;
  return tensor && { ...tensor, name: outputs[0] };
}

/**
 * A graph in which parameters that the file holds elsewhere are initializers: floating-point arrays that bodies of loops
 * and branches store, and, in a file without floating-point initializers, those of Constant nodes that layers read.
 * PaddlePaddle's and spox's converters write weights so.
 */
export function hoisted(graph: GraphDescription): GraphDescription {
  const defined = new Map<string, number>();
  const layers = new Set<string>();
  survey(graph, defined, layers);
  const inNodes = !graph.initializers.some(isArray);
  const found: StoredTensor[] = [];
  const taken = (tensor: StoredTensor | undefined, here: boolean) => {
    if (!tensor || !here || !isArray(tensor) || defined.get(tensor.name) !== 1) return false;
    found.push(tensor);
    return true;
  };
  const cleared = (one: GraphDescription, inner: boolean): GraphDescription => {
    const results = new Set(one.outputs.map(({ name }) => name));
    return {
      ...one,
      initializers: one.initializers.filter((tensor) => !taken(tensor, inner && !results.has(tensor.name))),
      nodes: one.nodes.flatMap((node) => {
        const tensor = constantOf(node);
        if (taken(tensor, inNodes && layers.has(node.outputs[0]) && !results.has(node.outputs[0]))) return [];
        if (bodiesOf(node).length === 0) return [node];
        const attributes = [...node.attributes].map(
          ([name, one]) => [name, one.graph ? { ...one, graph: cleared(one.graph, true) } : one] as const,
        );
        return [{ ...node, attributes: new Map(attributes) }];
      }),
    };
  };
  const rest = cleared(graph, false);
  return { ...rest, initializers: [...rest.initializers, ...found] };
}
