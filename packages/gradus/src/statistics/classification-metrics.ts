import { DataError, MissingClassError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { ConfusionMatrix } from "./confusion-matrix.ts";

export interface MetricOptions {
  /**
   * The value of a metric whose formula is 0/0 (a class has no rows, or nothing is predicted positive), or "error" to
   * throw; defaults to 0.
   */
  readonly zeroDivision?: number | "error";
}

/**
 * A metric of two-class predictions; larger is better.
 *
 * @throws ArgumentError for an unknown option
 * @throws DataError when a count is not finite and >= 0
 * @throws MissingClassError | DataError on 0/0 when `zeroDivision` is "error"
 */
export type ClassificationMetric = (matrix: ConfusionMatrix, options?: MetricOptions) => number;

// The formulas use the counts directly; 0/0 gives NaN, which is replaced in one place.
function metric(name: string, formula: (matrix: ConfusionMatrix) => number): ClassificationMetric {
  return (matrix, options = {}) => {
    checkOptions(name, options, ["zeroDivision"]);
    const { zeroDivision = 0 } = options;
    const { tp, fp, fn, tn } = matrix;
    for (const [count, value] of Object.entries({ tp, fp, fn, tn }))
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
        throw new DataError(`${count} must be finite and >= 0, got ${value}`);
    // Shares do not depend on the unit of the counts; products of them leave float64 in some. Powers of two keep all digits.
    const unit = 2 ** Math.min(1023, Math.floor(Math.log2(Math.max(tp, fp, fn, tn) || 1)));
    const value = formula({ tp: tp / unit, fp: fp / unit, fn: fn / unit, tn: tn / unit });
    if (!Number.isNaN(value)) return value;
    if (zeroDivision !== "error") return zeroDivision;
    const got = `${name} is 0/0 for tp = ${tp}, fp = ${fp}, fn = ${fn}, tn = ${tn}`;
    if (tp + fn === 0) throw new MissingClassError(`${got}: no row has class 1`);
    if (fp + tn === 0) throw new MissingClassError(`${got}: no row has class 0`);
    throw new DataError(`${got}: one class is never predicted`);
  };
}

/** (TP + TN) / n: the share of rows predicted correctly. */
export const accuracy = metric("accuracy", ({ tp, fp, fn, tn }) => (tp + tn) / (tp + fp + fn + tn));

/** TP / (TP + FP): the share of true positives among the predicted ones. */
export const precision = metric("precision", ({ tp, fp }) => tp / (tp + fp));

/** TP / (TP + FN): the share of the positives that were found; sensitivity. */
export const recall = metric("recall", ({ tp, fn }) => tp / (tp + fn));

/** TN / (TN + FP): the share of the negatives that were found. */
export const specificity = metric("specificity", ({ fp, tn }) => tn / (tn + fp));

/**
 * F_beta = (1 + beta^2) TP / ((1 + beta^2) TP + beta^2 FN + FP): the weighted harmonic mean of precision and recall in
 * which recall counts beta times as much as precision.
 * Source: van Rijsbergen 1979, "Information Retrieval".
 *
 * @throws ArgumentError unless beta is finite and > 0
 */
export function fBeta(beta: number): ClassificationMetric {
  checkPositive({ beta });
  const square = beta * beta;
  return metric(
    `F_${beta}`,
    ({ tp, fp, fn }) => ((1 + square) * tp) / ((1 + square) * tp + square * fn + fp),
  );
}

/** sqrt(recall specificity). Source: Kubat & Matwin 1997. */
export const geometricMean = metric("geometric mean", ({ tp, fp, fn, tn }) =>
  Math.sqrt((tp / (tp + fn)) * (tn / (tn + fp))),
);

/** (recall + specificity) / 2; 0/0 where a class has no rows, of which scikit-learn takes the share of the other alone. */
export const balancedAccuracy = metric(
  "balanced accuracy",
  ({ tp, fp, fn, tn }) => (tp / (tp + fn) + tn / (tn + fp)) / 2,
);

/** recall + specificity - 1, in [-1, 1]. Source: Youden 1950. */
export const informedness = metric(
  "informedness",
  ({ tp, fp, fn, tn }) => tp / (tp + fn) + tn / (tn + fp) - 1,
);

/** TP / (TP + FP + FN): intersection over union of predicted and true positives. Source: Jaccard 1912. */
export const jaccard = metric("Jaccard index", ({ tp, fp, fn }) => tp / (tp + fp + fn));

/**
 * (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN)): correlation of predictions and labels, in [-1, 1].
 * Source: Matthews 1975.
 */
export const matthews = metric(
  "Matthews correlation",
  ({ tp, fp, fn, tn }) =>
    (tp * tn - fp * fn) / (Math.sqrt((tp + fp) * (tp + fn)) * Math.sqrt((tn + fp) * (tn + fn))),
);

/**
 * (p_o - p_e) / (1 - p_e) with p_o = (TP + TN)/n and p_e = ((TP + FP)(TP + FN) + (FN + TN)(FP + TN))/n^2: agreement
 * beyond what independent predictions with the same frequencies would reach. Equivalently,
 * 2 (TP TN - FP FN) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN)).
 * Source: Cohen 1960.
 */
export const cohenKappa = metric(
  "Cohen's kappa",
  ({ tp, fp, fn, tn }) => (2 * (tp * tn - fp * fn)) / ((tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)),
);

/** sqrt(precision recall) = TP / sqrt((TP + FP)(TP + FN)). Source: Fowlkes & Mallows 1983. */
export const fowlkesMallows = metric(
  "Fowlkes-Mallows index",
  ({ tp, fp, fn }) => tp / Math.sqrt((tp + fp) * (tp + fn)),
);
