import { ArgumentError } from "../../check/errors.ts";
import { requireFractions } from "../../train/transformations/require-options.ts";
import { type BatchSampling, effectiveBatchSize } from "./effective-batch-size.ts";
import { requireEffectiveBatch, requireRate, requireVariance } from "./require.ts";
import { spikedWigner } from "./spiked-models.ts";

export interface MaxBatchLearningRateOptions extends BatchSampling {
  /** Of the full data's Hessian; for adaptive methods, of D^-1/2 H D^-1/2. */
  readonly lambdaMax: number;
  /** s^2 of the same matrix. */
  readonly hessianVariance: number;
  readonly batchSize: number;
  readonly datasetSize: number;
  readonly optimizer?: "sgd" | "momentum" | "adaptive";
  /** The share of the velocity that a heavy ball keeps. */
  readonly momentum?: number;
}

/** The largest learning rate of a batch size, and what limits it. */
export interface MaxBatchLearningRate {
  readonly rate: number;
  /** `noise`: the largest eigenvalue is the edge of the noise's bulk; `curvature`: it stands out. */
  readonly regime: "noise" | "curvature";
  /** s^2 / lambda_1^2: the effective batch at which both meet, and the rate is half that of the full data. */
  readonly criticalBatch: number;
}

/**
 * The largest learning rate at which a step on a batch does not overshoot along its sharpest direction, whose
 * curvature lambda' the additive model tells (`spikedWigner`):
 *
 *     sgd        2 / lambda'
 *     momentum   2 (1 - rho) / lambda' where the noise's bulk leads, 2 (1 + rho) / lambda' where the outlier does
 *     adaptive   2 / lambda', of the preconditioned matrix D^-1/2 H D^-1/2, D = diag(sqrt v) + delta: sqrt(b)/s until
 *                its outlier stands out
 *
 * so that the rate grows with the batch up to the critical one and then levels off at that of the full data.
 * Source: Granziol, Zohren & Roberts 2022, the additive model; constants for momentum by the stability of the heavy
 * ball on a quadratic (Polyak 1964).
 *
 * @throws ArgumentError when lambdaMax is not > 0, the variance not >= 0, a size no whole number with batchSize <=
 *   datasetSize, the momentum not in [0, 1), or given to a method without one
 */
export function maxBatchLearningRate({
  lambdaMax,
  hessianVariance,
  batchSize,
  datasetSize,
  replacement,
  optimizer = "sgd",
  momentum = 0,
}: MaxBatchLearningRateOptions): MaxBatchLearningRate {
  requireRate({ lambdaMax });
  requireVariance({ hessianVariance });
  requireFractions({ momentum });
  if (optimizer !== "momentum" && momentum !== 0)
    throw new ArgumentError(`momentum must be 0 for the optimizer ${optimizer}, got ${momentum}`);
  const effectiveBatch = effectiveBatchSize(batchSize, datasetSize, { replacement });
  const { value, detached } = spikedWigner({ lambda: lambdaMax, hessianVariance, effectiveBatch });
  return {
    rate: (2 * (detached ? 1 + momentum : 1 - momentum)) / value,
    regime: detached ? "curvature" : "noise",
    criticalBatch: hessianVariance / lambdaMax ** 2,
  };
}

export interface MinimalDampingOptions {
  readonly learningRate: number;
  /** The eigenvalue of the full data's Hessian along which the step is damped. */
  readonly lambda: number;
  readonly hessianVariance: number;
  readonly effectiveBatch: number;
}

/**
 * The smallest damping delta with which a second-order step of size alpha / (lambda + delta) does not overshoot on the
 * curvature of a batch, lambda + s^2 / (b lambda):
 *
 *     delta = max(0, (alpha / 2) (lambda + s^2 / (b lambda)) - lambda)
 *
 * whose part from the noise, alpha s^2 / (2 b lambda), is proportional to learning rate over batch size.
 * Source: derived here; the first version of Granziol 2020, arXiv 2006.09092, states the proportion.
 *
 * @throws ArgumentError when the rate or lambda is not > 0, the variance not >= 0 or the batch not > 0
 */
export function minimalDamping({
  learningRate,
  lambda,
  hessianVariance,
  effectiveBatch,
}: MinimalDampingOptions): number {
  requireRate({ learningRate, lambda });
  requireVariance({ hessianVariance });
  requireEffectiveBatch(effectiveBatch);
  const curvature = lambda + hessianVariance / (effectiveBatch * lambda);
  return Math.max(0, (learningRate / 2) * curvature - lambda);
}

export interface LocalEigenvalueOptions {
  /** The full data's extreme eigenvalue. */
  readonly lambda: number;
  /** v_perp: the variance of a sample's Hessian times the eigenvector, across it (`localHessianVariance`). */
  readonly across: number;
  readonly effectiveBatch: number;
}

/**
 * The mean extreme eigenvalue of a batch's Hessian by second-order perturbation, without a model of the noise:
 *
 *     lambda' = lambda + v_perp / (b lambda)
 *
 * where other eigenvalues are small beside lambda.
 * Source: Kato 1995, "Perturbation theory for linear operators", chapter II.
 *
 * @throws ArgumentError when lambda is 0 or not finite, the variance not >= 0 or the batch not > 0
 */
export function localBatchEigenvalue({ lambda, across, effectiveBatch }: LocalEigenvalueOptions): number {
  if (!Number.isFinite(lambda) || lambda === 0)
    throw new ArgumentError(`lambda must be a finite number other than 0, got ${lambda}`);
  requireVariance({ across });
  requireEffectiveBatch(effectiveBatch);
  return lambda + across / (effectiveBatch * lambda);
}

/** How a learning rate follows the batch size: in proportion, by its square root, or not at all. */
export type ScalingRule = "linear" | "sqrt" | "constant";

/**
 * A learning rate for another batch size: alpha f, alpha sqrt f or alpha, where f = toBatch / fromBatch.
 * Source: Goyal et al. 2017 for the linear rule; Krizhevsky 2014 for the square root; Granziol, Zohren & Roberts 2022
 * for which holds when.
 *
 * @throws ArgumentError when the rate is not > 0 or a size no whole number >= 1
 */
export function scaleLearningRate(
  learningRate: number,
  fromBatch: number,
  toBatch: number,
  rule: ScalingRule,
): number {
  requireRate({ learningRate });
  for (const [name, value] of Object.entries({ fromBatch, toBatch }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`${name} must be a whole number >= 1, got ${value}`);
  const factor = toBatch / fromBatch;
  if (rule === "constant") return learningRate;
  return learningRate * (rule === "linear" ? factor : Math.sqrt(factor));
}
