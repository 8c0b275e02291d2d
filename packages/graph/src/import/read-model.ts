import { UnsupportedError } from "../errors.ts";
import { readFields, readRepeated } from "../onnx/fields.ts";
import { hoisted } from "./hoisted-tensors.ts";
import {
  type Attribute,
  type FunctionDescription,
  type GraphDescription,
  type ModelDescription,
  type NodeDescription,
  namesRead,
  type ValueDescription,
} from "./model-description.ts";
import { inOrder } from "./node-order.ts";
import { readTensor, type StoredTensor } from "./read-tensor.ts";

/** ONNX's number for float32. */
const FLOAT = 1;

/** Graphs inside graphs beyond this depth are refused. */
const DEEPEST = 32;

function readAttribute(bytes: Uint8Array, depth: number): Attribute {
  const ints: number[] = [];
  const floats: number[] = [];
  const texts: string[] = [];
  const found: { -readonly [K in keyof Attribute]?: Attribute[K] } = {};
  const decoder = new TextDecoder();
  readFields(bytes, {
    1: (r) => {
      found.name = r.string();
    },
    2: (r) => {
      found.float = r.float();
    },
    3: (r) => {
      found.int = Number(r.int64());
    },
    4: (r) => {
      found.text = decoder.decode(r.bytes());
    },
    5: (r) => {
      found.tensor = readTensor(r.bytes());
    },
    6: (r) => {
      found.graph = readGraph(r.bytes(), depth + 1);
    },
    7: (r, wire) => readRepeated(r, wire, floats, (one) => one.float()),
    8: (r, wire) => readRepeated(r, wire, ints, (one) => Number(one.int64())),
    9: (r) => {
      texts.push(decoder.decode(r.bytes()));
    },
    21: (r) => {
      found.reference = r.string();
    },
  });
  return { ...found, name: found.name ?? "", ints, floats, texts };
}

function readNode(bytes: Uint8Array, place: number, depth: number): NodeDescription {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const encoded: Uint8Array[] = [];
  let [name, opType, domain] = ["", "", ""];
  readFields(bytes, {
    1: (r) => {
      inputs.push(r.string());
    },
    2: (r) => {
      outputs.push(r.string());
    },
    3: (r) => {
      name = r.string();
    },
    4: (r) => {
      opType = r.string();
    },
    5: (r) => {
      const own = r.bytes();
      encoded.push(own);
      const attribute = readAttribute(own, depth);
      attributes.set(attribute.name, attribute);
    },
    7: (r) => {
      domain = standardDomain(r.string());
    },
  });
  return { name, opType, domain, inputs, outputs, attributes, encoded, place };
}

function readDimension(bytes: Uint8Array): number | string | undefined {
  let dimension: number | string | undefined;
  readFields(bytes, {
    // Converters write -1 for a size that they do not know.
    1: (r) => {
      const size = Number(r.int64());
      dimension = size === -1 ? undefined : size;
    },
    2: (r) => {
      dimension = r.string() || undefined;
    },
  });
  return dimension;
}

function readValue(bytes: Uint8Array): ValueDescription {
  let name = "";
  let elementType = 0;
  let shape: (number | string | undefined)[] | undefined;
  readFields(bytes, {
    1: (r) => {
      name = r.string();
    },
    2: (r) =>
      readFields(r.bytes(), {
        1: (type) =>
          readFields(type.bytes(), {
            1: (t) => {
              elementType = t.int32();
            },
            2: (t) => {
              const dimensions: (number | string | undefined)[] = [];
              readFields(t.bytes(), { 1: (d) => void dimensions.push(readDimension(d.bytes())) });
              shape = dimensions;
            },
          }),
      }),
  });
  return { name, elementType, shape };
}

/** The number of labels of each ZipMap of the nodes, by the name of its output. */
export function zippedOutputs(nodes: readonly NodeDescription[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { opType, domain, attributes, outputs } of nodes) {
    if (opType !== "ZipMap" || domain !== "ai.onnx.ml") continue;
    const labels = ["classlabels_int64s", "classlabels_strings"].map((name) => attributes.get(name));
    counts.set(
      outputs[0],
      labels.reduce((sum, one) => sum + (one?.ints.length ?? 0) + (one?.texts.length ?? 0), 0),
    );
  }
  return counts;
}

