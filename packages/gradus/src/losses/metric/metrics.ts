import { add, div, maximum, mul, sqrt, sub, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import * as numeric from "../../statistics/classification-metrics.ts";
import type { SoftConfusionMatrix } from "./soft-confusion-matrix.ts";

/** A class of a binary problem. */
export type ClassName = "positive" | "negative";

/** One metric of a binary confusion matrix. */
export interface Metric {
  /** Classes by whose number of rows the metric divides. */
  readonly divides: readonly ClassName[];
  /** Classes without whose rows the metric is 0 whatever is predicted. */
  readonly zeroWithout?: readonly ClassName[];
  /** The metric of soft counts, as a graph. */
  readonly formula: (matrix: SoftConfusionMatrix) => Tensor;
  /** The metric of hard counts. */
  readonly score: numeric.ClassificationMetric;
}

const TINY = 1e-30;

/** a / b, and 0 where both are 0: counts underflow to 0 under extreme slopes. */
function ratio(a: Tensor, b: Tensor): Tensor {
  return div(a, maximum(b, TINY));
}

function fBeta(beta: number): Metric {
  const score = numeric.fBeta(beta);
  const square = beta * beta;
  return {
    divides: [],
    zeroWithout: ["positive"],
    formula: ({ tp, fp, positives }) => ratio(mul(tp, 1 + square), add(mul(positives, square), add(tp, fp))),
    score,
  };
}

const metrics = {
  accuracy: {
    divides: [],
    formula: ({ tp, tn, positives, negatives }) => div(add(tp, tn), add(positives, negatives)),
    score: numeric.accuracy,
  },
  precision: {
    divides: [],
    zeroWithout: ["positive"],
    formula: ({ tp, fp }) => ratio(tp, add(tp, fp)),
    score: numeric.precision,
  },
  recall: {
    divides: ["positive"],
    formula: ({ tp, positives }) => div(tp, positives),
    score: numeric.recall,
  },
  specificity: {
    divides: ["negative"],
    formula: ({ tn, negatives }) => div(tn, negatives),
    score: numeric.specificity,
  },
  geometricMean: {
    divides: ["positive", "negative"],
    formula: ({ tp, tn, positives, negatives }) => {
      const both = mul(positives, negatives);
      const product = mul(tp, tn);
      // The slope is infinite at 0, which the product reaches in float32.
      const clamped = product.dtype === "f32" ? maximum(product, mul(both, 1e-12)) : product;
      return sqrt(div(clamped, both));
    },
    score: numeric.geometricMean,
  },
  balancedAccuracy: {
    divides: ["positive", "negative"],
    formula: ({ tp, tn, positives, negatives }) => mul(add(div(tp, positives), div(tn, negatives)), 0.5),
    score: numeric.balancedAccuracy,
  },
  informedness: {
    divides: ["positive", "negative"],
    formula: ({ tp, tn, positives, negatives }) => sub(add(div(tp, positives), div(tn, negatives)), 1),
    score: numeric.informedness,
  },
  jaccard: {
    divides: [],
    zeroWithout: ["positive"],
    formula: ({ tp, fp, positives }) => ratio(tp, add(positives, fp)),
    score: numeric.jaccard,
  },
  matthews: {
    divides: ["positive", "negative"],
    formula: ({ tp, fp, fn, tn, positives, negatives }) => {
      const predicted = mul(maximum(add(tp, fp), TINY), maximum(add(tn, fn), TINY));
      return div(sub(mul(tp, tn), mul(fp, fn)), mul(sqrt(predicted), sqrt(mul(positives, negatives))));
    },
    score: numeric.matthews,
  },
  cohenKappa: {
    // 0 whatever is predicted, and 0/0 where that is sure, for rows of one class
    divides: ["positive", "negative"],
    // agreement minus that by chance would cancel where nearly all rows are of one class and predicted so
    formula: ({ tp, fp, fn, tn, positives, negatives }) => {
      const agreement = sub(mul(tp, tn), mul(fp, fn));
      return ratio(mul(agreement, 2), add(mul(add(tp, fp), negatives), mul(positives, add(fn, tn))));
    },
    score: numeric.cohenKappa,
  },
  fowlkesMallows: {
    divides: ["positive"],
    formula: ({ tp, fp, positives }) => div(tp, sqrt(mul(maximum(add(tp, fp), TINY), positives))),
    score: numeric.fowlkesMallows,
  },
} as const satisfies Record<string, Metric>;

/** The metrics of the paper and related ones: those with a fixed name, and F-beta at the usual betas. */
export const metricNames: readonly MetricName[] = [
  "accuracy",
  "precision",
  "recall",
  "specificity",
  "f1",
  "f2",
  "f0.5",
  "geometricMean",
  "balancedAccuracy",
  "informedness",
  "jaccard",
  "matthews",
  "cohenKappa",
  "fowlkesMallows",
];

/** A metric's name: one of the list, or `f` and beta, such as `f1`, `f2`, `f0.5`. */
export type MetricName = keyof typeof metrics | `f${number}`;

const isListed = (name: string): name is keyof typeof metrics => Object.hasOwn(metrics, name);

/**
 * The metric with a given name, with its formula for soft counts and its function of hard ones.
 *
 * @throws ArgumentError when no metric has that name, or its beta is not > 0
 */
export function metricByName(name: MetricName): Metric {
  if (isListed(name)) return metrics[name];
  const beta = /^f-?[\d.]+$/.test(name) ? Number(name.slice(1)) : Number.NaN;
  if (Number.isNaN(beta))
    throw new ArgumentError(
      `metric must be ${Object.keys(metrics).join(", ")}, or f and beta such as f1, f2, f0.5; got "${name}"`,
    );
  return fBeta(beta);
}
