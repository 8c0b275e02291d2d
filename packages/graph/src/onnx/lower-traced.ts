import { input, reachable, type Tensor, type TensorType } from "../tensor.ts";
import type { Emitter } from "./emit.ts";

/**
 * Emits a function of tensors, without loops, where an operation is lowered as others.
 *
 * @param names of the arguments in the model
 * @returns the name of the result
 */
export function lowerTraced(
  emit: Emitter,
  names: readonly string[],
  types: readonly TensorType[],
  f: (...tensors: Tensor[]) => Tensor,
): string {
  const tensors = types.map((type, i) => input(names[i], type));
  const result = f(...tensors);
  const known = new Map(tensors.map((tensor, i) => [tensor, names[i]]));
  for (const node of reachable([result])) {
    if (known.has(node)) continue;
    const { inputs, attributes } = node;
    const operands = inputs.map((operand) => known.get(operand)!);
    known.set(node, node.op.lower(emit, operands, { inputs, output: node, attributes }));
  }
  return known.get(result)!;
}
