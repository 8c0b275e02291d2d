import { BlasArgumentError, kindOf } from "../errors.ts";
import { logarithm } from "../logarithm.ts";
import { checkAttached, checkVector, copyRange } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { rows as family } from "./family.ts";
import { padded } from "./logistic.ts";

/** Arguments of `softmaxRows`. */
export interface SoftmaxRowsArguments {
  /** z, class by class, as many as there are rows of each; overwritten by the probabilities. */
  readonly scores: Float64Array;
  readonly classes: number;
  /** y, class numbers 0 .. classes - 1, one a row. */
  readonly labels: Int32Array;
  /** Written: ln sum_c e^{z_c} - z_y, one number a row. */
  readonly losses: Float64Array;
}

/**
 * The probabilities  e^{z_c} / sum_k e^{z_k}  and the softmax cross-entropy of every row, in one pass: exponentials in
 * vectors, each with an error of at most two units in the last place, and the same bits on every machine. A row with a score of NaN is NaN.
 *
 * @throws BlasArgumentError when the lengths differ or a label is no class number
 */
export function softmaxRows(options: SoftmaxRowsArguments): void {
  checkOptions(options, ["scores", "classes", "labels", "losses"]);
  const { scores, classes, labels, losses } = options;
  if (!(labels instanceof Int32Array))
    throw new BlasArgumentError(`labels must be an Int32Array, got ${kindOf(labels)}`);
  checkAttached("labels", labels);
  const n = labels.length;
  if (!Number.isInteger(classes) || classes < 1)
    throw new BlasArgumentError(`classes must be a positive integer, got ${classes}`);
  checkVector("losses", losses, n);
  checkVector("scores", scores, n * classes);
  for (let i = 0; i < n; i++) {
    const label = labels[i];
    if (label < 0 || label >= classes)
      throw new BlasArgumentError(`labels must be from 0 to ${classes - 1}, got ${label} in row ${i}`);
    losses[i] = scores[label * n + i];
  }
  withFrame("the probabilities of rows", (frame) => {
    const width = padded(n);
    const from = frame.numbers(classes * width);
    const [largest, sums] = [frame.numbers(width), frame.numbers(width)];
    const { numbers } = frame.heap;
    for (let c = 0; c < classes; c++) copyRange(scores, c * n, n, numbers, from / 8 + c * width);
    family().softmaxRows(n, classes, from, 8 * width, largest, sums);
    for (let c = 0; c < classes; c++) copyRange(numbers, from / 8 + c * width, n, scores, c * n);
    for (let i = 0; i < n; i++)
      losses[i] = numbers[largest / 8 + i] - losses[i] + logarithm(numbers[sums / 8 + i]);
  });
}
