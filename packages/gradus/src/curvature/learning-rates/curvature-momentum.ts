import { mul, type Operand, sub, type Tensor, zerosLike } from "@gradus/graph";
import { checkGivenOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../../train/transformation.ts";

export interface CurvatureMomentumOptions {
  /** A number, or a scalar tensor such as a setting that changes between runs. */
  readonly learningRate: Operand;
  readonly momentum: Operand;
}

/**
 * The heavy ball with its velocity in units of the parameters: v = momentum v - learningRate g, and the update is v.
 * At constant rates its steps equal those of `heavyBall`; when the learning rate changes, gradients already in the
 * velocity keep their old rate.
 * Source: Polyak 1964, in the form of Sutskever et al. 2013, equation 1.
 */
export function curvatureMomentum(
  options: CurvatureMomentumOptions,
): GradientTransformation<readonly Tensor[]> {
  checkGivenOptions("curvatureMomentum", options, ["learningRate", "momentum"]);
  const { learningRate, momentum } = options;
  return {
    init: (parameters) => parameters.map(zerosLike),
    update: (gradients, state) => {
      const velocities = state.map((v, i) => sub(mul(v, momentum), mul(gradients[i], learningRate)));
      return { updates: velocities, state: velocities };
    },
  };
}
