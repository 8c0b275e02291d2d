import { takeAlong } from "../../ops/along.ts";
import { div, mul } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { equal } from "../../ops/compare.ts";
import { gather } from "../../ops/indexing.ts";
import { mean, sum } from "../../ops/reduce.ts";
import { where } from "../../ops/select.ts";
import { expandDims, squeeze } from "../../ops/shape.ts";
import { logSoftmax } from "../../ops/softmax.ts";
import { neg } from "../../ops/unary.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";

/** Minus the logarithm at each label, weighted by class, over [N, C, ...]; ignored labels count for nothing. */
function likelihood(call: NodeCall, logs: Tensor): Tensor {
  const labels = call.input(1);
  const weights = call.optional(2);
  const ignored = call.int("ignore_index");
  const out = ignored === undefined ? undefined : equal(labels, ignored);
  // An ignored label may be out of range: class 0 stands in for it, with weight 0.
  const places = out ? where(out, 0, labels) : labels;
  const picked = squeeze(takeAlong(logs, expandDims(places, 1), { axis: 1 }), 1);
  const each = weights ? gather(weights, places) : broadcastTo(scalar(1, logs.dtype), labels.shape);
  const counted = out ? where(out, 0, each) : each;
  const losses = neg(mul(picked, counted));
  switch (call.text("reduction", "mean")) {
    case "none":
      return losses;
    case "sum":
      return sum(losses);
    default:
      return weights || out ? div(sum(losses), sum(counted)) : mean(losses);
  }
}

const softmaxCrossEntropy: Operator = (call) => {
  const logs = logSoftmax(call.input(0), { axis: 1 });
  return [likelihood(call, logs), logs];
};

export const losses: Readonly<Record<string, Operator>> = {
  NegativeLogLikelihoodLoss: (call) => likelihood(call, call.input(0)),
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
};
