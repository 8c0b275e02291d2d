import { checkGivenOptions } from "../check/options.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { scaleByLearningRate } from "./transformations/learning-rate.ts";
import { accumulateMomentum } from "./transformations/momentum.ts";
import { type RmsScaling, scaleByRms } from "./transformations/scale-by-rms.ts";
import type { Scheduled } from "./transformations/scheduled.ts";

export interface RmspropOptions extends RmsScaling {
  readonly learningRate: Scheduled;
  /** Of a velocity that accumulates the scaled gradients; none when 0. */
  readonly momentum?: number;
}

/**
 * RMSprop (Tieleman and Hinton, 2012, lecture 6.5): v = decay v + (1 - decay) g^2, and the update is
 * -learningRate g / (sqrt(v) + epsilon), or its velocity with momentum (Graves, 2013).
 *
 * @throws ArgumentError unless a learning rate that is a number and epsilon are > 0, decay and momentum in [0, 1)
 */
export function rmsprop(options: RmspropOptions): GradientTransformation {
  checkGivenOptions("rmsprop", options, ["learningRate", "momentum", "decay", "epsilon", "centered"]);
  const { learningRate, momentum = 0, ...scaling } = options;
  const velocity = momentum === 0 ? [] : [accumulateMomentum({ momentum })];
  return chain(scaleByRms(scaling), ...velocity, scaleByLearningRate(learningRate));
}
