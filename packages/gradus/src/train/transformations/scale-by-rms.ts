import { add, div, mul, sqrt, square, sub, type Tensor, zerosLike } from "@gradus/graph";
import { checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";
import { discountedSum } from "./discounted.ts";

/** The state of `scaleByRms`. */
export interface RmsScaling {
  /** The share of the old mean square that each step keeps. */
  readonly decay?: number;
  /** Added to the root. */
  readonly epsilon?: number;
  /** Divide by an estimate of the standard deviation: the mean square less the squared mean. */
  readonly centered?: boolean;
}

/** Sums of decay^(t - i) g_i^2 and, when centered, of decay^(t - i) g_i. */
export type RmsState = { readonly squares: readonly Tensor[]; readonly sums: readonly Tensor[] };

/**
 * g / (sqrt(v) + epsilon) with v = decay v + (1 - decay) g^2 from v = 0 (Tieleman and Hinton, 2012, lecture 6.5);
 * `centered` (Graves, 2013, equation 39) subtracts from v the square of the gradient's own average.
 *
 * @throws ArgumentError unless decay is in [0, 1) and epsilon > 0
 */
export function scaleByRms(options: RmsScaling = {}): GradientTransformation<RmsState> {
  checkOptions("scaleByRms", options, ["decay", "epsilon", "centered"]);
  const { decay = 0.99, epsilon = 1e-8, centered = false } = options;
  checkWithin("[0, 1)", { decay });
  checkPositive({ epsilon });
  return {
    elementwise: true,
    init: (parameters) => ({
      squares: parameters.map(zerosLike),
      sums: centered ? parameters.map(zerosLike) : [],
    }),
    update: (gradients, state) => {
      const squares = state.squares.map((s, i) => discountedSum(s, square(gradients[i]), decay));
      const sums = state.sums.map((s, i) => discountedSum(s, gradients[i], decay));
      const updates = gradients.map((g, i) => {
        const meanSquare = mul(squares[i], 1 - decay);
        const variance = centered ? sub(meanSquare, square(mul(sums[i], 1 - decay))) : meanSquare;
        return div(g, add(sqrt(variance), epsilon));
      });
      return { updates, state: { squares, sums } };
    },
  };
}
