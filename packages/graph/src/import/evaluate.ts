import type { DataArray, DType } from "../dtype.ts";
import { GraphError, UnsupportedError } from "../errors.ts";
import { constant, labeledConstant, type Tensor } from "../tensor.ts";
import { attributeParameters, fittedAttributes } from "./fitted-attributes.ts";
import { fold } from "./fold.ts";
import { foldSizes } from "./fold-sizes.ts";
import { canBeKept, keptForward } from "./forward-only.ts";
import { mergedParameters } from "./merged-parameters.ts";
import {
  type Attribute,
  type FunctionDescription,
  type GraphDescription,
  type ModelDescription,
  type NodeDescription,
  outerNames,
  type ValueDescription,
} from "./model-description.ts";
import { type Importer, NodeCall, type Operator } from "./node-call.ts";
import { operatorOf } from "./operators/index.ts";
import { decodeTensor, dtypeOfElement, type ExternalData, type StoredTensor } from "./read-tensor.ts";
import type { TrainingMode } from "./training-mode.ts";
import { tensorOf, type Value } from "./values.ts";

/** Functions of a model that call one another more deeply than this are refused. */
const DEEPEST = 32;
/** More nodes than this in one run are refused. */
const MOST_NODES = 200_000;

/** Values by name; those of the enclosing graphs are seen too. */
interface Scope {
  readonly values: Map<string, Value>;
  readonly outer?: Scope;
  readonly opsets: ReadonlyMap<string, number>;
  /** Functions of the model that have called one another so far. */
  readonly depth: number;
}

function lookUp(name: string, scope: Scope | undefined): Value | undefined {
  for (let s = scope; s; s = s.outer) {
    const value = s.values.get(name);
    if (value) return value;
  }
  return undefined;
}

/** The nodes whose results the outputs need, in the order of the file. */
function needed(nodes: readonly NodeDescription[], outputs: readonly string[]): NodeDescription[] {
  const names = new Set(outputs);
  const kept: NodeDescription[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => names.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) names.add(name);
    for (const { graph } of node.attributes.values())
      if (graph) for (const name of outerNames(graph)) names.add(name);
  }
  return kept.toReversed();
}

/** What `evaluate` needs besides the model. */
export interface Evaluation {
  readonly external: ExternalData;
  /** Whether float32 becomes float64. */
  readonly promote: boolean;
  readonly straightThrough: boolean;
  readonly elementTypes: ReadonlyMap<string, number>;
  /** What the file tells about values, if nodes may be kept for their values only. */
  readonly described?: ReadonlyMap<string, ValueDescription>;
}

/** Doubles of 32-bit floats where a model is promoted. */
function promoted(data: DataArray, promote: boolean): DataArray {
  return promote && data instanceof Float32Array ? Float64Array.from(data) : data;
}

/** Evaluates a model's graph on tensors, node by node. */
export class Evaluator {
  readonly #model: ModelDescription;
  readonly #options: Evaluation;
  readonly #functions: ReadonlyMap<string, FunctionDescription>;
  readonly #decoded = new Map<StoredTensor, Tensor>();
  /** Parameters that have no tensor of their own in the file, as constants by name. */
  readonly held: ReadonlyMap<string, Tensor>;
  /** The nodes that give parameters the values of equal ones. */
  readonly #merged: ReturnType<typeof mergedParameters>;
  /** The names of parameters in attributes, by node and attribute. */
  readonly #heldNames = new Map<NodeDescription, Map<string, string>>();
  /** Nodes evaluated in a run: functions and written-out loops can multiply those of the file without bound. */
  #nodes = 0;
  #trainingMode: TrainingMode = {};

  constructor(model: ModelDescription, options: Evaluation) {
    this.#model = model;
    this.#options = options;
    this.#functions = new Map(model.functions.map((f) => [`${f.domain}.${f.name}`, f]));
    const held = new Map<string, Tensor>();
    for (const [name, { node, attribute, values, shape }] of attributeParameters(model.graph)) {
      this.#heldNames.set(
        node,
        (this.#heldNames.get(node) ?? new Map<string, string>()).set(attribute, name),
      );
      held.set(name, labeledConstant(name, this.#floats(values), shape));
    }
    this.#merged = mergedParameters(model);
    for (const { name, source } of this.#merged.values()) {
      const data = promoted(
        decodeTensor(`initializer ${source.name}`, source, options.external),
        options.promote,
      );
      held.set(name, labeledConstant(name, data, source.shape));
    }
    this.held = held;
  }

  #floats(values: readonly number[]): Float32Array | Float64Array {
    return this.#options.promote ? Float64Array.from(values) : Float32Array.from(values);
  }

  /** The tensors of the model's outputs. */
  run(given: ReadonlyMap<string, Value>, trainingMode: TrainingMode = {}): Map<string, Value> {
    const { graph, opsets } = this.#model;
    const values = new Map([...this.held, ...given]);
    const scope: Scope = { values, opsets, depth: 0 };
    this.#nodes = 0;
    this.#trainingMode = trainingMode;
    const names = graph.outputs.map(({ name }) => name);
    this.#evaluate(graph, scope, names);
    return new Map(names.map((name) => [name, this.#find(name, scope, "the outputs")]));
  }

  /** The elements of a stored tensor as a constant, decoded once. */
  stored(tensor: StoredTensor, what: string): Tensor {
    const known = this.#decoded.get(tensor);
    if (known) return known;
    const { external, promote } = this.#options;
    const data = promoted(decodeTensor(what, tensor, external), promote);
    const result =
      tensor.name === "" ? constant(data, tensor.shape) : labeledConstant(tensor.name, data, tensor.shape);
    this.#decoded.set(tensor, result);
    return result;
  }

  #dtype(elementType: number, what: string): DType {
    const dtype = dtypeOfElement(what, elementType);
    return this.#options.promote && dtype === "f32" ? "f64" : dtype;
  }

  #find(name: string, scope: Scope, where: string): Value {
    const value = lookUp(name, scope);
    if (!value) throw new UnsupportedError(`importOnnx: ${where}: ${name} is not computed before it is used`);
    return value;
  }

  #evaluate(graph: GraphDescription, scope: Scope, outputs: readonly string[]): void {
    for (const tensor of graph.initializers)
      if (!scope.values.has(tensor.name))
        scope.values.set(tensor.name, this.stored(tensor, `initializer ${tensor.name}`));
    for (const node of needed(graph.nodes, outputs)) this.#node(node, scope);
  }

  #node(node: NodeDescription, scope: Scope): void {
    if (this.#merged.has(node)) return;
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES)
      throw new UnsupportedError(`importOnnx: functions and loops make more than ${MOST_NODES} nodes`);
    const values = node.inputs.map((name) =>
      name === "" ? undefined : this.#find(name, scope, `${node.opType} (${node.name || node.outputs[0]})`),
    );
    const results = this.#results(node, values, scope);
    node.outputs.forEach((name, i) => {
      const value = results[i];
      if (name !== "" && value) scope.values.set(name, value);
    });
  }

