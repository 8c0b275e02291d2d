import {
  cast,
  logSoftmax,
  mean,
  mul,
  neg,
  oneHot,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../errors.ts";

/** Mean of (prediction - target)^2 over all elements. */
export function meanSquaredError(predictions: Tensor, targets: Tensor): Tensor {
  return mean(square(sub(predictions, targets)));
}

/**
 * Mean binary cross-entropy of logits z against labels y in {0, 1}: y w softplus(-z) + (1 - y) softplus(z), where the
 * weight w of positive rows is 1 unless given. Exact for logits of any size.
 */
export function sigmoidCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  { positiveWeight = 1 }: { readonly positiveWeight?: number } = {},
): Tensor {
  if (!(Number.isFinite(positiveWeight) && positiveWeight > 0))
    throw new ArgumentError(`positiveWeight must be a finite number > 0, got ${positiveWeight}`);
  // softplus(-z) = softplus(z) - z.
  const positive = softplus(logits);
  if (positiveWeight === 1) return mean(sub(positive, mul(labels, logits)));
  const onPositives = mul(mul(labels, softplus(neg(logits))), positiveWeight);
  return mean(sub(onPositives, mul(sub(labels, 1), positive)));
}

/**
 * Mean cross-entropy of logits [batch, classes] against labels [batch] (i64, from 0): -log softmax(logits)[label].
 *
 * @throws ArgumentError unless the number of classes is known when tracing
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const classes = logits.shape.at(-1);
  if (typeof classes !== "number" || (logits.dtype !== "f32" && logits.dtype !== "f64"))
    throw new ArgumentError(
      `logits must be floating-point with a known number of classes, got ${logits.dtype}[${logits.shape.join(", ")}]`,
    );
  const targets = oneHot(cast(labels, "i64"), classes, logits.dtype);
  return neg(mean(sum(mul(logSoftmax(logits), targets), { axes: -1 })));
}
