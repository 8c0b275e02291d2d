import type { Tensor } from "./tensor.ts";

/** The tensors that a node uses; a loop counts as one node, which uses its inputs and what its body captures. */
export function usedBy(tensor: Tensor): readonly Tensor[] {
  const captures = tensor.op.captures?.(tensor.attributes);
  return captures ? [...tensor.inputs, ...captures] : tensor.inputs;
}

/**
 * The nodes between `variables` and `outputs` that depend on a variable, in topological order; the search stops at the
 * variables.
 */
export function dependents(outputs: readonly Tensor[], variables: readonly Tensor[]): Tensor[] {
  const depends = new Set<Tensor>(variables);
  // Nodes are created after their inputs: nodes older than every variable depend on none.
  let oldest = Number.POSITIVE_INFINITY;
  for (const { id } of variables) oldest = Math.min(oldest, id);
  const seen = new Set<Tensor>();
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (tensor.id < oldest || seen.has(tensor) || depends.has(tensor)) continue;
    seen.add(tensor);
    for (const t of usedBy(tensor)) pending.push(t);
  }
  return [...seen]
    .sort((a, b) => a.id - b.id)
    .filter((tensor) => {
      if (!usedBy(tensor).some((t) => depends.has(t))) return false;
      depends.add(tensor);
      return true;
    });
}
