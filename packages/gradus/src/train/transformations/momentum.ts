import { add, mul, type Tensor, zerosLike } from "@gradus/graph";
import { checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";

export interface MomentumOptions {
  /** The share of the velocity that each step keeps. */
  readonly momentum?: number;
  /** Look ahead by the velocity to come. */
  readonly nesterov?: boolean;
}

/**
 * The velocity v = momentum v + u in place of u: the heavy ball (Polyak, 1964). With `nesterov`, u + momentum v, which
 * is Nesterov's (1983) method in the form of Sutskever et al. (2013), written at the point looked ahead to.
 *
 * PyTorch's dampening is, from the second step on, a smaller learning rate; `averageGradients` has it from the first.
 *
 * @throws ArgumentError unless momentum is in [0, 1)
 */
export function accumulateMomentum(options: MomentumOptions = {}): GradientTransformation<readonly Tensor[]> {
  checkOptions("accumulateMomentum", options, ["momentum", "nesterov"]);
  const { momentum = 0.9, nesterov = false } = options;
  checkWithin("[0, 1)", { momentum });
  return {
    elementwise: "behind others",
    init: (parameters) => parameters.map(zerosLike),
    update: (gradients, state) => {
      const velocities = state.map((v, i) => add(mul(v, momentum), gradients[i]));
      const updates = nesterov ? velocities.map((v, i) => add(mul(v, momentum), gradients[i])) : velocities;
      return { updates, state: velocities };
    },
  };
}
