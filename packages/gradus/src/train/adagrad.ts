import { checkGivenOptions } from "../check/options.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { scaleByLearningRate } from "./transformations/learning-rate.ts";
import { type AdagradScaling, scaleByAdagrad } from "./transformations/scale-by-adagrad.ts";
import { scaleByAdagradNorm } from "./transformations/scale-by-adagrad-norm.ts";
import type { Scheduled } from "./transformations/scheduled.ts";

export interface AdagradOptions extends AdagradScaling {
  readonly learningRate: Scheduled;
}

/**
 * AdaGrad with a rate per coordinate (Duchi, Hazan and Singer, 2011): v = v + g^2, and the update is
 * -learningRate g / (sqrt(v) + epsilon).
 *
 * @throws ArgumentError unless a learning rate that is a number and epsilon are > 0 and initialAccumulator >= 0
 */
export function adagrad(options: AdagradOptions): GradientTransformation {
  checkGivenOptions("adagrad", options, ["learningRate", "epsilon", "initialAccumulator"]);
  const { learningRate, ...scaling } = options;
  return chain(scaleByAdagrad(scaling), scaleByLearningRate(learningRate));
}

export interface AdagradNormOptions {
  readonly learningRate: Scheduled;
  /** v before the first step. */
  readonly initialAccumulator?: number;
}

/**
 * AdaGrad with one rate (Ward, Wu and Bottou, 2019, Algorithm 1): v = v + |g|^2 over all parameters, and the update is
 * -learningRate g / sqrt(v).
 *
 * @throws ArgumentError unless a learning rate that is a number and initialAccumulator are finite and > 0
 */
export function adagradNorm(options: AdagradNormOptions): GradientTransformation {
  checkGivenOptions("adagradNorm", options, ["learningRate", "initialAccumulator"]);
  const { learningRate, initialAccumulator } = options;
  return chain(scaleByAdagradNorm({ initialAccumulator }), scaleByLearningRate(learningRate));
}
