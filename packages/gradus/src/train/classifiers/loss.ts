import { add, div, mul, neg, sigmoid, softplus, sub, sum, type Tensor } from "@gradus/graph";
import { checkOptions } from "../../check/options.ts";
import {
  assertClasses,
  type MetricChoice,
  type MetricLossOptions,
  metricLoss,
  metricLossOptions,
  type ProbabilityLoss,
} from "../../losses/metric/metric-loss.ts";
import {
  type ScoreOrientedLossOptions,
  scoreOrientedLoss,
  scoreOrientedLossOptions,
} from "../../losses/metric/score-oriented-loss.ts";
import { sigmoidCrossEntropy } from "../../losses/traced/cross-entropy.ts";
import { meanSquaredError } from "../../losses/traced/regression.ts";

/** A loss by which a two-class model is trained. */
export interface ClassifierLoss {
  /** Loss of scores z (the probability is sigma(z)) and labels 0 or 1, both [rows]. */
  readonly ofScores: (scores: Tensor, labels: Tensor) => Tensor;
  /** The probability above which a row is predicted positive. */
  readonly threshold: number;
  /** True when the loss is no mean over rows, so that batches need every class in its share. */
  readonly needsClasses: boolean;
  /** Refuses labels that the loss cannot be formed of. */
  readonly check?: (labels: ArrayLike<number>) => void;
}

/** Mean squared error of the scores against targets -1 and 1. */
export function squaredErrorLoss(): ClassifierLoss {
  return {
    ofScores: (scores, labels) => meanSquaredError(scores, sub(mul(labels, 2), 1)),
    threshold: 0.5,
    needsClasses: false,
  };
}

export interface CrossEntropyLossOptions {
  /** What a positive row weighs against a negative one; "balanced" gives both classes half of the loss. */
  readonly positiveWeight?: number | "balanced";
}

/**
 * Binary cross-entropy. Balanced, each row weighs n/(2 n_class):
 * (1/2P) sum_i y_i softplus(-z_i) + (1/2N) sum_i (1 - y_i) softplus(z_i).
 *
 * @throws ArgumentError unless a number positiveWeight is finite and > 0 (when training starts)
 */
export function crossEntropyLoss(options: CrossEntropyLossOptions = {}): ClassifierLoss {
  checkOptions("crossEntropyLoss", options, ["positiveWeight"]);
  const { positiveWeight = 1 } = options;
  const balanced = (scores: Tensor, labels: Tensor) => {
    const others = sub(1, labels);
    const ofPositives = div(sum(mul(labels, softplus(neg(scores)))), sum(labels));
    const ofNegatives = div(sum(mul(others, softplus(scores))), sum(others));
    return mul(add(ofPositives, ofNegatives), 0.5);
  };
  return {
    ofScores: (scores, labels) =>
      positiveWeight === "balanced"
        ? balanced(scores, labels)
        : sigmoidCrossEntropy(scores, labels, { positiveWeight }),
    threshold: 0.5,
    needsClasses: positiveWeight === "balanced",
  };
}

function ofProbabilities(loss: ProbabilityLoss, metric: MetricChoice, threshold: number): ClassifierLoss {
  return {
    ofScores: (scores, labels) => loss(sigmoid(scores), labels),
    threshold,
    needsClasses: true,
    check: (labels) => assertClasses(metric, labels),
  };
}

/**
 * AnyLoss: 1 - metric of the amplified soft confusion matrix; see `metricLoss`.
 *
 * @throws ArgumentError when no metric has that name, slope is not > 0 or threshold not in (0, 1)
 */
export function anyLoss(metric: MetricChoice, options: MetricLossOptions = {}): ClassifierLoss {
  checkOptions("anyLoss", options, metricLossOptions);
  return ofProbabilities(metricLoss(metric, options), metric, options.threshold ?? 0.5);
}

/**
 * 1 - metric expected under a random threshold; see `scoreOrientedLoss`.
 *
 * @throws ArgumentError when no metric has that name or the distribution is unknown
 */
export function scoreLoss(metric: MetricChoice, options: ScoreOrientedLossOptions = {}): ClassifierLoss {
  checkOptions("scoreLoss", options, scoreOrientedLossOptions);
  return ofProbabilities(scoreOrientedLoss(metric, options), metric, 0.5);
}
