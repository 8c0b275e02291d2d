import { nodesOf } from "./model-values.ts";
import type { ModelDescription } from "./read-model.ts";
import { operatorName } from "./supported-operators.ts";

/** An operator that reads a tensor, and in which place of its inputs, from 0. */
export interface TensorUse {
  readonly operator: string;
  readonly input: number;
}

/** Which operators read the tensors of these names. */
export function usesOf(
  model: ModelDescription,
  names: readonly string[],
): Record<string, readonly TensorUse[]> {
  const uses = new Map<string, TensorUse[]>(names.map((name) => [name, []]));
  for (const { opType, domain, inputs } of nodesOf(model))
    inputs.forEach((name, input) => {
      uses.get(name)?.push({ operator: operatorName({ opType, domain }), input });
    });
  return Object.fromEntries(uses);
}
