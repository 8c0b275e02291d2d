import { isFloat } from "../../dtype.ts";
import { cast } from "../../ops/select.ts";
import { softmax } from "../../ops/softmax.ts";
import { sigmoid } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall } from "../node-call.ts";
import { constantFrom } from "../values.ts";

/** A list of numbers that an attribute gives, as floats. */
export function numbersOf(call: NodeCall, name: string): Tensor | undefined {
  const floats = call.node.attributes.get(name)?.floats ?? [];
  return floats.length > 0 ? constantFrom(call.importer.float, floats, [floats.length]) : undefined;
}

/** A tensor of any type as floats. */
export const floats = (call: NodeCall, x: Tensor) => (isFloat(x.dtype) ? x : cast(x, call.importer.float));

/** What a fitted model makes of its scores. */
export function transformed(call: NodeCall, scores: Tensor): Tensor {
  const kind = call.text("post_transform", "NONE");
  switch (kind) {
    case "NONE":
      return scores;
    case "LOGISTIC":
      return sigmoid(scores);
    case "SOFTMAX":
      return softmax(scores, { axis: -1 });
    default:
      return call.refuse(`post_transform ${kind} is not supported`);
  }
}
