import type { ModelDescription, NodeDescription } from "./model-description.ts";
import { floats, type StoredTensor } from "./read-tensor.ts";

/** A parameter that has no tensor of its own in the file. */
export interface MergedParameter {
  readonly name: string;
  /** The tensor that it was equal to. */
  readonly source: StoredTensor;
}

/** Names of a `state_dict`; values that nodes compute have slashes in theirs, and renamed tensors colons. */
const PARAMETER = /^[^/:]+$/;

/**
 * Parameters that PyTorch's exporter has stored once because they were equal, such as the scales of new normalization
 * layers: an Identity node gives each of the others its name. They are parameters of their own.
 */
export function mergedParameters({
  graph: { nodes, initializers, outputs },
  producer,
}: ModelDescription): ReadonlyMap<NodeDescription, MergedParameter> {
  const found = new Map<NodeDescription, MergedParameter>();
  if (producer !== "pytorch") return found;
  const stored = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  for (const node of nodes) {
    if (node.opType !== "Identity" || node.domain !== "") continue;
    const [from] = node.inputs;
    const [name] = node.outputs;
    const source = stored.get(from);
    const parameter =
      source && floats.has(source.elementType) && [from, name].every((one) => PARAMETER.test(one));
    if (parameter && !outputs.some((one) => one.name === name)) found.set(node, { name, source });
  }
  return found;
}
