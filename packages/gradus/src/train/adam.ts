import { checkGivenOptions } from "../check/options.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { addDecayedWeights, type DecayedWeightsOptions } from "./transformations/decayed-weights.ts";
import { scaleByLearningRate } from "./transformations/learning-rate.ts";
import { type AdamScaling, scaleByAdam } from "./transformations/scale-by-adam.ts";
import type { Scheduled } from "./transformations/scheduled.ts";

export interface AdamOptions extends AdamScaling {
  readonly learningRate: Scheduled;
}

/**
 * Adam (Kingma and Ba, 2015, Algorithm 1): m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and the update
 * -learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
 *
 * @throws ArgumentError unless a learning rate that is a number and epsilon are > 0 and both betas in [0, 1)
 */
export function adam(options: AdamOptions): GradientTransformation {
  checkGivenOptions("adam", options, ["learningRate", "beta1", "beta2", "epsilon"]);
  const { learningRate, ...scaling } = options;
  return chain(scaleByAdam(scaling), scaleByLearningRate(learningRate));
}

export interface AdamwOptions extends AdamOptions, DecayedWeightsOptions {
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019, Algorithm 2): Adam's update less
 * learningRate weightDecay w.
 *
 * @throws ArgumentError as `adam` does, and unless weightDecay >= 0
 */
export function adamw(options: AdamwOptions): GradientTransformation {
  checkGivenOptions("adamw", options, ["learningRate", "weightDecay", "where", "beta1", "beta2", "epsilon"]);
  const { learningRate, weightDecay = 1e-2, where, ...scaling } = options;
  return chain(
    scaleByAdam(scaling),
    addDecayedWeights(weightDecay, { where }),
    scaleByLearningRate(learningRate),
  );
}
