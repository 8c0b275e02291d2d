import type { GraphDescription, NodeDescription } from "./model-description.ts";

/** Numbers of a fitted model that a node holds in an attribute rather than in a tensor. */
export interface FittedAttribute {
  readonly attribute: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const floatsOf = ({ attributes }: NodeDescription, name: string) => attributes.get(name)?.floats ?? [];

/** The number of rows that the numbers of an attribute have, by operator and attribute; undefined for a vector. */
const rows: Readonly<
  Record<string, Readonly<Record<string, ((node: NodeDescription) => number) | undefined>>>
> = {
  LinearClassifier: {
    coefficients: (node) => floatsOf(node, "intercepts").length || classesOf(node),
    intercepts: undefined,
  },
  LinearRegressor: {
    coefficients: ({ attributes }) => attributes.get("targets")?.int ?? 1,
    intercepts: undefined,
  },
  SVMRegressor: {
    coefficients: undefined,
    rho: undefined,
    support_vectors: ({ attributes }) => attributes.get("n_supports")?.int ?? 0,
  },
};

const classesOf = ({ attributes }: NodeDescription) =>
  ["classlabels_ints", "classlabels_strings"].reduce((count, name) => {
    const labels = attributes.get(name);
    return count + (labels?.ints.length ?? 0) + (labels?.texts.length ?? 0);
  }, 0);

/** What a node of the domain ai.onnx.ml holds in attributes of what it was fitted to. */
export function fittedAttributes(node: NodeDescription): FittedAttribute[] {
  const { domain, opType } = node;
  if (domain !== "ai.onnx.ml" || !Object.hasOwn(rows, opType)) return [];
  return Object.entries(rows[opType]).flatMap(([attribute, rowsOf]) => {
    const values = floatsOf(node, attribute);
    if (values.length === 0) return [];
    const count = rowsOf?.(node);
    const shape = count === undefined ? [values.length] : [count, values.length / count];
    // The operator refuses numbers that are no matrix.
    return [{ attribute, values, shape: shape.every(Number.isSafeInteger) ? shape : [values.length] }];
  });
}

/**
 * The attributes of a graph's nodes that are parameters of the model, by name: the node's, then the attribute's, as in
 * `LinearClassifier.coefficients`. A name that is taken already stays a constant.
 */
export function attributeParameters({
  nodes,
  initializers,
  inputs,
}: GraphDescription): ReadonlyMap<string, FittedAttribute & { readonly node: NodeDescription }> {
  const named = [...initializers, ...inputs].map(({ name }) => name);
  const taken = new Set([...named, ...nodes.flatMap(({ outputs }) => outputs)]);
  const found = new Map<string, FittedAttribute & { readonly node: NodeDescription }>();
  for (const node of nodes)
    for (const one of fittedAttributes(node)) {
      const name = `${node.name || node.outputs[0]}.${one.attribute}`;
      if (!taken.has(name) && !found.has(name)) found.set(name, { ...one, node });
    }
  return found;
}
