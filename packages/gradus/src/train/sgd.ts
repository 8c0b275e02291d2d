import { checkGivenOptions } from "../check/options.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { scaleByLearningRate } from "./transformations/learning-rate.ts";
import { accumulateMomentum } from "./transformations/momentum.ts";
import type { Scheduled } from "./transformations/scheduled.ts";

export interface SgdOptions {
  readonly learningRate: Scheduled;
}

/**
 * Gradient descent: the update is -learningRate g. The gradients of minibatches make it stochastic (Robbins and
 * Monro, 1951).
 *
 * @throws ArgumentError unless a learning rate that is a number is finite and > 0
 */
export function sgd(options: SgdOptions): GradientTransformation {
  checkGivenOptions("sgd", options, ["learningRate"]);
  const { learningRate } = options;
  return scaleByLearningRate(learningRate);
}

export interface HeavyBallOptions extends SgdOptions {
  /** The share of the velocity that each step keeps. */
  readonly momentum?: number;
}

/**
 * The heavy ball (Polyak, 1964): v = momentum v + g, and the update is -learningRate v.
 *
 * @throws ArgumentError unless momentum is in [0, 1) and a learning rate that is a number finite and > 0
 */
export function heavyBall(options: HeavyBallOptions): GradientTransformation {
  checkGivenOptions("heavyBall", options, ["learningRate", "momentum"]);
  const { learningRate, momentum = 0.9 } = options;
  return chain(accumulateMomentum({ momentum }), scaleByLearningRate(learningRate));
}

/**
 * Nesterov's (1983) accelerated gradient with constant momentum, as Sutskever et al. (2013) write it:
 * v = momentum v + g, and the update is -learningRate (g + momentum v).
 *
 * @throws ArgumentError unless momentum is in [0, 1) and a learning rate that is a number finite and > 0
 */
export function nesterov(options: HeavyBallOptions): GradientTransformation {
  checkGivenOptions("nesterov", options, ["learningRate", "momentum"]);
  const { learningRate, momentum = 0.9 } = options;
  return chain(accumulateMomentum({ momentum, nesterov: true }), scaleByLearningRate(learningRate));
}
