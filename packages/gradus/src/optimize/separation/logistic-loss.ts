import { checkSamples, checkTheta, type SampleMatrix } from "./check-samples.ts";
import { sampleWeight, softplus } from "./logistic-weights.ts";

function margins(A: SampleMatrix, y: ArrayLike<number>, theta: ArrayLike<number>): Float64Array {
  const samples = checkSamples({ A, y });
  const out = new Float64Array(samples.count);
  samples.products(checkTheta(theta, samples.dimension, "theta"), out);
  return out;
}

/**
 * The logistic loss f(theta) = (1/n) sum_i ln(1 + e^{-y_i <a_i, theta>}).
 *
 * @param A n x d samples
 * @param y n labels, -1 or +1
 * @param theta d weights
 * @throws DataError on malformed samples, labels or theta
 */
export function logisticLoss(A: SampleMatrix, y: ArrayLike<number>, theta: ArrayLike<number>): number {
  const m = margins(A, y, theta);
  return m.reduce((sum, margin) => sum + softplus(-margin), 0) / m.length;
}

/**
 * The weight p_i = 1/(1 + e^{y_i <a_i, theta>}) of each sample in the gradient -(1/n) sum_i p_i y_i a_i of the logistic
 * loss. Tends to 1 for wrong samples and 0 for right ones as theta grows, and is 1/2 at a margin of exactly 0.
 *
 * @param A n x d samples
 * @param y n labels, -1 or +1
 * @param theta d weights
 * @throws DataError on malformed samples, labels or theta
 */
export function sampleWeights(A: SampleMatrix, y: ArrayLike<number>, theta: ArrayLike<number>): Float64Array {
  return margins(A, y, theta).map(sampleWeight);
}
