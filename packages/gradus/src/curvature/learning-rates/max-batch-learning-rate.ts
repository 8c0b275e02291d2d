import { checkNonNegative, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type BatchSampling, effectiveBatchSize } from "../batch/effective-batch-size.ts";
import type { LocalHessianVariance } from "../batch/hessian-variance.ts";

export interface MaxBatchLearningRateOptions extends BatchSampling {
  /** lambda_1 of the full data's Hessian. */
  readonly lambdaMax: number;
  /** The variance of a row's Hessian at the eigenvector of lambda_1: `localHessianVariance`. */
  readonly noise: LocalHessianVariance;
  readonly batchSize: number;
  readonly datasetSize: number;
  /** Momentum of the heavy ball, in [0, 1). */
  readonly momentum?: number;
}

/** The largest learning rate at a batch size, and what limits it. */
export interface MaxBatchLearningRate {
  readonly learningRate: number;
  /** The dominant limit: gradient noise below the critical batch, curvature above it. */
  readonly regime: "noise" | "curvature";
  /** v / lambda_1^2: the effective batch at which the rate of plain SGD is half that on the full data. */
  readonly criticalBatch: number;
}

/**
 * The largest learning rate at which SGD with batches of b rows contracts along the sharpest direction in mean square:
 * with E_i = H_i - H, v = E |E_i u|^2 at the top eigenvector u, and b_eff the batch's effective size,
 *
 *     E |(I - alpha H_B) u|^2 = 1 - 2 alpha lambda_1 + alpha^2 (lambda_1^2 + v / b_eff) <= 1
 *     alpha <= 2 / (lambda_1 + v / (b_eff lambda_1))
 *
 * so the rate grows with the batch up to the critical batch and then levels off at 2 / lambda_1. For a heavy ball with
 * momentum rho and only the noise along u,
 *
 *     alpha <= 2 / (lambda_1 / (1 + rho) + v / (b_eff lambda_1) / (1 - rho)).
 *
 * Limitations: v is measured in one direction; on networks trained to a small loss the result is within 20 % of the
 * exact mean-square threshold of the linearized steps (`stabilityThreshold`). A typical run of the linearized steps,
 * unlike their mean square, is stable up to about twice that rate. Early in training, where the Hessian has negative
 * eigenvalues or SGD moves to flatter regions, larger rates can work as well; above the threshold SGD need not stay at
 * a minimum. For an adaptive method use lambda_1 and the noise of D^-1/2 H D^-1/2, D = diag(sqrt v) + delta.
 *
 * The additive model (`spikedWigner`), in which the noise is the same in all directions, does not apply at small
 * batches: the noise of networks is concentrated in their sharpest directions, where it is hundreds of times the
 * average.
 * Source: the moments are those of Mulayoff & Michaeli 2024, arXiv 2306.07850, at M = u u^T; linear growth and plateau
 * as in Granziol, Zohren & Roberts 2022.
 *
 * @throws ArgumentError when lambdaMax is not > 0, the noise is not >= 0, a size is not a positive integer,
 *   batchSize > datasetSize, or the momentum is not in [0, 1)
 */
export function maxBatchLearningRate(options: MaxBatchLearningRateOptions): MaxBatchLearningRate {
  checkGivenOptions("maxBatchLearningRate", options, [
    "lambdaMax",
    "noise",
    "batchSize",
    "datasetSize",
    "replacement",
    "momentum",
  ]);
  const { lambdaMax, noise, batchSize, datasetSize, replacement, momentum = 0 } = options;
  checkPositive({ lambdaMax });
  const { along, across } = noise ?? {};
  checkNonNegative({ "noise.along": along, "noise.across": across });
  checkWithin("[0, 1)", { momentum });
  const effectiveBatch = effectiveBatchSize(batchSize, datasetSize, { replacement });
  const added = (along + across) / (effectiveBatch * lambdaMax);
  return {
    learningRate: 2 / (lambdaMax / (1 + momentum) + added / (1 - momentum)),
    regime: added > lambdaMax ? "noise" : "curvature",
    criticalBatch: (along + across) / lambdaMax ** 2,
  };
}
