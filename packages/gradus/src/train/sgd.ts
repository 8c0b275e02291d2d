import { mul, neg, type Operand, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../errors.ts";
import type { GradientTransformation } from "./transformation.ts";

/** @throws ArgumentError unless a number is finite and > 0; a tensor is taken as it is */
export function positiveRate(name: string, value: Operand): Operand {
  if (typeof value === "number" && !(Number.isFinite(value) && value > 0))
    throw new ArgumentError(`${name} must be a finite number > 0, got ${value}`);
  return value;
}

/**
 * Gradient descent: the update is -learningRate g. The gradients of minibatches make it stochastic (Robbins and
 * Monro, 1951).
 *
 * @param learningRate a number, or a scalar tensor (an input of the program)
 * @throws ArgumentError unless learningRate is finite and > 0
 */
export function sgd({
  learningRate,
}: {
  readonly learningRate: Operand;
}): GradientTransformation<readonly Tensor[]> {
  positiveRate("learningRate", learningRate);
  return {
    init: () => [],
    update: (gradients, state) => ({ updates: gradients.map((g) => neg(mul(g, learningRate))), state }),
  };
}
