import { dependents } from "./dependence.ts";
import type { LoopAttributes } from "./loop.ts";
import type { Tensor } from "./tensor.ts";

/** Which carried tensors depend, after any number of iterations, on those marked or on the outer tensors given. */
export function affectedStates(
  { parameters, carried }: LoopAttributes,
  marked: readonly boolean[],
  outer: readonly Tensor[],
): boolean[] {
  const affected = [...marked];
  const states = parameters.slice(1);
  for (let size = -1; size !== affected.filter(Boolean).length; ) {
    size = affected.filter(Boolean).length;
    const variables = [...states.filter((_, j) => affected[j]), ...outer];
    const reached = new Set([...variables, ...dependents(carried, variables)]);
    carried.forEach((t, j) => {
      affected[j] ||= reached.has(t);
    });
  }
  return affected;
}
