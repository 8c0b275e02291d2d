import { type ArrayValue, add, type FloatType, matmul, type Tensor } from "@gradus/graph";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { glorotUniform, type Initializer, type Stream, zeroWeights } from "./initializers.ts";

/** The trained parameters of a dense layer. */
export type DenseParameters<T = Tensor> = {
  /** [inputs, outputs] */
  readonly weights: T;
  /** [outputs] */
  readonly bias: T;
};

export interface DenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stream: Stream;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
  readonly dtype?: FloatType;
}

/**
 * Initial parameters of a dense layer: weights from the initializer; bias 0 unless it has its own initializer.
 *
 * @throws ArgumentError unless inputs and outputs are integers >= 1, or for an unknown option or dtype
 */
export function denseParameters(options: DenseOptions): DenseParameters<ArrayValue> {
  checkGivenOptions("denseParameters", options, [
    "inputs",
    "outputs",
    "stream",
    "initializer",
    "biasInitializer",
    "dtype",
  ]);
  const {
    inputs,
    outputs,
    stream,
    initializer = glorotUniform,
    biasInitializer = zeroWeights,
    dtype = "f32",
  } = options;
  checkPositiveInteger({ inputs, outputs });
  checkOneOf(["f32", "f64"], { dtype });
  const fans = { fanIn: inputs, fanOut: outputs, dtype };
  return {
    weights: initializer(stream, { shape: [inputs, outputs], ...fans }),
    bias: biasInitializer(stream, { shape: [outputs], ...fans }),
  };
}

/** A dense layer, x W + b: [..., inputs] to [..., outputs]. */
export function dense({ weights, bias }: DenseParameters, x: Tensor): Tensor {
  return add(matmul(x, weights), bias);
}
