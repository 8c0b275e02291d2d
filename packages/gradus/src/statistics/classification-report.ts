import { checkOptions } from "../check/options.ts";
import {
  accuracy,
  balancedAccuracy,
  type ClassificationMetric,
  cohenKappa,
  fBeta,
  fowlkesMallows,
  geometricMean,
  informedness,
  jaccard,
  type MetricOptions,
  matthews,
  precision,
  recall,
  specificity,
} from "./classification-metrics.ts";
import { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.ts";

const reported = {
  accuracy,
  precision,
  recall,
  specificity,
  f05: fBeta(0.5),
  f1: fBeta(1),
  f2: fBeta(2),
  geometricMean,
  balancedAccuracy,
  informedness,
  jaccard,
  matthews,
  cohenKappa,
  fowlkesMallows,
} as const satisfies Record<string, ClassificationMetric>;

/** The name of a metric in a classification report. */
export type ReportedMetric = keyof typeof reported;

/** The confusion matrix of a classifier and every metric computed from it. */
export interface ClassificationReport {
  readonly matrix: ConfusionMatrix;
  /** Total weight of the rows labeled 1, and of those labeled 0. */
  readonly positives: number;
  readonly negatives: number;
  readonly metrics: Readonly<Record<ReportedMetric, number>>;
  /** The metrics whose formula is 0/0 here; their value is the option `zeroDivision`. */
  readonly undefinedMetrics: readonly string[];
}

function mapValues<K extends string, A, B>(record: Record<K, A>, map: (value: A) => B): Record<K, B> {
  const result: Partial<Record<K, B>> = {};
  for (const key in record) result[key] = map(record[key]);
  return result as Record<K, B>;
}

/**
 * The confusion matrix of two-class predictions and every metric computed from it.
 *
 * @param labels the true class of each row, 0 or 1
 * @param predictions the predicted class of each row, 0 or 1
 * @param weights the weight of each row, >= 0; defaults to 1
 * @param zeroDivision the value of a metric that is 0/0, or "error" to throw
 * @throws ArgumentError for an unknown option
 * @throws what `confusionMatrix` throws, and on 0/0 what the metrics throw
 */
export function classificationReport(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: { weights?: ArrayLike<number> } & MetricOptions = {},
): ClassificationReport {
  checkOptions("classificationReport", options, ["weights", "zeroDivision"]);
  const { weights, zeroDivision = 0 } = options;
  const matrix = confusionMatrix(labels, predictions, { weights });
  const values = Object.entries(
    mapValues(reported, (metric) => metric(matrix, { zeroDivision: Number.NaN })),
  );
  return {
    matrix,
    positives: matrix.tp + matrix.fn,
    negatives: matrix.fp + matrix.tn,
    metrics: mapValues(reported, (metric) => metric(matrix, { zeroDivision })),
    undefinedMetrics: values.filter(([, value]) => Number.isNaN(value)).map(([name]) => name),
  };
}
