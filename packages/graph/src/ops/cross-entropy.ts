import { ShapeError } from "../errors.ts";
import { formatShape, sameShape } from "../shape.ts";
import { apply, floatType, type Op, sameType, type Tensor } from "../tensor.ts";
import { takeAlong } from "./along.ts";
import { mul } from "./arithmetic.ts";
import { reduceSum } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { logSoftmax } from "./softmax.ts";
import { neg } from "./unary.ts";

/** All bits but the sign. */
const MAGNITUDE = 2n ** 63n - 1n;

/**
 * Classes with the sign bit cleared: takeAlong counts negative indices from the end, but rejects the huge ones that
 * they become here (except for those next to -2^63).
 */
const classesOp: Op<undefined> = {
  name: "classes",
  type: ([{ dtype, shape }]) => ({ dtype, shape }),
  lower: (emit, [classes], { output: { shape } }) => {
    const mask = emit.constant("i64", new Array<number>(shape.length).fill(1), BigInt64Array.of(MAGNITUDE));
    return emit.node("BitwiseAnd", [classes, mask]);
  },
  vmap: (inputs) => apply(classesOp, inputs, undefined),
};

/**
 * Cross-entropy of softmax(logits) against targets, per row: -sum_j t_j log softmax(z)_j, without overflow for logits
 * of any size. Its gradient is softmax(z) - t, computed without one-hot rows if targets are classes.
 *
 * @param logits [..., classes]
 * @param targets classes as i64 [...], from 0 (a run with a class out of range fails), or the probabilities of all
 *   classes [..., classes], which should sum to 1
 * @returns [...]
 * @throws ShapeError when the shapes do not match
 * @throws TypeMismatchError unless logits are floating-point, and targets i64 or of the logits' type
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  floatType("crossEntropy", logits);
  const rows = logits.shape.slice(0, -1);
  const ofClasses = targets.dtype === "i64";
  if (logits.shape.length === 0 || !sameShape(targets.shape, ofClasses ? rows : logits.shape))
    throw new ShapeError(
      `crossEntropy: expected logits [..., classes] and targets [...] as i64 or [..., classes] as probabilities, ` +
        `got ${formatShape(logits.shape)} and ${targets.dtype}${formatShape(targets.shape)}`,
    );
  const logarithms = logSoftmax(logits);
  if (ofClasses) {
    const places = reshape(apply(classesOp, [targets], undefined), [...rows, 1]);
    return neg(reshape(takeAlong(logarithms, places), rows));
  }
  sameType("crossEntropy", [logits, targets]);
  return neg(reduceSum(mul(logarithms, targets), [rows.length], false));
}
