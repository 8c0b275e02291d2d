import { toNumbers } from "../arrays.ts";
import { type DType, isFloat } from "../dtype.ts";
import { UnsupportedError } from "../errors.ts";
import { cast } from "../ops/select.ts";
import type { Dimension } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Attribute, GraphDescription, NodeDescription } from "./model-description.ts";
import type { TrainingMode } from "./training-mode.ts";
import { dimensionsOf, type Known, knownOf, required, tensorOf, type Value } from "./values.ts";

/** A damaged or hostile file may claim any size. */
const MOST_ENTRIES = 2 ** 24;

/** What an operator may ask of the importer. */
export interface Importer {
  /** The values of a body's outputs, with values for its inputs in their order. */
  body(graph: GraphDescription, inputs: readonly Value[]): Value[];
  /** The elements of a tensor in the file, as a constant. */
  tensor(attribute: Attribute, what: string): Tensor;
  /** The element type here that holds the values of an ONNX element type. */
  elementType(type: number, what: string): DType;
  /** The type of numbers that a file gives without a type. */
  readonly float: "f32" | "f64";
  /** The ONNX element type of a named value, where the file tells it. */
  elementTypeOf(name: string): number | undefined;
  /** The numbers of a fitted model that a node's attribute holds; undefined where it has none. */
  fitted(node: NodeDescription, attribute: string): Tensor | undefined;
  /** How nodes in training mode work. */
  readonly trainingMode: TrainingMode;
  /** Whether derivatives pass through rounding in QuantizeLinear. */
  readonly straightThrough: boolean;
}

/** A node with the values of its inputs, as an operator sees it. */
export class NodeCall {
  readonly node: NodeDescription;
  readonly opset: number;
  readonly values: readonly (Value | undefined)[];
  readonly importer: Importer;

  constructor(
    node: NodeDescription,
    opset: number,
    values: readonly (Value | undefined)[],
    importer: Importer,
  ) {
    this.node = node;
    this.opset = opset;
    this.values = values;
    this.importer = importer;
  }

  /** The node as messages name it. */
  get label(): string {
    const { name, opType, outputs } = this.node;
    return `${opType} (${name || outputs.find((output) => output !== "") || "unnamed"})`;
  }

  /** @throws UnsupportedError, for what the importer cannot express */
  refuse(reason: string): never {
    throw new UnsupportedError(`${this.label}: ${reason}`);
  }

  /**
   * A number of entries that are made while the model is imported.
   *
   * @throws UnsupportedError for more than a file can mean
   */
  bounded(count: number, what: string): number {
    if (Number.isSafeInteger(count) && count >= 0 && count <= MOST_ENTRIES) return count;
    return this.refuse(
      `${what} is ${count}; at most ${MOST_ENTRIES} entries are made while a model is imported`,
    );
  }

  /** The number of outputs that the model uses. */
  get outputs(): number {
    return this.node.outputs.length;
  }

  value(index: number): Value {
    return this.values[index] ?? this.refuse(`input ${index} is missing`);
  }

  has(index: number): boolean {
    return this.values[index] !== undefined;
  }

  input(index: number): Tensor {
    return tensorOf(this.value(index));
  }

  optional(index: number): Tensor | undefined {
    const value = this.values[index];
    return value && tensorOf(value);
  }

  /** All inputs as tensors. */
  get inputs(): Tensor[] {
    return this.values.map((_, i) => this.input(i));
  }

  /** The known elements of an input; undefined when it is missing. */
  known(index: number): Known | undefined {
    const value = this.values[index];
    return value && required(knownOf(value), `${this.label}: input ${index}`);
  }

  /** The known elements of an input as numbers; undefined when it is missing. */
  numbers(index: number): number[] | undefined {
    const known = this.known(index);
    return known && toNumbers(known);
  }

  /** An input as dimensions; undefined when it is missing. */
  dimensions(index: number): readonly Dimension[] | undefined {
    const value = this.values[index];
    return value && required(dimensionsOf(value), `${this.label}: input ${index}`);
  }

  /** The ONNX element type of an input, where the file tells it. */
  elementType(index: number): number | undefined {
    const name = this.node.inputs[index];
    return name ? this.importer.elementTypeOf(name) : undefined;
  }

  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  int(name: string, fallback?: number): number | undefined {
    return this.node.attributes.get(name)?.int ?? fallback;
  }

  float(name: string, fallback: number): number;
  float(name: string): number | undefined;
  float(name: string, fallback?: number): number | undefined {
    return this.node.attributes.get(name)?.float ?? fallback;
  }

  text(name: string, fallback: string): string {
    return this.node.attributes.get(name)?.text ?? fallback;
  }

  ints(name: string): readonly number[] | undefined {
    return this.node.attributes.get(name)?.ints;
  }

  texts(name: string): readonly string[] | undefined {
    return this.node.attributes.get(name)?.texts;
  }

  /** The numbers of a fitted model in an attribute, as a parameter of the model where they are one. */
  fitted(name: string): Tensor | undefined {
    return this.importer.fitted(this.node, name);
  }

  graph(name: string): GraphDescription {
    return this.node.attributes.get(name)?.graph ?? this.refuse(`attribute ${name} is missing`);
  }

  /** Integers that older operator sets give as an attribute and newer ones as an input. */
  intsOrInput(name: string, index: number): number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute ? [...attribute.ints] : this.numbers(index);
  }
}

/** An operator: from a node to the values of its outputs. */
export type Operator = (call: NodeCall) => Value | readonly (Value | undefined)[];

/** Applies a function of floats to a tensor of any type and returns the original type. */
export function throughFloat(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  return isFloat(x.dtype) ? f(x) : cast(f(cast(x, "f64")), x.dtype);
}
