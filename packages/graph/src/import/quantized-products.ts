import type { GraphDescription, NodeDescription } from "./model-description.ts";
import { floats, type StoredTensor } from "./read-tensor.ts";

/** A linear layer with weights that a file stores as integers. */
export interface QuantizedProduct {
  /** Name of the tensor that stores the weights' integers. */
  readonly weights: string;
  /** Numbers from which one result is computed; of a convolution those of a window in the channels of its group. */
  readonly inputs: number;
  /** Results; of a convolution its filters in a group. */
  readonly outputs: number;
  /** The shapes of A and B in a change of a rank. */
  shapes(rank: number): { readonly a: readonly number[]; readonly b: readonly number[] };
}

/** Names of the scale and, where there is one, the zero point of a quantized tensor. */
export type Quantization = readonly string[];

/** A layer and where a change is added to it. */
export interface FoundProduct extends QuantizedProduct {
  /** The node whose first output is the layer's. */
  readonly node: NodeDescription;
  /** What the layer reads, and how it is quantized if it is. */
  readonly x: { readonly name: string; readonly quantization?: Quantization };
  /** How the output is quantized if it is. */
  readonly quantization?: Quantization;
  /** A convolution's attributes as the file has them, and its groups. */
  readonly kernel?: { readonly encoded: readonly Uint8Array[]; readonly groups: number };
  /** The ONNX element type of the change. */
  readonly elementType: number;
}

const FLOAT = 1;

const matrixShapes = (inputs: number, outputs: number) => (rank: number) => ({
  a: [inputs, rank],
  b: [rank, outputs],
});

/** The graph by names of values. */
interface Names {
  readonly makes: ReadonlyMap<string, NodeDescription>;
  readonly readers: ReadonlyMap<string, readonly NodeDescription[]>;
  readonly stored: ReadonlyMap<string, StoredTensor>;
}

type Layer = Pick<FoundProduct, "node" | "x" | "quantization">;

/** A product with a stored matrix [inputs, outputs], or its transpose. */
function matrix(
  layer: Layer,
  weights: StoredTensor | undefined,
  scale: StoredTensor | undefined,
  transposed = false,
): FoundProduct | undefined {
  if (weights?.shape.length !== 2 || floats.has(weights.elementType)) return undefined;
  const [inputs, outputs] = transposed ? weights.shape.toReversed() : weights.shape;
  const elementType = scale?.elementType ?? FLOAT;
  return {
    ...layer,
    weights: weights.name,
    inputs,
    outputs,
    elementType,
    shapes: matrixShapes(inputs, outputs),
  };
}

/**
 * A convolution with a stored kernel [filters, channels of a group, ...sizes]. A filter of its own for each channel is left
 * as it is: a matrix with one row has no change of lower rank.
 */
function convolution(
  layer: Layer,
  weights: StoredTensor | undefined,
  scale: StoredTensor | undefined,
  { attributes, encoded }: NodeDescription,
): FoundProduct | undefined {
  if (!weights || weights.shape.length < 3 || floats.has(weights.elementType)) return undefined;
  const [filters, channels, ...sizes] = weights.shape;
  const groups = attributes.get("group")?.int ?? 1;
  const outputs = filters / groups;
  if (!Number.isInteger(outputs) || outputs < 2) return undefined;
  return {
    ...layer,
    weights: weights.name,
    inputs: sizes.reduce((product, size) => product * size, channels),
    outputs,
    elementType: scale?.elementType ?? FLOAT,
    kernel: { encoded, groups },
    shapes: (rank) => ({
      a: [groups * rank, channels, ...sizes],
      b: [filters, rank, ...sizes.map(() => 1)],
    }),
  };
}

/** The integers and the scale behind a value that DequantizeLinear makes of stored ones. */
function behind(name: string, { makes, stored }: Names) {
  const node = makes.get(name);
  if (node?.opType !== "DequantizeLinear") return [];
  return node.inputs.slice(0, 2).map((one) => stored.get(one));
}