  #results(node: NodeDescription, values: readonly (Value | undefined)[], scope: Scope) {
    const own = this.#functions.get(`${node.domain}.${node.opType}`);
    if (own) return this.#call(own, node, values, scope.depth + 1);
    const call = new NodeCall(node, scope.opsets.get(node.domain) ?? 1, values, this.#importer(scope));
    try {
      const folded = fold(call) ?? foldSizes(call);
      if (folded) return [folded];
      const result = this.#applied(call);
      return Array.isArray(result) ? (result as readonly (Value | undefined)[]) : [result as Value];
    } catch (error) {
      // A damaged node may have any attributes: what fails then is the node's fault.
      if (!(error instanceof GraphError))
        throw new UnsupportedError(`${call.label}: the node's inputs and attributes do not fit`, {
          cause: error,
        });
      if (!error.message.startsWith(call.label)) error.message = `${call.label}: ${error.message}`;
      throw error;
    }
  }

  /** What an operator makes of a node; without one, or where it refuses, the node itself if that may be kept. */
  #applied(call: NodeCall): ReturnType<Operator> {
    const { node, opset } = call;
    const operator = operatorOf(node.domain, node.opType);
    try {
      return operator ? operator(call) : call.refuse("the operator is not supported");
    } catch (error) {
      const { described } = this.#options;
      if (!described || !canBeKept(node, opset) || !(error instanceof UnsupportedError)) throw error;
      return keptForward(call, (name) => described.get(name));
    }
  }

  #importer(scope: Scope): Importer {
    const { elementTypes, straightThrough, promote } = this.#options;
    return {
      straightThrough,
      trainingMode: this.#trainingMode,
      float: promote ? "f64" : "f32",
      elementTypeOf: (name) => elementTypes.get(name),
      elementType: (type, what) => this.#dtype(type, what),
      fitted: (node, attribute) => {
        const name = this.#heldNames.get(node)?.get(attribute);
        const known = name === undefined ? undefined : lookUp(name, scope);
        if (known) return tensorOf(known);
        const own = fittedAttributes(node).find((one) => one.attribute === attribute);
        return own && constant(this.#floats(own.values), own.shape);
      },
      tensor: ({ tensor, name }: Attribute, what) => {
        if (!tensor) throw new UnsupportedError(`${what}: attribute ${name} holds no tensor`);
        return this.stored(tensor, what);
      },
      body: (graph, inputs) => {
        const values = new Map(graph.inputs.map(({ name }, i) => [name, inputs[i]] as const));
        const inner: Scope = { values, outer: scope, opsets: scope.opsets, depth: scope.depth };
        const names = graph.outputs.map(({ name }) => name);
        this.#evaluate(graph, inner, names);
        return names.map((name) => this.#find(name, inner, "a body's outputs"));
      },
    };
  }

  /** A function of the model, with the node's attributes in place of those that its nodes refer to. */
  #call(
    own: FunctionDescription,
    node: NodeDescription,
    values: readonly (Value | undefined)[],
    depth: number,
  ): Value[] {
    if (depth > DEEPEST)
      throw new UnsupportedError(`importOnnx: function ${own.name} is nested more than ${DEEPEST} deep`);
    const inner = new Map<string, Value>();
    own.inputs.forEach((name, i) => {
      const value = values[i];
      if (value) inner.set(name, value);
    });
    const given = new Map([...own.attributes, ...node.attributes]);
    const scope: Scope = { values: inner, opsets: own.opsets, depth };
    for (const each of needed(own.nodes, own.outputs)) this.#node(withAttributes(each, given), scope);
    return own.outputs.map((name) => this.#find(name, scope, `function ${own.name}`));
  }
}

function withAttributes(node: NodeDescription, given: ReadonlyMap<string, Attribute>): NodeDescription {
  if (![...node.attributes.values()].some(({ reference }) => reference)) return node;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    if (!attribute.reference) attributes.set(name, attribute);
    else {
      const value = given.get(attribute.reference);
      if (value) attributes.set(name, value);
    }
  }
  return { ...node, attributes };
}
