import { isTensor, mul, sub, sum, type Tensor } from "@gradus/graph";
import { checkLabels } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import {
  type AmplifierOptions,
  assertAmplifier,
  decisionOf,
  type NumericAmplifierOptions,
  type SoftDecision,
  softDecision,
} from "./amplifier.ts";

/**
 * A binary confusion matrix of soft decisions, and how many rows of each class it was summed over: as tensors the
 * latter are constant to every derivative.
 */
export interface SoftConfusionMatrix<T = Tensor> {
  readonly tp: T;
  readonly fp: T;
  readonly fn: T;
  readonly tn: T;
  /** P = tp + fn, the (weighted) number of rows labeled 1. */
  readonly positives: T;
  /** N = fp + tn, the (weighted) number of rows labeled 0. */
  readonly negatives: T;
}

/** `micro` pools all labels in one matrix, `macro` makes one for each column of [rows, columns]. */
export type Reduction = "micro" | "macro";

export interface SymbolicMatrixOptions extends AmplifierOptions {
  /** One weight per row, in the labels' shape. */
  readonly weights?: Tensor;
  readonly reduction?: Reduction;
}

export interface NumericMatrixOptions extends NumericAmplifierOptions {
  /** One weight per row. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Sums soft decisions a (positive) and b (negative) into a confusion matrix:
 *
 *     TP = sum y a,   FN = sum y b,   FP = sum (1-y) a,   TN = sum (1-y) b
 *
 * Each is a sum of its own: N minus the others could come out negative.
 *
 * @param labels 0 or 1, in the decisions' shape and type
 */
export function countDecisions(
  { positive, negative }: SoftDecision,
  labels: Tensor,
  { weights, reduction = "micro" }: Pick<SymbolicMatrixOptions, "weights" | "reduction"> = {},
): SoftConfusionMatrix {
  const axes = reduction === "macro" ? 0 : undefined;
  const total = (x: Tensor) => sum(x, { axes });
  const weighted = (x: Tensor) => (weights ? mul(x, weights) : x);
  const isPositive = weighted(labels);
  const isNegative = weighted(sub(1, labels));
  return {
    tp: total(mul(isPositive, positive)),
    fp: total(mul(isNegative, positive)),
    fn: total(mul(isPositive, negative)),
    tn: total(mul(isNegative, negative)),
    positives: total(isPositive),
    negatives: total(isNegative),
  };
}

/**
 * The confusion matrix of amplified probabilities, differentiable in them; it approaches the one of hard decisions
 * p > threshold as the slope grows.
 *
 * @param probabilities numbers in [0, 1]: a typed array, or a tensor [rows] or [rows, columns]
 * @param labels 0 or 1 each, as many; as a tensor in the shape and type of the probabilities
 * @throws ArgumentError unless slope is finite and > 0 and threshold in (0, 1), when lengths differ, or for an unknown
 *   option (arrays have no `reduction`) or reduction
 * @throws DataError naming the row whose probability, label or weight is not one (arrays only)
 */
export function softConfusionMatrix(
  probabilities: Float64Array | Float32Array,
  labels: ArrayLike<number>,
  options?: NumericMatrixOptions,
): SoftConfusionMatrix<number>;
export function softConfusionMatrix(
  probabilities: Tensor,
  labels: Tensor,
  options?: SymbolicMatrixOptions,
): SoftConfusionMatrix;
export function softConfusionMatrix(
  probabilities: Float64Array | Float32Array | Tensor,
  labels: ArrayLike<number> | Tensor,
  options: NumericMatrixOptions | SymbolicMatrixOptions = {},
): SoftConfusionMatrix<number> | SoftConfusionMatrix {
  const known = ["slope", "threshold", "weights"];
  checkOptions("softConfusionMatrix", options, isTensor(probabilities) ? [...known, "reduction"] : known);
  const { slope = 73, threshold = 0.5 } = options;
  assertAmplifier(slope, threshold);
  if (isTensor(probabilities)) {
    if (!isTensor(labels)) throw new ArgumentError("labels must be a tensor like the probabilities");
    const { weights, reduction = "micro" } = options as SymbolicMatrixOptions;
    checkOneOf(["micro", "macro"], { reduction });
    return countDecisions(softDecision(probabilities, { slope, threshold }), labels, { weights, reduction });
  }
  if (isTensor(labels) || isTensor(slope))
    throw new ArgumentError("labels and slope must be numbers for an array of probabilities, got a tensor");
  return countRows(probabilities, labels, slope, threshold, (options as NumericMatrixOptions).weights);
}

/**
 * @throws DataError naming the row whose label is not 0 or 1
 */
export function assertBinaryLabels(labels: ArrayLike<number>): void {
  checkLabels("labels", labels, [0, 1]);
}

function assertLength(name: string, length: number, rows: number): void {
  if (length !== rows)
    throw new ArgumentError(`${name} must have one number for each of ${rows} probabilities, got ${length}`);
}

function countRows(
  probabilities: Float64Array | Float32Array,
  labels: ArrayLike<number>,
  slope: number,
  threshold: number,
  weights?: ArrayLike<number>,
): SoftConfusionMatrix<number> {
  assertLength("labels", labels.length, probabilities.length);
  if (weights) assertLength("weights", weights.length, probabilities.length);
  assertBinaryLabels(labels);
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0, positives: 0, negatives: 0 };
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i];
    if (!(p >= 0 && p <= 1)) throw new DataError(`probabilities must be in [0, 1], got ${p} in row ${i}`);
    const weight = weights ? weights[i] : 1;
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new DataError(`weights must be finite and >= 0, got ${weight} in row ${i}`);
    const { positive, negative } = decisionOf(p, slope, threshold);
    if (labels[i] === 1) {
      counts.tp += weight * positive;
      counts.fn += weight * negative;
      counts.positives += weight;
    } else {
      counts.fp += weight * positive;
      counts.tn += weight * negative;
      counts.negatives += weight;
    }
  }
  return counts;
}
