import { namesOf, productOf } from "../dimension-polynomials.ts";
import { UnsupportedError } from "../errors.ts";
import { type Dimension, isDimension } from "../shape.ts";
import type { TensorSpec } from "../tensor.ts";
import { mergedParameters } from "./merged-parameters.ts";
import {
  type GraphDescription,
  type ModelDescription,
  type NodeDescription,
  outerNames,
  type ValueDescription,
} from "./model-description.ts";
import { dtypeOfElement, floats } from "./read-tensor.ts";

/** Inputs of operators that set how they work, by operator: tensors there are no parameters. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  Dropout: [1],
  OneHot: [1, 2],
  Pad: [2],
  Range: [0, 1, 2],
  Resize: [1, 2],
  Upsample: [1],
};

/** Where operators keep what they have measured: training leaves these alone. */
const measured: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  DequantizeLinear: [1],
  DynamicQuantizeMatMul: [2],
  GroupQueryAttention: [7, 8],
  MatMulIntegerToFloat: [2, 3],
  MatMulNBits: [2, 3],
  QGemm: [1, 4, 7],
  QLinearAdd: [1, 4, 6],
  QLinearAveragePool: [1, 3],
  QLinearConcat: Array.from({ length: 256 }, (_, i) => 3 * i),
  QLinearConv: [1, 4, 6],
  QLinearGlobalAveragePool: [1, 3],
  QLinearLeakyRelu: [1, 3],
  QLinearMatMul: [1, 4, 6],
  QLinearMul: [1, 4, 6],
  QLinearSigmoid: [1, 3],
  QLinearSoftmax: [1, 3],
  QLinearWhere: [2, 5, 7],
  QuantizeLinear: [1],
  // Tables of cosines and sines, in the places of the standard operator and of ONNX Runtime's own.
  RotaryEmbedding: [1, 2, 3],
};

/** All graphs of a model: the main one, the bodies of its nodes, and those of its functions. */
function* graphsOf(nodes: readonly NodeDescription[]): Generator<GraphDescription> {
  for (const { attributes } of nodes)
    for (const { graph } of attributes.values())
      if (graph) {
        yield graph;
        yield* graphsOf(graph.nodes);
      }
}

/** All nodes of a model, those of bodies and functions included. */
export function* nodesOf({ graph, functions }: ModelDescription): Generator<NodeDescription> {
  yield* graph.nodes;
  for (const body of graphsOf(graph.nodes)) yield* body.nodes;
  for (const { nodes } of functions) {
    yield* nodes;
    for (const body of graphsOf(nodes)) yield* body.nodes;
  }
}

/** The ONNX element types of values by name, where the file tells them. */
export function elementTypesOf(model: ModelDescription): ReadonlyMap<string, number> {
  const types = new Map<string, number>();
  for (const { initializers, inputs, between } of [model.graph, ...graphsOf(model.graph.nodes)]) {
    for (const { name, elementType } of [...inputs, ...between])
      if (elementType !== 0) types.set(name, elementType);
    for (const { name, elementType } of initializers) types.set(name, elementType);
  }
  for (const { opType, attributes, outputs } of nodesOf(model)) {
    const type =
      opType === "Constant" ? attributes.get("value")?.tensor?.elementType : attributes.get("to")?.int;
    if (type !== undefined) types.set(outputs[0], type);
  }
  return types;
}

/** Whether a BatchNormalization node has the training form: before operator set 14 it has more outputs than one. */
export function inTrainingMode({ attributes, outputs }: NodeDescription): boolean {
  return attributes.get("training_mode")?.int === 1 || outputs.some((name, i) => i > 0 && name !== "");
}

/** What the tensors of a model are used for. */
export interface Usage {
  /** Names of tensors that only set how operators work. */
  readonly settings: ReadonlySet<string>;
  /** Names of stored moments and scales, and of tensors on which no output depends by small changes, such as masks. */
  readonly measured: ReadonlySet<string>;
  /** Names of the moments that batch normalization in training mode updates. */
  readonly running: ReadonlySet<string>;
}

/** Operators whose results do not change with small changes of their inputs. */
const steps: ReadonlySet<string> = new Set([
  ...["And", "ArgMax", "ArgMin", "Ceil", "Equal", "Floor", "Greater", "GreaterOrEqual", "IsInf", "IsNaN"],
  ...["Less", "LessOrEqual", "NonZero", "Not", "Or", "Round", "Shape", "Sign", "Size", "Xor"],
]);

/** The output of which a loss or an explanation is by default: the first of floating-point numbers, else the first. */
export function defaultOutput({ graph: { outputs } }: ModelDescription): string {
  return (outputs.find(({ elementType }) => floats.has(elementType)) ?? outputs[0]).name;
}

