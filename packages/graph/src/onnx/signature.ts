import type { DType } from "../dtype.ts";
import { UnsupportedError } from "../errors.ts";
import { type TypedName, widerType } from "../import/widened-types.ts";
import type { TensorSpec } from "../tensor.ts";
import { pairOf, readFields } from "./fields.ts";

/** A model's named inputs and outputs and its key-value metadata. */
export interface ModelSignature {
  readonly inputs: readonly StoredSpec[];
  readonly outputs: readonly StoredSpec[];
  /** Names of the outputs that are no arrays of numbers or booleans: text, maps, sequences. */
  readonly others: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A named input or output of a model. */
export interface NamedSpec {
  readonly name: string;
  readonly spec: TensorSpec;
}

/** A named input or output with its element type in the file. */
export interface StoredSpec extends NamedSpec, TypedName {}

const dtypes: Readonly<Record<number, DType>> = { 1: "f32", 7: "i64", 9: "bool", 11: "f64" };

function dimensionOf(bytes: Uint8Array): number | string {
  let dimension: number | string = "?";
  readFields(bytes, {
    // Converters write -1 for a size that they do not know.
    1: (reader) => {
      const size = Number(reader.int64());
      dimension = size === -1 ? "?" : size;
    },
    2: (reader) => {
      dimension = reader.string();
    },
  });
  return dimension;
}

/** A value's name and type; the type is absent for one that is no array of numbers or booleans. */
function valueInfoOf(bytes: Uint8Array): {
  readonly name: string;
  readonly elementType: number;
  readonly spec?: TensorSpec;
} {
  let name = "";
  let elementType = 0;
  const shape: (number | string)[] = [];
  const readShape = (shapeBytes: Uint8Array) =>
    readFields(shapeBytes, { 1: (dimension) => void shape.push(dimensionOf(dimension.bytes())) });
  const readTensor = (tensorBytes: Uint8Array) =>
    readFields(tensorBytes, {
      1: (reader) => {
        elementType = reader.int32();
      },
      2: (reader) => readShape(reader.bytes()),
    });
  readFields(bytes, {
    1: (reader) => {
      name = reader.string();
    },
    2: (reader) => readFields(reader.bytes(), { 1: (tensor) => readTensor(tensor.bytes()) }),
  });
  const dtype = dtypes[widerType(elementType)];
  return { name, elementType, ...(dtype && { spec: { dtype, shape } }) };
}

function unsupported(elementType: number): string {
  if (elementType === TEXT) return "is text; supported are numbers and booleans";
  if (elementType === NO_TENSOR) return "is a sequence, a map or an optional value; supported are arrays";
  return `has the ONNX element type ${elementType}; supported are bool, integers, float16, bfloat16, float32 and float64`;
}

/** @throws UnsupportedError for an element type that no array here has */
function namedSpecOf(bytes: Uint8Array): StoredSpec {
  const { name, elementType, spec } = valueInfoOf(bytes);
  if (!spec) throw new UnsupportedError(`${name} of the model ${unsupported(elementType)}`);
  return { name, elementType, spec };
}

/** ONNX's element types of text, and of what is no tensor. */
const TEXT = 8;
const NO_TENSOR = 0;

/**
 * Reads the inputs and outputs of a model's file, without its nodes and weights.
 *
 * @throws UnsupportedError when the bytes are not an ONNX model, or an input or output has an unsupported element type
 */
export function readSignature(model: Uint8Array): ModelSignature {
  const inputs: StoredSpec[] = [];
  const outputs: StoredSpec[] = [];
  const others: string[] = [];
  const initializers = new Set<string>();
  const metadata: Record<string, string> = {};
  const readOutput = (bytes: Uint8Array) => {
    const { name, elementType } = valueInfoOf(bytes);
    if (elementType === TEXT || elementType === NO_TENSOR) others.push(name);
    else outputs.push(namedSpecOf(bytes));
  };
  const readInitializer = (bytes: Uint8Array) =>
    readFields(bytes, { 8: (reader) => void initializers.add(reader.string()) });
  try {
    readFields(model, {
      7: (reader) =>
        readFields(reader.bytes(), {
          5: (graph) => readInitializer(graph.bytes()),
          11: (graph) => void inputs.push(namedSpecOf(graph.bytes())),
          12: (graph) => readOutput(graph.bytes()),
        }),
      14: (reader) => {
        const [key, value] = pairOf(reader.bytes());
        metadata[key] = value;
      },
    });
  } catch (cause) {
    if (cause instanceof UnsupportedError) throw cause;
    throw new UnsupportedError("not an ONNX model: the fields cannot be parsed", { cause });
  }
  if (outputs.length + others.length === 0)
    throw new UnsupportedError("not an ONNX model: it has no outputs");
  return { inputs: inputs.filter(({ name }) => !initializers.has(name)), outputs, others, metadata };
}
