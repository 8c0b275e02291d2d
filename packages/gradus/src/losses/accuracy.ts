import {
  argMax,
  cast,
  equal,
  type FloatType,
  greater,
  lessEqual,
  mean,
  oneHot,
  sum,
  type Tensor,
  where,
} from "@gradus/graph";
import { checkIntegerWithin } from "../check/numbers.ts";
import { checkPair } from "./pairs.ts";
import { classesOf } from "./traced/cross-entropy.ts";

function share(right: Tensor, dtype: FloatType): Tensor {
  return mean(cast(right, dtype));
}

/**
 * The share of rows whose largest logit is the label's; of equal ones the first counts.
 *
 * @param logits [batch, classes]
 * @param labels [batch], from 0
 */
export function accuracy(logits: Tensor, labels: Tensor): Tensor {
  const { dtype } = classesOf("logits", logits);
  return share(equal(argMax(logits), cast(labels, "i64")), dtype);
}

/**
 * The share of rows for which fewer than k logits are larger than the label's: of equal ones all count. Logits may be
 * -Infinity, as masks make them; a row whose label has the logit NaN does not count.
 *
 * @param logits [batch, classes]
 * @param labels [batch], from 0
 * @throws ArgumentError unless k is an integer from 1 to the number of classes
 */
export function topKAccuracy(logits: Tensor, labels: Tensor, k: number): Tensor {
  const { classes, dtype } = classesOf("logits", logits);
  checkIntegerWithin(1, classes, { k });
  const target = oneHot(cast(labels, "i64"), classes, dtype);
  const own = sum(where(greater(target, 0), logits, 0), { axes: -1, keepDims: true });
  const notLarger = sum(cast(lessEqual(logits, own), dtype), { axes: -1 });
  return share(greater(notLarger, classes - k), dtype);
}

/**
 * The share of rows whose logit is above 0 just where the label (0 or 1) is 1, in f64.
 *
 * @throws ArgumentError when logits [n, 1] meet labels [n]
 */
export function binaryAccuracy(logits: Tensor, labels: Tensor): Tensor {
  checkPair({ logits, labels });
  return share(equal(cast(greater(logits, 0), "i64"), cast(labels, "i64")), "f64");
}
