import { checkClassLabels } from "../check/arrays.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import type { Loss } from "./contract.ts";
import { softmaxCurvature } from "./output-curvature.ts";
import { softmaxCrossEntropy } from "./traced/cross-entropy.ts";

/** Where the scores of rows and classes lie: the score of row i and class c at i rowStride + c classStride. */
export interface ScoreLayout {
  readonly rows: number;
  readonly classes: number;
  readonly rowStride: number;
  readonly classStride: number;
}

/** Scores row by row. */
export const rowMajor = (rows: number, classes: number): ScoreLayout => ({
  rows,
  classes,
  rowStride: classes,
  classStride: 1,
});

/** Scores class by class. */
export const classMajor = (rows: number, classes: number): ScoreLayout => ({
  rows,
  classes,
  rowStride: 1,
  classStride: rows,
});

/**
 * Writes the probabilities p_c = e^{z_c} / sum_k e^{z_k} of every row; `out` may be the scores themselves. Where labels
 * are given, it writes the losses ln sum_c e^{z_c} - z_y as well.
 */
export function softmaxOfRows(
  scores: Float64Array,
  out: Float64Array,
  { rows, classes, rowStride, classStride }: ScoreLayout,
  told?: { readonly labels: ArrayLike<number>; readonly losses: Float64Array },
): void {
  for (let i = 0; i < rows; i++) {
    const first = i * rowStride;
    const end = first + classes * classStride;
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = first; j < end; j += classStride) largest = Math.max(largest, scores[j]);
    const right = told ? largest - scores[first + told.labels[i] * classStride] : 0;
    let sum = 0;
    for (let j = first; j < end; j += classStride) {
      const e = Math.exp(scores[j] - largest);
      out[j] = e;
      sum += e;
    }
    if (told) told.losses[i] = right + Math.log(sum);
    for (let j = first; j < end; j += classStride) out[j] /= sum;
  }
}

/** Writes ln sum_c e^{z_c} - z_y of every row. */
function softmaxLosses(
  scores: Float64Array,
  labels: ArrayLike<number>,
  losses: Float64Array,
  classes: number,
): void {
  for (let i = 0; i < losses.length; i++) {
    const first = i * classes;
    let largest = scores[first];
    for (let c = 1; c < classes; c++) if (scores[first + c] > largest) largest = scores[first + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(scores[first + c] - largest);
    losses[i] = largest - scores[first + labels[i]] + Math.log(sum);
  }
}

/**
 * Softmax cross-entropy l(z, y) = ln sum_c e^{z_c} - z_y of class numbers y = 0 .. classes - 1. L = 1/2.
 *
 * @throws ArgumentError unless classes is an integer >= 2
 */
export function softmaxLoss(classes: number): Loss {
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { classes });
  return {
    name: "softmax cross-entropy",
    outputs: classes,
    labels: "row",
    smoothness: 0.5,
    checkLabels: (name, labels) => checkClassLabels(name, labels, classes),
    evaluate(outputs, labels, losses, gradient) {
      if (!gradient) return softmaxLosses(outputs, labels, losses, classes);
      softmaxOfRows(outputs, gradient, rowMajor(losses.length, classes), { labels, losses });
      for (let i = 0; i < losses.length; i++) gradient[i * classes + labels[i]] -= 1;
    },
    curvatures(outputs, _labels, out) {
      softmaxOfRows(outputs, out, rowMajor(outputs.length / classes, classes));
      for (let j = 0; j < out.length; j++) out[j] *= 1 - out[j];
    },
    traced: softmaxCrossEntropy,
    outputCurvature: softmaxCurvature,
  };
}
