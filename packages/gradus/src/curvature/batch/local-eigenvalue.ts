import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkNonNegative } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkEffectiveBatch } from "./effective-batch-size.ts";

export interface LocalEigenvalueOptions {
  /** The extreme eigenvalue on the full data. */
  readonly lambda: number;
  /** v_perp, the variance across the eigenvector of a sample's Hessian times it (`localHessianVariance`). */
  readonly across: number;
  readonly effectiveBatch: number;
}

/**
 * The mean extreme eigenvalue of a batch's Hessian by second-order perturbation theory, without a noise model:
 *
 *     lambda' = lambda + v_perp / (b lambda)
 *
 * valid where the other eigenvalues and the second term are small compared with lambda. At batches of a few rows it can
 * overestimate the measured value many times; for learning rates use `maxBatchLearningRate`.
 * Source: Kato 1995, "Perturbation theory for linear operators", chapter II.
 *
 * @throws ArgumentError when lambda is 0 or not finite, the variance is not >= 0 or the batch is not > 0
 */
export function localBatchEigenvalue(options: LocalEigenvalueOptions): number {
  checkGivenOptions("localBatchEigenvalue", options, ["lambda", "across", "effectiveBatch"]);
  const { lambda, across, effectiveBatch } = options;
  checkFinite({ lambda });
  if (lambda === 0) throw new ArgumentError("lambda must be a nonzero finite number, got 0");
  checkNonNegative({ across });
  checkEffectiveBatch(effectiveBatch);
  return lambda + across / (effectiveBatch * lambda);
}
