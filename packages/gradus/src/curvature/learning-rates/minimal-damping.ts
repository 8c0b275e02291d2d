import { checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkEffectiveBatch } from "../batch/effective-batch-size.ts";

export interface MinimalDampingOptions {
  readonly learningRate: number;
  /** The eigenvalue of the full data's Hessian along which the step is damped. */
  readonly lambda: number;
  readonly hessianVariance: number;
  readonly effectiveBatch: number;
}

/**
 * The smallest damping delta at which a second-order step of size alpha / (lambda + delta) does not overshoot for the
 * curvature of a batch, lambda + s^2 / (b lambda) in the additive model:
 *
 *     delta = max(0, (alpha / 2) (lambda + s^2 / (b lambda)) - lambda)
 *
 * whose noise term, alpha s^2 / (2 b lambda), is proportional to the learning rate divided by the batch size.
 * Source: derived here; the first version of Granziol 2020, arXiv 2006.09092, states the proportionality.
 *
 * @throws ArgumentError when the rate or lambda is not > 0, the variance is not >= 0 or the batch is not > 0
 */
export function minimalDamping(options: MinimalDampingOptions): number {
  checkGivenOptions("minimalDamping", options, [
    "learningRate",
    "lambda",
    "hessianVariance",
    "effectiveBatch",
  ]);
  const { learningRate, lambda, hessianVariance, effectiveBatch } = options;
  checkPositive({ learningRate, lambda });
  checkNonNegative({ hessianVariance });
  checkEffectiveBatch(effectiveBatch);
  const curvature = lambda + hessianVariance / (effectiveBatch * lambda);
  return Math.max(0, (learningRate / 2) * curvature - lambda);
}
