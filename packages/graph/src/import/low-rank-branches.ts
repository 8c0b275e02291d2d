import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ShapeError, UnsupportedError } from "../errors.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { formatShape, sameShape } from "../shape.ts";
import {
  type FoundProduct,
  type Quantization,
  type QuantizedProduct,
  quantizedProducts,
} from "./quantized-products.ts";
import { readModel } from "./read-model.ts";
import { bytesField, type Pieces, rewriteFields, rewritePieces } from "./rewrite-fields.ts";
import { tensorProto } from "./write-tensor.ts";

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const NODE_OUTPUT = 2;
/** The kind of an attribute that is an integer. */
const ATTRIBUTE_INT = 2;

/** A low-rank change of a layer's weights at its first values, in the shapes that the layer has for its rank. */
export interface LowRankBranch {
  readonly a: ArrayValue;
  readonly b: ArrayValue;
}

/** An attribute with an integer, as a node holds it. */
function encodedInt(name: string, value: number): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(name);
  writer.tag(3, WireType.Varint).int64(value);
  writer.tag(20, WireType.Varint).int32(ATTRIBUTE_INT);
  return writer.finish();
}

function encodedNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[] = [],
): Uint8Array {
  const writer = new BinaryWriter();
  for (const name of inputs) writer.tag(1, WireType.LengthDelimited).string(name);
  writer.tag(NODE_OUTPUT, WireType.LengthDelimited).string(output);
  writer.tag(3, WireType.LengthDelimited).string(output);
  writer.tag(4, WireType.LengthDelimited).string(opType);
  for (const attribute of attributes) writer.tag(5, WireType.LengthDelimited).bytes(attribute);
  return writer.finish();
}

/** The node of a layer under another output, and the nodes that add the change to it under the old one. */
function withBranch(bytes: Uint8Array, { node, weights, x, quantization, kernel }: FoundProduct): Pieces {
  const [output] = node.outputs;
  const part = (name: string) => `${output}/${name}`;
  const renamed = rewritePieces(bytes, { [NODE_OUTPUT]: () => new TextEncoder().encode(part("base")) });
  const added: Uint8Array[] = [];
  const add = (
    opType: string,
    inputs: readonly string[],
    name: string,
    attributes?: readonly Uint8Array[],
  ) => {
    added.push(encodedNode(opType, inputs, name, attributes));
    return name;
  };
  const floats = (name: string, by: Quantization | undefined, as: string) =>
    by ? add("DequantizeLinear", [name, ...by], part(as)) : name;
  const given = floats(x.name, x.quantization, "x");
  const [first, second] = kernel
    ? [kernel.encoded, [encodedInt("group", kernel.groups)]]
    : [undefined, undefined];
  const product = kernel ? "Conv" : "MatMul";
  const inner = add(product, [given, `${weights}.lora_A`], part("lora_A"), first);
  const change = add(product, [inner, `${weights}.lora_B`], part("lora_B"), second);
  const base = floats(part("base"), quantization, "float");
  if (quantization) add("QuantizeLinear", [add("Add", [base, change], part("sum")), ...quantization], output);
  else add("Add", [base, change], output);
  return [renamed, ...added].flatMap((one) => bytesField(GRAPH_NODE, one));
}

/** Whether a change has the sizes of a layer, and those that it would have. */
function sizesOf({ shapes, kernel }: FoundProduct, { a, b }: LowRankBranch) {
  const wanted = shapes(b.shape[kernel ? 1 : 0]);
  return { wanted, fit: sameShape(a.shape, wanted.a) && sameShape(b.shape, wanted.b) };
}

/** @throws ShapeError unless the change has the sizes of the layer */
function checkBranch(found: FoundProduct, branch: LowRankBranch): void {
  const { weights } = found;
  const { a, b } = branch;
  const { wanted, fit } = sizesOf(found, branch);
  if (!fit)
    throw new ShapeError(
      `addLowRankBranches: ${weights} needs A ${formatShape(wanted.a)} and B ${formatShape(wanted.b)}, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
}

/**
 * The file of a model with a low-rank change beside each layer whose weights are integers: beside a product
 *
 *     y = x W + (x A) B,
 *
 * and beside a convolution one of the same window with a filter for each rank, then one of size 1. They are nodes and tensors
 * `<weights>.lora_A` and `<weights>.lora_B` of their own: W keeps its few bits (Dettmers et al., 2023, "QLoRA",
 * equation 6), and everything else keeps its bytes. A change of quantized tensors is added to them as floats, and the sum
 * is quantized as the output was.
 *
 * Layers are MatMulNBits; MatMul, Gemm and Conv whose weights come from a DequantizeLinear; QLinearMatMul and QLinearConv;
 * MatMulInteger and ConvInteger between DynamicQuantizeLinear and the product with the scales, and their fused forms. Those
 * in bodies of loops and branches, those that have such a change, and convolutions with a filter for each channel stay as
 * they are.
 *
 * @param branchOf the first values for a product, rounded to the element type of its scales; undefined leaves it as it is
 * @returns the file, and the names of the tensors that were added
 * @throws ShapeError when the values do not have the sizes of the layer
 * @throws UnsupportedError when the bytes are not an ONNX model, or it has such layers and no operators of the standard domain
 */
export function addLowRankBranches(
  model: Uint8Array,
  branchOf: (product: QuantizedProduct) => LowRankBranch | undefined,
): { readonly file: Uint8Array; readonly names: readonly string[] } {
  const { graph, opsets } = readModel(model);
  const changed = new Map<number, FoundProduct>();
  const branches = new Map<string, LowRankBranch>();
  const tensors = new Map<string, Pieces>();
  const before = new Set(graph.initializers.map(({ name }) => name));
  for (const found of quantizedProducts(graph)) {
    const { weights, inputs, outputs, shapes, elementType, node } = found;
    const names = [`${weights}.lora_A`, `${weights}.lora_B`];
    if (names.some((name) => before.has(name))) continue;
    const known = branches.get(weights);
    if (known && !sizesOf(found, known).fit) continue;
    if (!known) {
      const branch = branchOf({ weights, inputs, outputs, shapes });
      if (!branch) continue;
      checkBranch(found, branch);
      branches.set(weights, branch);
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
