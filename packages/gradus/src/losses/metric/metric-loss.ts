import { abs, and, equal, greater, isTensor, max, mean, mul, sub, type Tensor, where } from "@gradus/graph";
import { ArgumentError, MissingClassError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { expectLabels } from "../label-checks.ts";
import { type AmplifierOptions, assertAmplifier, FLOAT32_SLOPE_CEILING, softDecision } from "./amplifier.ts";
import { type Metric, type MetricName, metricByName } from "./metrics.ts";
import {
  assertBinaryLabels,
  countDecisions,
  type Reduction,
  type SoftConfusionMatrix,
} from "./soft-confusion-matrix.ts";

/** A metric by name, or as a function of the soft counts that returns a tensor, larger being better. */
export type MetricChoice = MetricName | ((matrix: SoftConfusionMatrix) => Tensor);

/** A loss of probabilities and labels 0 or 1, in one shape and type. */
export type ProbabilityLoss = (probabilities: Tensor, labels: Tensor, weights?: Tensor) => Tensor;

/** How a loss made of soft counts treats columns and batches without a class. */
export interface CountsLossOptions {
  /** For probabilities [rows, columns]: pool all columns, or average the metrics of each. */
  readonly reduction?: Reduction;
  /**
   * When a batch lacks a class by whose count the metric divides (for a function: either class): a NaN loss, for which
   * training names the class; a loss of 0 without gradient; or a metric of 0 without gradient. F-scores, precision and
   * Jaccard divide by none: a batch without positives has a loss of 1 and no gradient.
   */
  readonly onMissingClass?: "error" | "skip" | "zero";
}

export interface MetricLossOptions extends AmplifierOptions, CountsLossOptions {
  /** Called with a message where the settings leave no gradient. */
  readonly warn?: (message: string) => void;
}

/** The names of the options of `metricLoss`. */
export const metricLossOptions = [
  "slope",
  "threshold",
  "warn",
  "reduction",
  "onMissingClass",
] as const satisfies readonly (keyof MetricLossOptions)[];

/** The classes by whose count a metric divides, and those without which it is 0 whatever is predicted. */
function classesOf(metric: MetricChoice): Required<Pick<Metric, "divides" | "zeroWithout">> {
  if (typeof metric === "function") return { divides: ["positive", "negative"], zeroWithout: [] };
  const { divides, zeroWithout = [] } = metricByName(metric);
  return { divides, zeroWithout };
}

/**
 * Tells, before training, that rows lack a class which the metric divides by, or without which it is 0 whatever is
 * predicted.
 *
 * @param labels 0 or 1 each
 * @throws MissingClassError naming the metric and the class
 */
export function assertClasses(metric: MetricChoice, labels: ArrayLike<number>): void {
  const name = typeof metric === "function" ? "the metric" : metric;
  const { divides, zeroWithout } = classesOf(metric);
  for (const needed of [...divides, ...zeroWithout]) {
    const label = needed === "positive" ? 1 : 0;
    if (Array.prototype.indexOf.call(labels, label) >= 0) continue;
    const why = divides.includes(needed)
      ? `divides by the number of ${needed} rows`
      : `is 0 for any predictions without ${needed} rows`;
    throw new MissingClassError(`${name} ${why}, but none of the ${labels.length} rows has label ${label}`);
  }
}

/** 1 - metric of soft counts, with the policy for a missing class. */
function lossOfCounts(
  metric: MetricChoice,
  matrix: SoftConfusionMatrix,
  onMissingClass: "error" | "skip" | "zero",
): Tensor {
  const formula = typeof metric === "function" ? metric : metricByName(metric).formula;
  const counts = { positive: matrix.positives, negative: matrix.negatives };
  const present = classesOf(metric)
    .divides.map((name) => greater(counts[name], 0))
    .reduce<Tensor | undefined>((all, one) => (all ? and(all, one) : one), undefined);
  if (present === undefined) return sub(1, formula(matrix));
  if (onMissingClass === "error") {
    // The class counts depend on no parameter, so this costs nothing in a full-batch loop.
    const marked = (count: Tensor) => where(present, count, Number.NaN);
    const { positives, negatives } = matrix;
    return sub(1, formula({ ...matrix, positives: marked(positives), negatives: marked(negatives) }));
  }
  // Harmless counts under the branch not taken: its derivative is 0 times what they give, which must be finite.
  const safe = (count: Tensor) => where(present, count, 1);
  const { tp, fp, fn, tn, positives, negatives } = matrix;
  const loss = sub(
    1,
    formula({
      tp: safe(tp),
      fp: safe(fp),
      fn: safe(fn),
      tn: safe(tn),
      positives: safe(positives),
      negatives: safe(negatives),
    }),
  );
  return where(present, loss, onMissingClass === "skip" ? 0 : 1);
}

/** One loss from those of the columns. */
function reduceColumns(loss: Tensor): Tensor {
  return loss.shape.length === 0 ? loss : mean(loss);
}

function assertTensors(probabilities: Tensor, labels: Tensor): void {
  if (!isTensor(probabilities) || !isTensor(labels))
    throw new ArgumentError("probabilities and labels must be tensors");
  if (
    probabilities.dtype !== labels.dtype ||
    probabilities.shape.length !== labels.shape.length ||
    probabilities.shape.some((dimension, i) => dimension !== labels.shape[i])
  )
    throw new ArgumentError(
      `labels must have the type and shape of the probabilities, ${probabilities.dtype}[${probabilities.shape.join(", ")}], ` +
        `got ${labels.dtype}[${labels.shape.join(", ")}]`,
    );
}

/** Makes the loss 1 - metric from a way to decide softly; AnyLoss and score-oriented losses differ in that alone. */
export function lossOfDecisions(
  metric: MetricChoice,
  decide: (probabilities: Tensor) => { readonly positive: Tensor; readonly negative: Tensor },
  { reduction = "micro", onMissingClass = "error" }: CountsLossOptions,
): ProbabilityLoss {
  classesOf(metric);
  checkOneOf(["micro", "macro"], { reduction });
  checkOneOf(["error", "skip", "zero"], { onMissingClass });
  return (probabilities, labels, weights) => {
    assertTensors(probabilities, labels);
    expectLabels(labels, assertBinaryLabels);
    if (onMissingClass === "error")
      expectLabels(labels, (own) => assertClasses(metric, own), { together: true });
    const matrix = countDecisions(decide(probabilities), labels, { weights, reduction });
    const loss = reduceColumns(lossOfCounts(metric, matrix, onMissingClass));
    // Other labels would count as fractions of rows, or as negative ones.
    return where(equal(max(abs(mul(labels, sub(labels, 1)))), 0), loss, Number.NaN);
  };
}

/**
 * AnyLoss: a metric of the binary confusion matrix as a differentiable loss, through amplified probabilities:
 *
 *     1 - M(TP, FP, FN, TN),   TP = sum_i y_i sigma(L (p_i - c)),   ...
 *
 * The counts are sums over the rows given, so the loss is no mean over rows: train on the full batch, or on
 * stratified batches that hold some ten positive rows. The gradient is gone where |p - c| is above some 15/L: start
 * from p = c (a zero output layer), or after a few epochs of cross-entropy.
 * Source: Han, Moniz and Chawla 2024, arXiv 2405.14745.
 *
 * @param metric a name (`accuracy`, `precision`, `recall`, `specificity`, `f1`, `f2`, `f0.5`, ..., `geometricMean`,
 * `balancedAccuracy`, `informedness`, `jaccard`, `matthews`, `cohenKappa`, `fowlkesMallows`), or a function of the
 * soft counts
 * @throws ArgumentError when no metric has that name, slope is not > 0 or threshold not in (0, 1)
 */
export function metricLoss(metric: MetricChoice, given: MetricLossOptions = {}): ProbabilityLoss {
  checkOptions("metricLoss", given, metricLossOptions);
  const { slope = 73, threshold = 0.5, warn = console.warn, ...options } = given;
  assertAmplifier(slope, threshold);
  return lossOfDecisions(
    metric,
    (probabilities) => {
      if (probabilities.dtype === "f32" && typeof slope === "number" && slope > FLOAT32_SLOPE_CEILING)
        warn(
          `slope ${slope} in float32: the gradient vanishes for p > ${threshold} + ${(16.6 / slope).toFixed(3)}; ` +
            `the ceiling is ${FLOAT32_SLOPE_CEILING}, or use float64`,
        );
      return softDecision(probabilities, { slope, threshold });
    },
    options,
  );
}
