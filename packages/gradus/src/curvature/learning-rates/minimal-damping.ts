import { checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { checkEffectiveBatch } from "../batch/effective-batch-size.ts";

export interface MinimalDampingOptions {
  readonly learningRate: number;
  /** The eigenvalue of the full data's Hessian along which the step is damped. */
  readonly lambda: number;
  readonly hessianVariance: number;
  readonly effectiveBatch: number;
}

/**
 * The smallest damping delta with which a second-order step of size alpha / (lambda + delta) does not overshoot on the
 * curvature of a batch, lambda + s^2 / (b lambda) in the additive model:
 *
 *     delta = max(0, (alpha / 2) (lambda + s^2 / (b lambda)) - lambda)
 *
 * whose part from the noise, alpha s^2 / (2 b lambda), is proportional to learning rate over batch size.
 * Source: derived here; the first version of Granziol 2020, arXiv 2006.09092, states the proportion.
 *
 * @throws ArgumentError when the rate or lambda is not > 0, the variance not >= 0 or the batch not > 0
 */
export function minimalDamping(options: MinimalDampingOptions): number {
  checkOptions("minimalDamping", options, ["learningRate", "lambda", "hessianVariance", "effectiveBatch"]);
  const { learningRate, lambda, hessianVariance, effectiveBatch } = options;
  checkPositive({ learningRate, lambda });
  checkNonNegative({ hessianVariance });
  checkEffectiveBatch(effectiveBatch);
  const curvature = lambda + hessianVariance / (effectiveBatch * lambda);
  return Math.max(0, (learningRate / 2) * curvature - lambda);
}
