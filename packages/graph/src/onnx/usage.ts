import type { Tensor } from "../tensor.ts";

/** Which nodes may be fused into another. */
export interface Usage {
  /** Whether only `user` uses `t` and both are in the same graph, so that fusing them moves nothing into a loop. */
  onlyFor(t: Tensor, user: Tensor): boolean;
}

/**
 * Counts the uses of each node: by other nodes, as results of loop bodies, and as outputs.
 *
 * @param together whether two nodes are computed in the same graph: the program's, or a loop's body
 */
export function findUsage(
  nodes: readonly Tensor[],
  outputs: readonly Tensor[],
  together: (a: Tensor, b: Tensor) => boolean,
): Usage {
  const uses = new Map<Tensor, number>();
  const count = (t: Tensor) => uses.set(t, (uses.get(t) ?? 0) + 1);
  outputs.forEach(count);
  for (const node of nodes) {
    node.inputs.forEach(count);
    node.op.predecessors?.(node.attributes).forEach(count);
  }
  return { onlyFor: (t, user) => uses.get(t) === 1 && together(t, user) };
}
