import { isArrayValue } from "../arrays.ts";
import { checkOptions, shown } from "../check.ts";
import { isFloat } from "../dtype.ts";
import { InputError, ShapeError } from "../errors.ts";
import { readFields } from "../onnx/fields.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { formatShape, sameShape } from "../shape.ts";
import { attributeParameters } from "./fitted-attributes.ts";
import { mergedParameters } from "./merged-parameters.ts";
import type { ModelDescription } from "./model-description.ts";
import { readModel } from "./read-model.ts";
import { decodeTensor, type ExternalData, externalBytes, readTensor } from "./read-tensor.ts";
import { bytesField, type Pieces, rewriteFields, rewritePieces } from "./rewrite-fields.ts";
import { floatsProto, rawTensorProto, tensorProto } from "./write-tensor.ts";

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_TENSOR = 5;
const ATTRIBUTE_GRAPH = 6;

/** @throws InputError, ShapeError unless each array is floating-point and has the name and shape of a stored tensor */
function checkParameters(model: Uint8Array, parameters: Readonly<Record<string, ArrayValue>>): void {
  const description = readModel(model);
  const { graph } = description;
  const known = new Map([
    ...[...mergedParameters(description).values()].map(({ name, source }) => [name, source.shape] as const),
    ...[...attributeParameters(graph)].map(([name, { shape }]) => [name, shape] as const),
    ...graph.initializers.map(({ name, shape }) => [name, shape] as const),
  ]);
  for (const [name, value] of Object.entries(parameters)) {
    const shape = known.get(name);
    if (!shape)
      throw new InputError(
        `replaceParameters: the model has no parameter ${shown(name)}; it has ${[...known.keys()].join(", ") || "none"}`,
      );
    if (!isArrayValue(value) || !isFloat(value.dtype))
      throw new InputError(`replaceParameters: ${name} must be an array of f32 or f64, got ${shown(value)}`);
    if (!sameShape(value.shape, shape))
      throw new ShapeError(
        `replaceParameters: ${name} must have the shape ${formatShape(shape)}, got ${formatShape(value.shape)}`,
      );
  }
}

/**
 * The file of an ONNX model with other values of some parameters, such as trained ones. Everything else keeps its bytes:
 * nodes, names, operator sets, metadata and element types, to which the values are rounded.
 *
 * @param parameters arrays by the names of `ImportedModel.parameters`, of the same shapes
 * @param options.external contents of the files that hold tensors outside the model's file, by their names in it: with
 *   them the result has all tensors in itself
 * @throws InputError for a name that the model lacks, a value that is not a floating-point array, or an unknown option
 * @throws ShapeError when a shape differs
 * @throws UnsupportedError when the bytes are not an ONNX model
 */
export function replaceParameters(
  model: Uint8Array,
  parameters: Readonly<Record<string, ArrayValue>>,
  options: { readonly external?: ExternalData } = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("replaceParameters", options, ["external"]);
  checkParameters(model, parameters);
  return writeParameters(model, parameters, options.external ?? {});
}

/** An attribute with other numbers, if they are given for its name; undefined leaves it as it is. */
function floatsAttribute(bytes: Uint8Array, given: ReadonlyMap<string, ArrayValue>): Uint8Array | undefined {
  let name = "";
  readFields(bytes, {
    1: (reader) => {
      name = reader.string();
    },
  });
  const value = given.get(name);
  return value && floatsProto(name, Array.from(value.data, Number));
}

/** The operator of a node, its first output, after which a Constant's parameter is named, and whether it has bodies. */
function nodeHead(bytes: Uint8Array) {
  let opType = "";
  const outputs: string[] = [];
  let hasBodies = false;
  readFields(bytes, {
    2: (reader) => void outputs.push(reader.string()),
    4: (reader) => {
      opType = reader.string();
    },
    [NODE_ATTRIBUTE]: (reader) =>
      readFields(reader.bytes(), {
        [ATTRIBUTE_GRAPH]: (body) => {
          body.bytes();
          hasBodies = true;
        },
      }),
  });
  return { opType, output: outputs[0] ?? "", hasBodies };
}

