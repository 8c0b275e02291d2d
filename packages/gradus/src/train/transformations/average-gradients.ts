import { div, mul, scalar, type Tensor, zerosLike } from "@gradus/graph";
import { checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";
import { discountedSum } from "./discounted.ts";

export interface AverageGradientsOptions {
  /** The share of the old average that each step keeps. */
  readonly decay?: number;
  /** Divide by 1 - decay^t, so that the first averages are not too small. */
  readonly biasCorrection?: boolean;
}

/** Sums of decay^(t - i) u_i, and with bias correction of decay^(t - i). */
export type AverageGradientsState = { readonly sums: readonly Tensor[]; readonly weight: readonly Tensor[] };

/**
 * The exponential moving average m = decay m + (1 - decay) u, from m = 0, in place of u: momentum whose dampening is
 * the momentum itself.
 *
 * @throws ArgumentError unless decay is in [0, 1)
 */
export function averageGradients(
  options: AverageGradientsOptions = {},
): GradientTransformation<AverageGradientsState> {
  checkOptions("averageGradients", options, ["decay", "biasCorrection"]);
  const { decay = 0.9, biasCorrection = false } = options;
  checkWithin("[0, 1)", { decay });
  return {
    elementwise: "behind others",
    init: (parameters) => ({
      sums: parameters.map(zerosLike),
      weight: biasCorrection ? [scalar(0, parameters[0].dtype)] : [],
    }),
    update: (gradients, state) => {
      const sums = state.sums.map((s, i) => discountedSum(s, gradients[i], decay));
      const weight = state.weight.map((w) => discountedSum(w, 1, decay));
      const factor = biasCorrection ? div(1, weight[0]) : 1 - decay;
      return { updates: sums.map((s) => mul(s, factor)), state: { sums, weight } };
    },
  };
}
