import type { OnnxGraph, OnnxNode, OnnxValue } from "@gradus/graph";

/** A node that the diagram shows. */
export interface DrawnNode {
  readonly node: OnnxNode;
  /** The names of the parameters that it uses, directly or after they were prepared. */
  readonly parameters: readonly string[];
  /** The shape of the first stored tensor with two dimensions or more, as the node reads it. */
  readonly weights?: readonly number[];
  /** What it reads: an index among the inputs, else among the drawn nodes. */
  readonly sources: readonly Source[];
}

export type Source = { readonly input: number } | { readonly node: number };

export interface DrawnGraph {
  readonly inputs: readonly OnnxValue[];
  readonly nodes: readonly DrawnNode[];
  readonly outputs: readonly { readonly value: OnnxValue; readonly source: Source | undefined }[];
  /** How many nodes only prepare weights and shapes, and are left out. */
  readonly hidden: number;
}

/** Operators whose results tell of the shape of data, not of the data. */
const OF_SHAPES = new Set(["Shape", "Size"]);

/** What a value holds: data from an input or node, and the stored tensors behind it otherwise. */
interface Origin {
  readonly source?: Source;
  readonly parameters: readonly string[];
  /** Of a stored tensor, where it is known after it was prepared. */
  readonly shape?: readonly number[];
}

/** The shape of a stored tensor after a node prepared it; undefined where it would have to be computed. */
function preparedShape({ operator, attributes }: OnnxNode, shape: readonly number[] | undefined) {
  if (operator === "Identity" || operator === "Cast") return shape;
  if (operator !== "Transpose" || !shape) return undefined;
  const { perm } = attributes;
  return Array.isArray(perm) ? perm.map((axis: number) => shape[axis]) : shape.toReversed();
}

const keyOf = (source: Source) => ("input" in source ? -1 - source.input : source.node);

/**
 * The nodes through which data flow. Those that only prepare weights, such as transpositions of them, and those that
 * only compute shapes are left out, and what they prepare counts as the parameters of the node that uses it. Operators
 * that are not supported are always shown.
 *
 * @param parameters the names of the model's parameters, by default those of all stored floating-point tensors
 */
export function drawnGraph(graph: OnnxGraph, parameters?: ReadonlySet<string>): DrawnGraph {
  const origins = new Map<string, Origin>();
  for (const { name, shape, floating } of graph.stored)
    origins.set(name, {
      shape,
      parameters: (parameters?.has(name) ?? floating) ? [name] : [],
    });
  graph.inputs.forEach(({ name }, input) => {
    origins.set(name, { source: { input }, parameters: [] });
  });
  const results = new Set(graph.outputs.map(({ name }) => name));
  const nodes: DrawnNode[] = [];
  for (const node of graph.nodes) {
    const read = node.inputs.flatMap((name) => origins.get(name) ?? []);
    const sources = new Map(read.flatMap(({ source }) => (source ? [[keyOf(source), source] as const] : [])));
    const parameters = [...new Set(read.flatMap((origin) => origin.parameters))];
    const carries = sources.size > 0 && !OF_SHAPES.has(node.operator);
    const drawn = carries || !node.supported || node.outputs.some((name) => results.has(name));
    const origin: Origin = drawn
      ? { source: { node: nodes.length }, parameters: [] }
      : { parameters, shape: preparedShape(node, read[0]?.shape) };
    const weights = read.find(({ shape }) => shape !== undefined && shape.length > 1)?.shape;
    if (drawn) nodes.push({ node, parameters, sources: [...sources.values()], ...(weights && { weights }) });
    for (const name of node.outputs) origins.set(name, origin);
  }
  return {
    inputs: graph.inputs,
    nodes,
    outputs: graph.outputs.map((value) => ({ value, source: origins.get(value.name)?.source })),
    hidden: graph.nodes.length - nodes.length,
  };
}