/** The only node that reads a value. */
function onlyReader(name: string, { readers }: Names): NodeDescription | undefined {
  const all = readers.get(name) ?? [];
  return all.length === 1 ? all[0] : undefined;
}

/**
 * The layer of a MatMulInteger or ConvInteger as ONNX Runtime's dynamic quantization writes it: of what
 * DynamicQuantizeLinear reads, to the product with the scales after a Cast.
 */
function dynamicLayer(node: NodeDescription, names: Names): Layer | undefined {
  const quantize = names.makes.get(node.inputs[0]);
  const cast = onlyReader(node.outputs[0], names);
  const scaled = cast?.opType === "Cast" ? onlyReader(cast.outputs[0], names) : undefined;
  if (quantize?.opType !== "DynamicQuantizeLinear" || scaled?.opType !== "Mul") return undefined;
  return { node: scaled, x: { name: quantize.inputs[0] } };
}

/** The layer of a node, if its weights are stored integers. */
function layerOf(node: NodeDescription, names: Names): FoundProduct | undefined {
  const { opType, domain, inputs, attributes } = node;
  const { stored } = names;
  const flag = (name: string) => attributes.get(name)?.int ?? 0;
  const plain: Layer = { node, x: { name: inputs[0] } };
  const quantized = (from: number): Layer => ({
    node,
    x: { name: inputs[0], quantization: inputs.slice(1, 3) },
    quantization: inputs.slice(from, from + 2),
  });
  switch (opType) {
    case "MatMulNBits": {
      const scale = stored.get(inputs[2]);
      if (!stored.has(inputs[1]) || !scale) return undefined;
      const [K, N] = [flag("K"), flag("N")];
      const { elementType } = scale;
      return {
        ...plain,
        weights: inputs[1],
        inputs: K,
        outputs: N,
        elementType,
        shapes: matrixShapes(K, N),
      };
    }
    case "MatMul":
    case "Gemm": {
      const [integers, scale] = behind(inputs[1], names);
      if (!scale || (opType === "Gemm" && flag("transA") !== 0)) return undefined;
      return matrix(plain, integers, scale, flag("transB") === 1);
    }
    case "Conv": {
      const [integers, scale] = behind(inputs[1], names);
      return scale && convolution(plain, integers, scale, node);
    }
    case "QLinearMatMul":
      return matrix(quantized(6), stored.get(inputs[3]), stored.get(inputs[4]));
    case "QLinearConv":
      if (domain !== "") return undefined;
      return convolution(quantized(6), stored.get(inputs[3]), stored.get(inputs[4]), node);
    case "MatMulInteger":
    case "ConvInteger": {
      const layer = dynamicLayer(node, names);
      if (!layer) return undefined;
      const weights = stored.get(inputs[1]);
      return opType === "MatMulInteger"
        ? matrix(layer, weights, undefined)
        : convolution(layer, weights, undefined, node);
    }
    case "DynamicQuantizeMatMul":
      return matrix(plain, stored.get(inputs[1]), stored.get(inputs[2]));
    case "MatMulIntegerToFloat": {
      const x = { name: inputs[0], quantization: [inputs[2], inputs[4] ?? ""] };
      return matrix({ node, x }, stored.get(inputs[1]), stored.get(inputs[3]));
    }
    default:
      return undefined;
  }
}

/** The layers of a graph whose weights are stored integers. */
export function quantizedProducts({ nodes, initializers }: GraphDescription): FoundProduct[] {
  const readers = new Map<string, NodeDescription[]>();
  for (const node of nodes)
    for (const name of node.inputs) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  const names: Names = {
    makes: new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const))),
    readers,
    stored: new Map(initializers.map((tensor) => [tensor.name, tensor])),
  };
  return nodes.flatMap((node) => layerOf(node, names) ?? []);
}