function readGraph(bytes: Uint8Array, depth: number): GraphDescription {
  if (depth > DEEPEST) throw new UnsupportedError(`importOnnx: graphs are nested more than ${DEEPEST} deep`);
  const nodes: NodeDescription[] = [];
  const initializers: StoredTensor[] = [];
  const inputs: ValueDescription[] = [];
  const outputs: ValueDescription[] = [];
  const between: ValueDescription[] = [];
  readFields(bytes, {
    1: (r) => void nodes.push(readNode(r.bytes(), nodes.length, depth)),
    5: (r) => void initializers.push(readTensor(r.bytes())),
    11: (r) => void inputs.push(readValue(r.bytes())),
    12: (r) => void outputs.push(readValue(r.bytes())),
    13: (r) => void between.push(readValue(r.bytes())),
    15: () => {
      throw new UnsupportedError("importOnnx: sparse initializers are not supported");
    },
  });
  // The maps that a ZipMap makes of the rows of scores are these scores here.
  const zipped = zippedOutputs(nodes);
  const numeric = outputs.map((value): ValueDescription => {
    const columns = zipped.get(value.name);
    return columns === undefined ? value : { ...value, elementType: FLOAT, shape: [undefined, columns] };
  });
  return { nodes: inOrder(nodes, namesRead), initializers, inputs, outputs: numeric, between };
}

const standardDomain = (domain: string) => (domain === "ai.onnx" ? "" : domain);

function readOpset(bytes: Uint8Array, into: Map<string, number>): void {
  let domain = "";
  let version = 0;
  readFields(bytes, {
    1: (r) => {
      domain = standardDomain(r.string());
    },
    2: (r) => {
      version = Number(r.int64());
    },
  });
  into.set(domain, version);
}

function readFunction(bytes: Uint8Array): FunctionDescription {
  let [name, domain] = ["", ""];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const nodes: NodeDescription[] = [];
  const opsets = new Map<string, number>();
  readFields(bytes, {
    1: (r) => {
      name = r.string();
    },
    4: (r) => void inputs.push(r.string()),
    5: (r) => void outputs.push(r.string()),
    7: (r) => void nodes.push(readNode(r.bytes(), nodes.length, 1)),
    9: (r) => readOpset(r.bytes(), opsets),
    10: (r) => {
      domain = standardDomain(r.string());
    },
    11: (r) => {
      const attribute = readAttribute(r.bytes(), 1);
      attributes.set(attribute.name, attribute);
    },
  });
  return { name, domain, inputs, outputs, attributes, nodes: inOrder(nodes, namesRead), opsets };
}

function readPair(bytes: Uint8Array): readonly [string, string] {
  let [key, value] = ["", ""];
  readFields(bytes, {
    1: (r) => {
      key = r.string();
    },
    2: (r) => {
      value = r.string();
    },
  });
  return [key, value];
}

/**
 * Reads a model's file.
 *
 * @throws UnsupportedError when the bytes are not an ONNX model, or hold sparse or too deeply nested parts
 */
export function readModel(bytes: Uint8Array): ModelDescription {
  let irVersion = 0;
  let producer = "";
  let graph: GraphDescription | undefined;
  const opsets = new Map<string, number>();
  const functions: FunctionDescription[] = [];
  const metadata: Record<string, string> = {};
  try {
    readFields(bytes, {
      1: (r) => {
        irVersion = Number(r.int64());
      },
      2: (r) => {
        producer = r.string();
      },
      7: (r) => {
        graph = readGraph(r.bytes(), 0);
      },
      8: (r) => readOpset(r.bytes(), opsets),
      14: (r) => {
        const [key, value] = readPair(r.bytes());
        Object.defineProperty(metadata, key, { value, enumerable: true, configurable: true });
      },
      25: (r) => void functions.push(readFunction(r.bytes())),
    });
  } catch (cause) {
    if (cause instanceof UnsupportedError) throw cause;
    throw new UnsupportedError("importOnnx: not an ONNX model: the fields cannot be parsed", { cause });
  }
  if (!graph || graph.outputs.length === 0)
    throw new UnsupportedError("importOnnx: not an ONNX model: it has no outputs");
  return { irVersion, producer, graph: hoisted(graph), opsets, functions, metadata };
}
