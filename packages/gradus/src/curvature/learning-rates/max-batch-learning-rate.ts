import { checkNonNegative, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type BatchSampling, effectiveBatchSize } from "../batch/effective-batch-size.ts";
import type { LocalHessianVariance } from "../batch/hessian-variance.ts";

export interface MaxBatchLearningRateOptions extends BatchSampling {
  /** lambda_1 of the full data's Hessian. */
  readonly lambdaMax: number;
  /** How a row's Hessian varies at the eigenvector of lambda_1: `localHessianVariance`. */
  readonly noise: LocalHessianVariance;
  readonly batchSize: number;
  readonly datasetSize: number;
  /** The share of the velocity that a heavy ball keeps. */
  readonly momentum?: number;
}

/** The largest learning rate of a batch size, and what limits it. */
export interface MaxBatchLearningRate {
  readonly learningRate: number;
  /** What limits it more: the noise between rows below the critical batch, the curvature above it. */
  readonly regime: "noise" | "curvature";
  /** v / lambda_1^2: the effective batch at which the rate of plain descent is half that of the full data. */
  readonly criticalBatch: number;
}

/**
 * The largest learning rate at which SGD with batches of b rows contracts along the sharpest direction in mean square:
 * with E_i = H_i - H, v = E |E_i u|^2 at the top eigenvector u, and b_eff the batch's effective size,
 *
 *     E |(I - alpha H_B) u|^2 = 1 - 2 alpha lambda_1 + alpha^2 (lambda_1^2 + v / b_eff) <= 1
 *     alpha <= 2 / (lambda_1 + v / (b_eff lambda_1))
 *
 * so that the rate grows with the batch up to the critical one and then levels off at 2 / lambda_1. For a heavy ball
 * with momentum rho, with the noise taken along u alone,
 *
 *     alpha <= 2 / (lambda_1 / (1 + rho) + v / (b_eff lambda_1) / (1 - rho)).
 *
 * What it does not tell: v is that of one direction, which on networks trained to a small loss comes within 20 % of the
 * exact threshold of the linearized mean square (`stabilityThreshold`); a typical run of the linearized steps, unlike
 * their mean square, stays up to about twice that rate; and early in training, where the loss curves downward somewhere
 * or SGD moves on to flatter places, more is workable as well. Above it, do not count on staying at a minimum. For an
 * adaptive method take lambda_1 and the noise of D^-1/2 H D^-1/2, D = diag(sqrt v) + delta.
 *
 * The additive model (`spikedWigner`), in which noise is alike in all directions, is no guide at small batches: the
 * noise of networks lies along their sharpest directions, where it is hundreds of times larger than on average.
 * Source: the moments are those of Mulayoff & Michaeli 2024, arXiv 2306.07850, at M = u u^T; linear growth and plateau
 * as in Granziol, Zohren & Roberts 2022.
 *
 * @throws ArgumentError when lambdaMax is not > 0, the noise not >= 0, a size no positive integer with batchSize <=
 *   datasetSize, or the momentum not in [0, 1)
 */
export function maxBatchLearningRate(options: MaxBatchLearningRateOptions): MaxBatchLearningRate {
  checkOptions("maxBatchLearningRate", options, [
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
