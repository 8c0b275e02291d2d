import type { Tensor, Tree } from "@gradus/graph";

/** What a transformation is given in addition to the gradients. */
export interface StepContext {
  /** The parameters before the step, leaf by leaf. */
  readonly parameters: readonly Tensor[];
  /** Their places in the tree, such as `layers.0.weights`. */
  readonly paths: readonly string[];
  /** Steps taken before this one: an i64 scalar. */
  readonly steps: Tensor;
  /** Rows in the batches before this one: an i64 scalar. */
  readonly samples: Tensor;
}

/**
 * A gradient transformation: a pair of pure functions inside the graph, over the leaves of the parameters in order.
 * `update` turns gradients into what is added to the parameters, and carries its own state.
 */
export interface GradientTransformation<S extends Tree<Tensor> = Tree<Tensor>> {
  /**
   * Whether each number of an update depends on the same place of the gradient, the parameter and the state alone, and the
   * state has lists with a tensor for each parameter, and scalars: small parameters are then updated together, as parts of
   * one vector. One that begins with a sum with the gradient is so `"behind others"`: first in a chain, its sum is part of
   * the matrix product that makes the gradient.
   */
  readonly elementwise?: boolean | "behind others";
  /** The state before the first step, from the parameters. */
  init(parameters: readonly Tensor[]): S;
  /** The updates to add to the parameters, and the next state. */
  update(
    gradients: readonly Tensor[],
    state: S,
    context: StepContext,
  ): { readonly updates: readonly Tensor[]; readonly state: S };
}

/** A transformation without a state. */
export function stateless(
  transform: (gradients: readonly Tensor[], context: StepContext) => readonly Tensor[],
  options: Pick<GradientTransformation, "elementwise"> = {},
): GradientTransformation<readonly Tensor[]> {
  return {
    ...options,
    init: () => [],
    update: (gradients, state, context) => ({ updates: transform(gradients, context), state }),
  };
}

/**
 * Transformations one after another: each sees the updates of the one before in place of the gradients.
 *
 *     chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-4), scaleByLearningRate(schedule))
 */
export function chain(
  ...transformations: readonly GradientTransformation[]
): GradientTransformation<readonly Tree<Tensor>[]> {
  const elementwise = transformations.every((t) => t.elementwise);
  return {
    elementwise:
      elementwise && transformations[0]?.elementwise === "behind others" ? "behind others" : elementwise,
    init: (parameters) => transformations.map((t) => t.init(parameters)),
    update: (gradients, states, context) => {
      let updates = gradients;
      const next = transformations.map((t, i) => {
        const result = t.update(updates, states[i], context);
        updates = result.updates;
        return result.state;
      });
      return { updates, state: next };
    },
  };
}
