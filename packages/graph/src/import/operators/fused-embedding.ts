import { add, mul, sub } from "../../ops/arithmetic.ts";
import { greaterEqual } from "../../ops/compare.ts";
import { range } from "../../ops/range.ts";
import { mean, sum } from "../../ops/reduce.ts";
import { cast } from "../../ops/select.ts";
import { rsqrt, square } from "../../ops/unary.ts";
import type { Operator } from "../node-call.ts";
import { gatherAlong } from "./axes.ts";

/**
 * The sum of the embeddings of words, positions and segments, normalized over its last axis, as ONNX Runtime's
 * optimizer writes the beginning of a transformer. Its second output is the number of words of each row.
 */
export const embedding: Operator = (call) => {
  const words = call.input(0);
  const segments = call.optional(1);
  const positions = call.optional(8) ?? range(words.shape[1]);
  const rows = [gatherAlong(call.input(2), words, 0), gatherAlong(call.input(3), positions, 0)];
  if (segments) rows.push(gatherAlong(call.input(4), segments, 0));
  const x = rows.reduce((a, b) => add(a, b));
  const axes = [x.shape.length - 1];
  const centered = sub(x, mean(x, { axes, keepDims: true }));
  const inverse = rsqrt(add(mean(square(centered), { axes, keepDims: true }), call.float("epsilon", 1e-12)));
  const y = add(mul(mul(centered, inverse), call.input(5)), call.input(6));
  const mask = call.optional(7);
  const counted = mask && call.int("mask_index_type", 1) !== 0 ? greaterEqual(mask, 1) : undefined;
  const count = sum(cast(counted ?? greaterEqual(mul(words, 0), 1), "i64"), { axes: [1] });
  return [y, count, x];
};
