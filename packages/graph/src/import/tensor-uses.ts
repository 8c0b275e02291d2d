import { mergedParameters } from "./merged-parameters.ts";
import type { ModelDescription } from "./model-description.ts";
import { nodesOf } from "./model-values.ts";
import { operatorName } from "./supported-operators.ts";

/** A node that reads a tensor, and in which place of its inputs, from 0. */
export interface TensorUse {
  readonly operator: string;
  /** The name of the node, empty where it has none: PyTorch writes its module, as in `/encoder/layers.0/linear1/MatMul`. */
  readonly node: string;
  readonly input: number;
}

/** Which nodes read the tensors of these names. */
export function usesOf(
  model: ModelDescription,
  names: readonly string[],
): Record<string, readonly TensorUse[]> {
  const uses = new Map<string, TensorUse[]>(names.map((name) => [name, []]));
  const merged = mergedParameters(model);
  for (const description of nodesOf(model)) {
    if (merged.has(description)) continue;
    const { opType, domain, name: node, inputs } = description;
    inputs.forEach((name, input) => {
      uses.get(name)?.push({ operator: operatorName({ opType, domain }), node, input });
    });
  }
  return Object.fromEntries(uses);
}
