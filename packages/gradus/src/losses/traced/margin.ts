import {
  add,
  cast,
  equal,
  max,
  mul,
  oneHot,
  relu,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { classesOf } from "./cross-entropy.ts";
import { type LossOptions, reduced } from "./reduction.ts";

export interface HingeOptions extends LossOptions {
  readonly margin?: number;
}

function requireMargin(margin: number): void {
  if (!(margin >= 0 && margin < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`margin must be a finite number >= 0, got ${margin}`);
}

/**
 * max(0, margin - y z) of scores z and signs y in {-1, 1}, or its square, by default the mean (Cortes and Vapnik,
 * 1995).
 *
 * @throws ArgumentError unless margin is finite and >= 0
 */
export function hingeLoss(
  scores: Tensor,
  signs: Tensor,
  { margin = 1, squared = false, reduction }: HingeOptions & { readonly squared?: boolean } = {},
): Tensor {
  requireMargin(margin);
  const losses = relu(sub(margin, mul(scores, signs)));
  return reduced(squared ? square(losses) : losses, reduction);
}

/**
 * max(0, margin + the largest score of another class - the label's score), by default the mean over the batch (Crammer
 * and Singer, 2001).
 *
 * @param scores [batch, classes], with at least two classes
 * @param labels [batch], from 0
 * @throws ArgumentError unless the number of classes is known when tracing and margin is finite and >= 0
 */
export function multiclassHingeLoss(
  scores: Tensor,
  labels: Tensor,
  { margin = 1, reduction }: HingeOptions = {},
): Tensor {
  requireMargin(margin);
  const { classes, dtype } = classesOf("scores", scores);
  const target = oneHot(cast(labels, "i64"), classes, dtype);
  const own = sum(mul(scores, target), { axes: -1 });
  const others = max(where(equal(target, 1), Number.NEGATIVE_INFINITY, scores), { axes: -1 });
  return reduced(relu(add(sub(others, own), margin)), reduction);
}
