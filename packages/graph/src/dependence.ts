import type { Tensor } from "./tensor.ts";

/** What a node is made of; of a loop, its body is taken as one piece with what it takes from outside. */
export function usedBy(tensor: Tensor): readonly Tensor[] {
  const captures = tensor.op.captures?.(tensor.attributes);
  return captures ? [...tensor.inputs, ...captures] : tensor.inputs;
}

/**
 * The nodes between `variables` and `outputs` that depend on a variable, in topological order; what a variable is made
 * of is not looked at.
 */
export function dependents(outputs: readonly Tensor[], variables: readonly Tensor[]): Tensor[] {
  const depends = new Set<Tensor>(variables);
  // Nodes are made after what they are made of: older ones than every variable depend on none.
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
