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

/** The confusion matrix of a classifier, and every metric that is read from it. */
export interface ClassificationReport {
  readonly matrix: ConfusionMatrix;
  /** Weight of all rows labeled 1 and 0. */
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
 * The confusion matrix of two-class predictions with every metric of it.
 *
 * @param labels 0 or 1 per row: what is true
 * @param predictions 0 or 1 per row
 * @param weights what each row counts for, >= 0; 1 without it
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
