import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkNonNegative } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { checkEffectiveBatch } from "./effective-batch-size.ts";

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
 * where other eigenvalues are small beside lambda, and the second term is: at batches of a few rows it may say many
 * times what is measured, and no learning rate follows from it (`maxBatchLearningRate`).
 * Source: Kato 1995, "Perturbation theory for linear operators", chapter II.
 *
 * @throws ArgumentError when lambda is 0 or not finite, the variance not >= 0 or the batch not > 0
 */
export function localBatchEigenvalue(options: LocalEigenvalueOptions): number {
  checkOptions("localBatchEigenvalue", options, ["lambda", "across", "effectiveBatch"]);
  const { lambda, across, effectiveBatch } = options;
  checkFinite({ lambda });
  if (lambda === 0) throw new ArgumentError("lambda must be a nonzero finite number, got 0");
  checkNonNegative({ across });
  checkEffectiveBatch(effectiveBatch);
  return lambda + across / (effectiveBatch * lambda);
}