const rewriteAttributes = (node: Uint8Array, rewrites: Parameters<typeof rewritePieces>[1]): Pieces =>
  rewritePieces(node, { [NODE_ATTRIBUTE]: (attribute) => rewritePieces(attribute, rewrites) });

/** Parameters that become tensors of their own, by the place of the node that gave them the values of another. */
function separated(
  description: ModelDescription,
  parameters: Readonly<Record<string, ArrayValue>>,
  files: ExternalData,
): Map<number, Pieces> {
  const tensors = new Map<number, Pieces>();
  for (const [node, { name, source }] of mergedParameters(description)) {
    const given = (one: string) => (Object.hasOwn(parameters, one) ? parameters[one].data : undefined);
    const [first, own] = [given(source.name), given(name)];
    if (!first && !own) continue;
    const before = decodeTensor(`initializer ${source.name}`, source, files);
    const [kept, data] = [first ?? before, own ?? before];
    if (data.every((value, i) => value === kept[i])) continue;
    const tensor = tensorProto(name, source.elementType, { shape: source.shape, data });
    tensors.set(node.place, tensor);
  }
  return tensors;
}

/** The file with other tensors in place of those of the same names. */
export function writeParameters(
  model: Uint8Array,
  parameters: Readonly<Record<string, ArrayValue>>,
  files: ExternalData,
): Uint8Array<ArrayBuffer> {
  const rewriteTensor = (bytes: Uint8Array) => {
    const { name, elementType, shape, external } = readTensor(bytes);
    if (Object.hasOwn(parameters, name)) return tensorProto(name, elementType, parameters[name]);
    const location = external?.get("location");
    if (!external || location === undefined || !Object.hasOwn(files, location)) return undefined;
    return rawTensorProto(name, elementType, shape, externalBytes(`initializer ${name}`, external, files));
  };
  // The names of parameters in attributes, by the place of their node in the file.
  const description = readModel(model);
  const held = new Map<number, Map<string, ArrayValue>>();
  for (const [name, { node, attribute }] of attributeParameters(description.graph)) {
    if (!Object.hasOwn(parameters, name)) continue;
    held.set(
      node.place,
      (held.get(node.place) ?? new Map<string, ArrayValue>()).set(attribute, parameters[name]),
    );
  }
  const own = separated(description, parameters, files);
  /** A Constant node with another tensor, or a node with other tensors in its bodies. */
  const rewriteInside = (bytes: Uint8Array): Pieces | undefined => {
    const { opType, output, hasBodies } = nodeHead(bytes);
    if (opType === "Constant" && Object.hasOwn(parameters, output)) {
      const value = parameters[output];
      const other = (tensor: Uint8Array) => {
        const { name, elementType } = readTensor(tensor);
        return tensorProto(name, elementType, value);
      };
      return rewriteAttributes(bytes, { [ATTRIBUTE_TENSOR]: other });
    }
    if (!hasBodies) return undefined;
    const rewrites = { [GRAPH_NODE]: rewriteInside, [GRAPH_INITIALIZER]: rewriteTensor };
    return rewriteAttributes(bytes, { [ATTRIBUTE_GRAPH]: (body) => rewritePieces(body, rewrites) });
  };
  let place = -1;
  const rewriteNode = (bytes: Uint8Array) => {
    place += 1;
    if (own.has(place)) return null;
    const attributes = held.get(place);
    return attributes
      ? rewriteFields(bytes, { [NODE_ATTRIBUTE]: (content) => floatsAttribute(content, attributes) })
      : rewriteInside(bytes);
  };
  return rewriteFields(model, {
    [MODEL_GRAPH]: (graph) => {
      const rewritten = rewritePieces(graph, {
        [GRAPH_NODE]: rewriteNode,
        [GRAPH_INITIALIZER]: rewriteTensor,
      });
      return [rewritten, ...[...own.values()].map((tensor) => bytesField(GRAPH_INITIALIZER, tensor))].flat();
    },
  });
}
