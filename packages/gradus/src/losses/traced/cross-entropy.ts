import {
  add,
  cast,
  constant,
  crossEntropy,
  div,
  equal,
  type FloatType,
  greater,
  isTensor,
  logSoftmax,
  mul,
  neg,
  oneHot,
  softplus,
  sub,
  sum,
  type Tensor,
  where,
} from "@gradus/graph";
import { checkClassLabels } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { expectLabels } from "../label-checks.ts";
import { checkPair } from "../pairs.ts";
import { type LossOptions, reduced } from "../reduction.ts";

/** @throws ArgumentError unless the tensor is floating-point and the number of classes known at trace time */
export function classesOf(name: string, { dtype, shape }: Tensor): { classes: number; dtype: FloatType } {
  const classes = shape.at(-1);
  if (typeof classes !== "number" || (dtype !== "f32" && dtype !== "f64"))
    throw new ArgumentError(
      `${name} must be floating-point with a known number of classes, got ${dtype}[${shape.join(", ")}]`,
    );
  return { classes, dtype };
}

export interface SigmoidCrossEntropyOptions extends LossOptions {
  readonly positiveWeight?: number;
}

/**
 * Binary cross-entropy of logits z against labels y in [0, 1], by default the mean: y w softplus(-z) +
 * (1 - y) softplus(z), where the weight w of positive rows is 1 unless given. Logits of any size neither overflow nor
 * lose digits of small losses, in float64 nor of small derivatives.
 *
 * @throws ArgumentError when logits [n, 1] meet labels [n], unless positiveWeight is finite and > 0, or for an unknown
 *   option
 */
export function sigmoidCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: SigmoidCrossEntropyOptions = {},
): Tensor {
  checkOptions("sigmoidCrossEntropy", options, ["positiveWeight", "reduction"]);
  const { positiveWeight = 1, reduction } = options;
  checkPositive({ positiveWeight });
  checkPair({ logits, labels });
  const onPositives = positiveWeight === 1 ? labels : mul(labels, positiveWeight);
  const onNegatives = sub(1, labels);
  // softplus(|z|) = softplus(-|z|) + |z|: no term is below 0, so that small losses, slopes and curvatures keep their digits
  const isPositive = greater(logits, 0);
  const both = softplus(where(isPositive, neg(logits), logits));
  const wrong = mul(where(isPositive, onNegatives, neg(onPositives)), logits);
  const losses = add(positiveWeight === 1 ? both : mul(add(onPositives, onNegatives), both), wrong);
  return reduced(losses, reduction);
}

export interface SoftmaxCrossEntropyOptions extends LossOptions {
  /** What a row of each class weighs. */
  readonly classWeights?: Tensor | readonly number[];
  /** The share of each target that is spread evenly over all classes (Szegedy et al., 2016, section 7). */
  readonly labelSmoothing?: number;
}

function weightsOf(weights: Tensor | readonly number[], classes: number, dtype: FloatType): Tensor {
  if (isTensor(weights)) return weights;
  if (weights.length !== classes || !weights.every((w) => Number.isFinite(w) && w >= 0))
    throw new ArgumentError(
      `classWeights must be ${classes} finite numbers >= 0, got ${JSON.stringify(weights)}`,
    );
  return constant(dtype === "f32" ? Float32Array.from(weights) : Float64Array.from(weights));
}

/**
 * Cross-entropy of logits z against targets t: -sum_c w_c t_c log softmax(z)_c for each row. The mean divides by the
 * rows' weights sum_c w_c t_c, which is their number without class weights.
 *
 * @param logits [..., classes]
 * @param targets the classes [...], from 0, or distributions [..., classes]
 * @throws ArgumentError unless the number of classes is known at trace time, labelSmoothing in [0, 1) and classWeights
 *   one for each class, or for an unknown option
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: SoftmaxCrossEntropyOptions = {},
): Tensor {
  checkOptions("softmaxCrossEntropy", options, ["classWeights", "labelSmoothing", "reduction"]);
  const { classWeights, labelSmoothing = 0, reduction = "mean" } = options;
  const { classes, dtype } = classesOf("logits", logits);
  checkWithin("[0, 1)", { labelSmoothing });
  const hard = targets.shape.length < logits.shape.length;
  if (hard) expectLabels(targets, (labels) => checkClassLabels("labels", labels, classes));
  const known = hard ? cast(targets, "i64") : targets;
  if (labelSmoothing === 0 && !classWeights) return reduced(crossEntropy(logits, known), reduction);
  const plain = hard ? oneHot(known, classes, dtype) : known;
  const smooth = labelSmoothing === 0 ? plain : add(mul(plain, 1 - labelSmoothing), labelSmoothing / classes);
  const weights = classWeights && weightsOf(classWeights, classes, dtype);
  const weighted = weights ? mul(smooth, weights) : smooth;
  // masked logits are -Infinity: classes without weight add nothing
  const terms = where(equal(weighted, 0), 0, mul(logSoftmax(logits), weighted));
  const losses = neg(sum(terms, { axes: -1 }));
  if (!weights || reduction !== "mean") return reduced(losses, reduction);
  return div(sum(losses), sum(mul(plain, weights)));
}
