import { add, div, mul, onesLike, sqrt, square, type Tensor } from "@gradus/graph";
import { checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";

/** The state of `scaleByAdagrad`. */
export interface AdagradScaling {
  /** The sum of squares before the first step. */
  readonly initialAccumulator?: number;
  /** Added to the root. */
  readonly epsilon?: number;
}

/**
 * g / (sqrt(v) + epsilon) with v = v + g^2 in every coordinate (Duchi, Hazan and Singer, 2011).
 *
 * @throws ArgumentError unless initialAccumulator >= 0 and epsilon > 0
 */
export function scaleByAdagrad(options: AdagradScaling = {}): GradientTransformation<readonly Tensor[]> {
  checkOptions("scaleByAdagrad", options, ["initialAccumulator", "epsilon"]);
  const { initialAccumulator = 0, epsilon = 1e-10 } = options;
  checkNonNegative({ initialAccumulator });
  checkPositive({ epsilon });
  return {
    elementwise: true,
    init: (parameters) => parameters.map((p) => mul(onesLike(p), initialAccumulator)),
    update: (gradients, state) => {
      const sums = state.map((v, i) => add(v, square(gradients[i])));
      const updates = sums.map((v, i) => div(gradients[i], add(sqrt(v), epsilon)));
      return { updates, state: sums };
    },
  };
}
