import { mul, type Tensor, zerosLike } from "@gradus/graph";
import type { GradientTransformation } from "../transformation.ts";
import { averagingWeight, discountedSum, floatTypeOf } from "./discounted.ts";
import { requireFractions } from "./require-options.ts";

export interface AverageGradientsOptions {
  /** The share of the old average that each step keeps. */
  readonly decay?: number;
  /** Divide by 1 - decay^t, so that the first averages are not too small. */
  readonly biasCorrection?: boolean;
}

/**
 * The exponential moving average m = decay m + (1 - decay) u, from m = 0, in place of u: momentum whose dampening is
 * the momentum itself.
 *
 * @throws ArgumentError unless decay is in [0, 1)
 */
export function averageGradients({
  decay = 0.9,
  biasCorrection = false,
}: AverageGradientsOptions = {}): GradientTransformation<readonly Tensor[]> {
  requireFractions({ decay });
  return {
    init: (parameters) => parameters.map(zerosLike),
    update: (gradients, state, context) => {
      const sums = state.map((s, i) => discountedSum(s, gradients[i], decay));
      const updates = sums.map((s) =>
        mul(s, biasCorrection ? averagingWeight(decay, context, floatTypeOf(s)) : 1 - decay),
      );
      return { updates, state: sums };
    },
  };
}
