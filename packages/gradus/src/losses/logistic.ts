import { mul, neg, softplus, sub } from "@gradus/graph";
import { checkLabels } from "../check/arrays.ts";
import type { ScalarLoss } from "./contract.ts";
import { logisticCurvature } from "./output-curvature.ts";
import { tracedLoss } from "./pairs.ts";
import { scalarLoss } from "./scalar-loss.ts";

/**
 * The logistic loss ln(1 + e^{-m}) of a margin m, which neither overflows nor loses small losses.
 *
 * @param e e^{-|m|}, which loss, weight and curvature share
 */
export function lossOfMargin(margin: number, e: number): number {
  return Math.max(0, -margin) + Math.log1p(e);
}

/**
 * The weight 1 / (1 + e^m) of a margin m, the probability that the logistic model gives to the wrong label: minus the
 * derivative of the loss. Accurate to the last digits at both ends: e^{-m} for large m, 1 for m far below 0.
 *
 * @param e e^{-|m|}
 */
export function weightOfMargin(margin: number, e: number): number {
  return margin >= 0 ? e / (1 + e) : 1 / (1 + e);
}

/** The weight where loss and curvature are not wanted: the same to the last digits, without their e^{-|m|}. */
export const weightAlone = (margin: number): number => 1 / (1 + Math.exp(margin));

/**
 * The second derivative of the logistic loss of a margin m, at most 1/4.
 *
 * @param e e^{-|m|}
 */
export function curvatureOfMargin(e: number): number {
  return e / ((1 + e) * (1 + e));
}

/** e^{-|m|}. */
export const decayOf = (margin: number): number => Math.exp(-Math.abs(margin));

function curvatures(outputs: Float64Array, _labels: Float64Array, out: Float64Array): void {
  for (let i = 0; i < outputs.length; i++) out[i] = curvatureOfMargin(decayOf(outputs[i]));
}

/** phi(z, y) = ln(1 + e^{-y z}) of labels y = -1 or +1. L = 1/4. */
export const logisticLoss: ScalarLoss = scalarLoss({
  name: "logistic loss",
  outputs: 1,
  labels: "row",
  smoothness: 0.25,
  checkLabels: (name, labels) => checkLabels(name, labels, [-1, 1]),
  value: (z, y) => lossOfMargin(y * z, decayOf(z)),
  derivative: (z, y) => -y * weightOfMargin(y * z, decayOf(z)),
  curvature: (z) => curvatureOfMargin(decayOf(z)),
  evaluate(outputs, labels, losses, gradient) {
    for (let i = 0; i < losses.length; i++) {
      const margin = labels[i] * outputs[i];
      const e = decayOf(margin);
      losses[i] = lossOfMargin(margin, e);
      if (gradient) gradient[i] = -labels[i] * weightOfMargin(margin, e);
    }
  },
  curvatures,
  traced: tracedLoss("logisticLoss", (outputs, labels) => softplus(neg(mul(outputs, labels)))),
  outputCurvature: logisticCurvature,
});

/** -1 or +1 for a label 0 or 1: what makes an output a margin, which loses no digits of small losses as ln(1 + e^z) - y z does. */
const signOf = (y: number): number => 2 * y - 1;

/** phi(z, y) = ln(1 + e^z) - y z of labels y = 0 or 1: the cross-entropy of the probability 1/(1 + e^{-z}). L = 1/4. */
export const binaryLogisticLoss: ScalarLoss = scalarLoss({
  name: "logistic loss of labels 0 and 1",
  outputs: 1,
  labels: "row",
  smoothness: 0.25,
  checkLabels: (name, labels) => checkLabels(name, labels, [0, 1]),
  value: (z, y) => lossOfMargin(signOf(y) * z, decayOf(z)),
  derivative: (z, y) => -signOf(y) * weightOfMargin(signOf(y) * z, decayOf(z)),
  curvature: (z) => curvatureOfMargin(decayOf(z)),
  evaluate(outputs, labels, losses, gradient) {
    for (let i = 0; i < losses.length; i++) {
      const sign = signOf(labels[i]);
      const margin = sign * outputs[i];
      const e = decayOf(margin);
      losses[i] = lossOfMargin(margin, e);
      if (gradient) gradient[i] = -sign * weightOfMargin(margin, e);
    }
  },
  curvatures,
  traced: tracedLoss("binaryLogisticLoss", (outputs, labels) =>
    softplus(mul(outputs, sub(1, mul(labels, 2)))),
  ),
  outputCurvature: logisticCurvature,
});
