import { add, div, mul, scalar, sqrt, square, type Tensor, zerosLike } from "@gradus/graph";
import { checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";
import { discountedSum } from "./discounted.ts";

/** The state of `scaleByAdam`. */
export interface AdamScaling {
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the second moment. */
  readonly epsilon?: number;
}

/** Sums of beta1^(t - i) g_i and of beta2^(t - i) g_i^2, and the same sums of ones. */
export type AdamState = {
  readonly first: readonly Tensor[];
  readonly second: readonly Tensor[];
  readonly firstWeight: Tensor;
  readonly secondWeight: Tensor;
};

/**
 * Adam's direction (Kingma and Ba, 2015, Algorithm 1): m / (1 - beta1^t) over sqrt(v / (1 - beta2^t)) + epsilon, with
 * m = beta1 m + (1 - beta1) g and v = beta2 v + (1 - beta2) g^2.
 *
 * @throws ArgumentError unless both betas are in [0, 1) and epsilon > 0
 */
export function scaleByAdam(options: AdamScaling = {}): GradientTransformation<AdamState> {
  checkOptions("scaleByAdam", options, ["beta1", "beta2", "epsilon"]);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkWithin("[0, 1)", { beta1, beta2 });
  checkPositive({ epsilon });
  return {
    elementwise: true,
    init: (parameters) => {
      const zero = scalar(0, parameters[0].dtype);
      return {
        first: parameters.map(zerosLike),
        second: parameters.map(zerosLike),
        firstWeight: zero,
        secondWeight: zero,
      };
    },
    update: (gradients, state) => {
      const first = state.first.map((s, i) => discountedSum(s, gradients[i], beta1));
      const second = state.second.map((s, i) => discountedSum(s, square(gradients[i]), beta2));
      const firstWeight = discountedSum(state.firstWeight, 1, beta1);
      const secondWeight = discountedSum(state.secondWeight, 1, beta2);
      // The sums are averages up to scalars, and these are applied where they cost no pass over the parameters.
      const root = sqrt(secondWeight);
      const offset = mul(root, epsilon);
      const factor = div(root, firstWeight);
      const updates = first.map((m, i) => mul(div(m, add(sqrt(second[i]), offset)), factor));
      return { updates, state: { first, second, firstWeight, secondWeight } };
    },
  };
}