/** Names of values on which an output depends by small changes; all that nodes with bodies read count among them. */
function felt({ graph }: ModelDescription): ReadonlySet<string> {
  const names = new Set(graph.outputs.map(({ name }) => name));
  for (const { opType, domain, attributes, inputs, outputs } of graph.nodes.toReversed()) {
    if (!outputs.some((name) => names.has(name))) continue;
    const to = opType === "Cast" ? attributes.get("to")?.int : undefined;
    if (domain === "" && (steps.has(opType) || (to !== undefined && !floats.has(to)))) continue;
    for (const name of inputs) names.add(name);
    for (const { graph: body } of attributes.values())
      if (body) for (const name of outerNames(body)) names.add(name);
  }
  return names;
}

/** Names of a `state_dict` of PyTorch; tensors that its exporter makes have slashes, colons or numbers as theirs. */
const PARAMETER = /^[A-Za-z_][^/:]*$/;

/** Whether a tensor is one number that is the power of a formula, such as 2 in a variance, rather than a learned one. */
function isExponent({ producer, graph }: ModelDescription, name: string): boolean {
  if (producer === "gradus" || (producer === "pytorch" && PARAMETER.test(name))) return false;
  const stored = graph.initializers.find((tensor) => tensor.name === name);
  return stored?.shape.every((d) => d === 1) === true;
}

export function usageOf(model: ModelDescription): Usage {
  const set = new Set<string>();
  const stored = new Set<string>();
  const running = new Set<string>();
  const used = new Set<string>();
  const merged = mergedParameters(model);
  for (const node of nodesOf(model)) {
    if (merged.has(node)) continue;
    const { opType, inputs } = node;
    inputs.forEach((name, i) => {
      if (settings[opType]?.includes(i)) set.add(name);
      else if (opType === "Pow" && i === 1 && isExponent(model, name)) stored.add(name);
      else if (measured[opType]?.includes(i)) {
        stored.add(name);
        if (opType === "BatchNormalization" && inTrainingMode(node)) running.add(name);
      } else used.add(name);
    });
  }
  const reached = felt(model);
  const idle = model.graph.initializers.map(({ name }) => name).filter((name) => !reached.has(name));
  return {
    settings: set.difference(used),
    measured: stored.difference(used).union(new Set(idle)),
    running: running.difference(used),
  };
}

/** What the file tells about values that nodes compute, by name. */
export function describedValues({ graph }: ModelDescription): ReadonlyMap<string, ValueDescription> {
  const known = [graph, ...graphsOf(graph.nodes)].flatMap(({ between, outputs }) => [...between, ...outputs]);
  return new Map(known.map((value) => [value.name, value]));
}

/** A name for a dimension that is valid in a signature. */
export function dimensionName(text: string): string {
  const word = text.replaceAll(/\W/g, "_");
  return /^[A-Za-z_]/.test(word) ? word : `d_${word}`;
}

/** The names that are dimensions of the inputs by themselves. */
export function dimensionNames(inputs: readonly ValueDescription[]): ReadonlySet<string> {
  const texts = inputs.flatMap(({ shape }) => shape?.filter((d) => typeof d === "string") ?? []);
  return new Set(texts.map(dimensionName).filter((name) => texts.includes(name)));
}

/** A text such as `past + 1` as a sum of the inputs' dimensions; undefined for one that is a name itself. */
function sumOfNames(text: string, names: ReadonlySet<string>): Dimension | undefined {
  const sum = text.replaceAll(/\s/g, "");
  if (/^\w+$/.test(sum) || !isDimension(sum)) return undefined;
  return namesOf(sum).every((name) => names.has(name)) ? productOf([sum]) : undefined;
}

/**
 * The signature of an input. A dimension that the file does not tell is named after the input and the axis.
 *
 * @param names the names that are dimensions by themselves: a text that adds or multiplies them is a sum
 * @throws UnsupportedError for other element types, and inputs without rank
 */
export function specOf(
  value: ValueDescription,
  { promote, names }: { readonly promote: boolean; readonly names: ReadonlySet<string> },
): TensorSpec {
  const { name, elementType, shape } = value;
  if (elementType === 0) throw new UnsupportedError(`importOnnx: input ${name} is not a tensor`);
  if (!shape) throw new UnsupportedError(`importOnnx: the file does not tell the shape of input ${name}`);
  const dtype = dtypeOfElement(`input ${name}`, elementType);
  const dimensions = shape.map((d, axis): Dimension => {
    if (d === undefined) return dimensionName(`${name}_${axis}`);
    if (typeof d === "string") return sumOfNames(d, names) ?? dimensionName(d);
    if (!Number.isSafeInteger(d) || d < 0)
      throw new UnsupportedError(`importOnnx: input ${name} has the shape [${shape.join(", ")}]`);
    return d;
  });
  return { dtype: promote && dtype === "f32" ? "f64" : dtype, shape: dimensions };
}
