import { blasAvailable } from "@gradus/blas";
import { type MarginFigures, logisticWeights as weightsInVectors } from "@gradus/blas/rows";
import { decayOf, lossOfMargin, weightOfMargin } from "../../losses/logistic.ts";

/** Beyond this margin e^{-m} nears the end of float64's range, and sums of weights lose their digits. */
const UNDERFLOW_MARGIN = 600;

/** What one pass over the margins tells. */
export interface MarginSummary {
  /** (1/n) sum_i ln(1 + e^{-m_i}). */
  loss: number;
  minMargin: number;
  /** How many margins are above 0. */
  separatedCount: number;
  /** Sum of the weights written. */
  weightSum: number;
  /** Sum of the losses, in the unit of the weights written. */
  lossSum: number;
}

/** Margins from which vectors of exponentials pay for the copies into WebAssembly memory and back. */
const VECTOR_MARGINS = 128;

function weightsOneByOne(margins: Float64Array, weights: Float64Array): MarginFigures {
  let [lossSum, weightSum, least, positive] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < margins.length; i++) {
    const margin = margins[i];
    const e = decayOf(margin);
    weights[i] = weightOfMargin(margin, e);
    lossSum += lossOfMargin(margin, e);
    if (margin > 0) positive += 1;
    weightSum += weights[i];
    if (margin < least) least = margin;
  }
  return { lossSum, weightSum, least, positive };
}

/** Writes the figures of n margins. */
export function writeSummary(figures: MarginFigures, n: number, summary: MarginSummary): void {
  summary.loss = figures.lossSum / n;
  summary.minMargin = figures.least;
  summary.separatedCount = figures.positive;
  summary.weightSum = figures.weightSum;
  summary.lossSum = figures.lossSum;
}

/**
 * Writes the weights p_i = 1/(1 + e^{m_i}) of all margins into `weights` and the figures of the margins into `summary`.
 *
 * When every margin is past 600 the weights would underflow together; they are then written as p_i / e^{-min m}, which
 * is softmax(-softplus(m)) up to its own sum. Rules that divide by a sum or a norm do not see the difference; `rescale`
 * is false for plain gradient descent, whose step does.
 */
export function logisticWeights(
  margins: Float64Array,
  weights: Float64Array,
  summary: MarginSummary,
  rescale: boolean,
): void {
  const n = margins.length;
  const vectors = n >= VECTOR_MARGINS && blasAvailable();
  const figures = vectors ? weightsInVectors(margins, weights) : weightsOneByOne(margins, weights);
  writeSummary(figures, n, summary);
  const { minMargin } = summary;
  let { lossSum, weightSum } = figures;
  if (rescale && minMargin > UNDERFLOW_MARGIN) {
    // Here ln(1 + e^{-m}) and 1/(1 + e^m) both equal e^{-m} to the last digit.
    weightSum = 0;
    for (let i = 0; i < n; i++) {
      weights[i] = Math.exp(minMargin - margins[i]);
      weightSum += weights[i];
    }
    lossSum = weightSum;
  }
  summary.weightSum = weightSum;
  summary.lossSum = lossSum;
}

/**
 * The perceptron's weights, the limit of the logistic weights as all margins grow: 1 for a wrong sample, 0 for a right
 * one, and 1/2 for a margin of exactly 0, which is what 1/(1 + e^0) gives. Loss and margins are summarized as above.
 */
export function perceptronWeights(
  margins: Float64Array,
  weights: Float64Array,
  summary: MarginSummary,
): void {
  logisticWeights(margins, weights, summary, false);
  let weightSum = 0;
  for (let i = 0; i < margins.length; i++) {
    const margin = margins[i];
    weights[i] = margin > 0 ? 0 : margin < 0 ? 1 : 0.5;
    weightSum += weights[i];
  }
  summary.weightSum = weightSum;
}
