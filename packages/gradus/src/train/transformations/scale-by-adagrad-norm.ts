import { add, mul, rsqrt, scalar, type Tensor } from "@gradus/graph";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";
import { sumOfSquares } from "./norms.ts";

/**
 * g / sqrt(v) with one scalar v = v + |g|^2 for all parameters: AdaGrad-Norm (Ward, Wu and Bottou, 2019, Algorithm 1).
 *
 * @param options.initialAccumulator v before the first step
 * @throws ArgumentError unless initialAccumulator is finite and > 0
 */
export function scaleByAdagradNorm(
  options: { readonly initialAccumulator?: number } = {},
): GradientTransformation<Tensor> {
  checkOptions("scaleByAdagradNorm", options, ["initialAccumulator"]);
  const { initialAccumulator = 1e-2 } = options;
  checkPositive({ initialAccumulator });
  return {
    init: (parameters) => scalar(initialAccumulator, parameters[0].dtype),
    update: (gradients, state) => {
      const next = add(state, sumOfSquares(gradients));
      const factor = rsqrt(next);
      return { updates: gradients.map((g) => mul(g, factor)), state: next };
    },
  };
}
