import { checkLength } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";

/** Rows counted (or summed by weight) by predicted and true class; class 1 is positive. */
export interface ConfusionMatrix {
  /** Predicted 1, labeled 1. */
  readonly tp: number;
  /** Predicted 1, labeled 0. */
  readonly fp: number;
  /** Predicted 0, labeled 1. */
  readonly fn: number;
  /** Predicted 0, labeled 0. */
  readonly tn: number;
}

function classAt(name: string, values: ArrayLike<number>, i: number): 0 | 1 {
  const value = values[i];
  if (value === 0 || value === 1) return value;
  const hint = value === -1 ? "; map -1 and 1 to 0 and 1 with (y + 1) / 2" : "";
  throw new DataError(`${name} must be 0 or 1, got ${value} in row ${i}${hint}`);
}

/**
 * The confusion matrix of two-class predictions; labels come first, as in scikit-learn.
 *
 * @param labels the true class of each row, 0 or 1
 * @param predictions the predicted class of each row, 0 or 1
 * @param weights the weight of each row, >= 0; defaults to 1
 * @throws ArgumentError when the lengths differ, or for an unknown option
 * @throws DataError when there are no rows, a class is neither 0 nor 1, or a weight is not finite and >= 0
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: { weights?: ArrayLike<number> } = {},
): ConfusionMatrix {
  checkOptions("confusionMatrix", options, ["weights"]);
  const { weights } = options;
  const n = labels.length;
  checkLength("predictions", predictions, n);
  if (weights !== undefined && weights.length !== n)
    throw new ArgumentError(`weights must have as many rows as labels, ${n}, got ${weights.length}`);
  if (n === 0) throw new DataError("labels must have at least one row, got none");
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new DataError(`weights must be finite and >= 0, got ${weight} in row ${i}`);
    counts[2 * classAt("predictions", predictions, i) + classAt("labels", labels, i)] += weight;
  }
  const [tn, fn, fp, tp] = counts;
  return { tp, fp, fn, tn };
}
