import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ShapeError, UnsupportedError } from "../errors.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { GraphDescription, NodeDescription } from "./model-description.ts";
import { readModel } from "./read-model.ts";
import { floats, type StoredTensor } from "./read-tensor.ts";
import { bytesField, type Pieces, rewriteFields, rewritePieces } from "./rewrite-fields.ts";
import { tensorProto } from "./write-tensor.ts";

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const NODE_OUTPUT = 2;

/** A product x W with weights that a file stores as integers. */
export interface QuantizedProduct {
  /** Name of the tensor that stores the weights' integers. */
  readonly weights: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** A low-rank change of the weights of a product, x W + (x A) B, at its first values. */
export interface LowRankBranch {
  /** A [inputs, rank] */
  readonly a: ArrayValue;
  /** B [rank, outputs] */
  readonly b: ArrayValue;
}

/** A product, its node, and the element type of its numbers. */
interface Found extends QuantizedProduct {
  readonly node: NodeDescription;
  readonly elementType: number;
}

/** The stored integers behind the factor of a MatMul or Gemm, and their scale. */
function integersOf(
  name: string,
  makes: ReadonlyMap<string, NodeDescription>,
  stored: ReadonlyMap<string, StoredTensor>,
): { readonly integers: StoredTensor; readonly scale: StoredTensor } | undefined {
  const node = makes.get(name);
  if (node?.opType !== "DequantizeLinear") return undefined;
  const [integers, scale] = node.inputs.map((one) => stored.get(one));
  return integers?.shape.length === 2 && !floats.has(integers.elementType) && scale
    ? { integers, scale }
    : undefined;
}

/** The products with quantized weights of a graph: MatMulNBits, and MatMul and Gemm behind DequantizeLinear. */
function* productsOf({ nodes, initializers }: GraphDescription): Generator<Found> {
  const makes = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const stored = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  for (const node of nodes) {
    const { opType, inputs, attributes } = node;
    const flag = (name: string) => attributes.get(name)?.int ?? 0;
    if (opType === "MatMulNBits") {
      const scale = stored.get(inputs[2]);
      if (!stored.has(inputs[1]) || !scale) continue;
      const { elementType } = scale;
      yield { node, weights: inputs[1], inputs: flag("K"), outputs: flag("N"), elementType };
    } else if (opType === "MatMul" || (opType === "Gemm" && flag("transA") === 0)) {
      const found = integersOf(inputs[1], makes, stored);
      if (!found) continue;
      const { integers, scale } = found;
      const [rows, columns] = flag("transB") === 1 ? integers.shape.toReversed() : integers.shape;
      const { elementType } = scale;
      yield { node, weights: integers.name, inputs: rows, outputs: columns, elementType };
    }
  }
}

function encodedNode(opType: string, inputs: readonly string[], output: string): Uint8Array {
  const writer = new BinaryWriter();
  for (const name of inputs) writer.tag(1, WireType.LengthDelimited).string(name);
  writer.tag(NODE_OUTPUT, WireType.LengthDelimited).string(output);
  writer.tag(3, WireType.LengthDelimited).string(output);
  writer.tag(4, WireType.LengthDelimited).string(opType);
  return writer.finish();
}

/** The node of a product under another output, and the nodes that add the change (x A) B to it under the old one. */
function withBranch(bytes: Uint8Array, { node, weights }: Found): Pieces {
  const [x] = node.inputs;
  const [output] = node.outputs;
  const [base, inner, change] = ["base", "lora_A", "lora_B"].map((part) => `${output}/${part}`);
  const renamed = rewritePieces(bytes, { [NODE_OUTPUT]: () => new TextEncoder().encode(base) });
  return [
    renamed,
    encodedNode("MatMul", [x, `${weights}.lora_A`], inner),
    encodedNode("MatMul", [inner, `${weights}.lora_B`], change),
    encodedNode("Add", [base, change], output),
  ].flatMap((one) => bytesField(GRAPH_NODE, one));
}

/** @throws ShapeError unless the change has the sizes of the product */
function checkBranch({ weights, inputs, outputs }: Found, { a, b }: LowRankBranch): void {
  const [rank] = b.shape;
  if (!sameShape(a.shape, [inputs, rank]) || !sameShape(b.shape, [rank, outputs]))
    throw new ShapeError(
      `addLowRankBranches: ${weights} needs A [${inputs}, rank] and B [rank, ${outputs}], got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
}

/**
 * The file of a model with a low-rank change beside each product whose weights are integers,
 *
 *     y = x W + (x A) B,
 *
 * as nodes and tensors `<weights>.lora_A` and `<weights>.lora_B` of its own: W keeps its few bits (Dettmers et al., 2023,
 * "QLoRA", equation 6). Everything else keeps its bytes. Products are MatMulNBits, and MatMul and Gemm whose factor comes
 * from a DequantizeLinear; those in bodies of loops and branches, and those that have such a change, stay as they are.
 *
 * @param branchOf the first values for a product, rounded to the element type of its scales; undefined leaves it as it is
 * @returns the file, and the names of the tensors that were added
 * @throws ShapeError when the values do not have the sizes of the product
 * @throws UnsupportedError when the bytes are not an ONNX model, or it has products and no operators of the standard domain
 */
export function addLowRankBranches(
  model: Uint8Array,
  branchOf: (product: QuantizedProduct) => LowRankBranch | undefined,
): { readonly file: Uint8Array; readonly names: readonly string[] } {
  const { graph, opsets } = readModel(model);
  const changed = new Map<number, Found>();
  const tensors = new Map<string, Pieces>();
  const before = new Set(graph.initializers.map(({ name }) => name));
  for (const found of productsOf(graph)) {
    const { weights, inputs, outputs, elementType, node } = found;
    const names = [`${weights}.lora_A`, `${weights}.lora_B`];
    if (names.some((name) => before.has(name))) continue;
    if (!tensors.has(names[0])) {
      const branch = branchOf({ weights, inputs, outputs });
      if (!branch) continue;
      checkBranch(found, branch);
      [branch.a, branch.b].forEach((array, i) => {
        tensors.set(names[i], tensorProto(names[i], elementType, array));
      });
    }
    changed.set(node.place, found);
  }
  if (changed.size === 0) return { file: model, names: [] };
  if (!opsets.has(""))
    throw new UnsupportedError("addLowRankBranches: the model has no operators of the standard domain");
  let place = -1;
  const file = rewriteFields(model, {
    [MODEL_GRAPH]: (bytes) => {
      const rewritten = rewritePieces(bytes, {
        [GRAPH_NODE]: (node) => {
          place += 1;
          const found = changed.get(place);
          return found && { fields: withBranch(node, found) };
        },
      });
      return [
        ...rewritten,
        ...[...tensors.values()].flatMap((tensor) => bytesField(GRAPH_INITIALIZER, tensor)),
      ];
    },
  });
  return { file, names: [...tensors.keys()] };
}
