import type { Tensor, Tree } from "@gradus/graph";

/**
 * A gradient transformation: a pair of pure functions inside the graph, over the leaves of the parameters in order.
 * `update` turns gradients into what is added to the parameters, and carries its own state.
 */
export interface GradientTransformation<S extends Tree<Tensor> = Tree<Tensor>> {
  /** The state before the first step, from the parameters. */
  init(parameters: readonly Tensor[]): S;
  /** The updates to add to the parameters, and the next state. */
  update(
    gradients: readonly Tensor[],
    state: S,
    parameters: readonly Tensor[],
  ): { readonly updates: readonly Tensor[]; readonly state: S };
}

/** Transformations one after another: each sees the updates of the one before in place of the gradients. */
export function chain(
  ...transformations: readonly GradientTransformation[]
): GradientTransformation<readonly Tree<Tensor>[]> {
  return {
    init: (parameters) => transformations.map((t) => t.init(parameters)),
    update: (gradients, states, parameters) => {
      let updates = gradients;
      const next = transformations.map((t, i) => {
        const result = t.update(updates, states[i], parameters);
        updates = result.updates;
        return result.state;
      });
      return { updates, state: next };
    },
  };
}
