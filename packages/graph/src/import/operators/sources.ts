import { div } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { where } from "../../ops/select.ts";
import { scalar } from "../../tensor.ts";
import type { Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";

/** A tensor in the node itself. */
const constantNode: Operator = (call) => {
  const { attributes } = call.node;
  const value = attributes.get("value");
  if (value) return call.importer.tensor(value, call.label);
  const [ints, floats] = [attributes.get("value_ints")?.ints, attributes.get("value_floats")?.floats];
  if (ints) return constantFrom("i64", ints, [ints.length]);
  if (floats) return constantFrom(call.importer.float, floats, [floats.length]);
  const [int, float] = [call.int("value_int"), call.float("value_float")];
  if (int !== undefined) return scalar(int, "i64");
  if (float !== undefined) return scalar(float, call.importer.float);
  return call.refuse("only numbers are supported");
};

/** Dropout passes x on, unless a run has masks for nodes in training mode. */
const dropout: Operator = (call) => {
  const x = call.input(0);
  const all = broadcastTo(scalar(1, "bool"), x.shape);
  const training = call.has(2) && call.numbers(2)?.[0] === 1;
  const ratio = call.has(1) ? (call.numbers(1)?.[0] ?? 0.5) : 0.5;
  const { keptEntries } = call.importer.trainingMode;
  const mask = training && ratio > 0 && ratio < 1 ? keptEntries?.(x.shape, ratio) : undefined;
  if (!mask) return [x, all];
  return [where(mask, div(x, 1 - ratio), scalar(0, x.dtype)), mask];
};

/** A window of cosines, periodic or symmetric: the sum of (-1)^k a_k cos(2 pi k n / N). */
const cosineWindow =
  (...weights: readonly number[]): Operator =>
  (call) => {
    const size = call.numbers(0)?.[0] ?? call.refuse("the size is missing");
    const period = call.int("periodic", 1) === 1 ? size : size - 1;
    const values = Array.from({ length: call.bounded(size, "the size") }, (_, n) =>
      weights.reduce((sum, a, k) => sum + (k % 2 ? -a : a) * Math.cos((2 * Math.PI * k * n) / period), 0),
    );
    return constantFrom(call.importer.elementType(call.int("output_datatype", 1), call.label), values, [
      size,
    ]);
  };

export const sources: Readonly<Record<string, Operator>> = {
  BlackmanWindow: cosineWindow(0.42, 0.5, 0.08),
  Constant: constantNode,
  Dropout: dropout,
  HammingWindow: cosineWindow(25 / 46, 21 / 46),
  HannWindow: cosineWindow(0.5, 0.5),
};
