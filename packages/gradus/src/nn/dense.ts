import { type ArrayValue, add, array, type FloatType, matmul, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../errors.ts";
import type { randomStream } from "../random/stream.ts";
import { glorotUniform, type Initializer } from "./initializers.ts";

export type DenseParameters<T = Tensor> = {
  /** [inputs, outputs] */
  readonly weights: T;
  /** [outputs] */
  readonly bias: T;
};

export interface DenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stream: ReturnType<typeof randomStream>;
  readonly initializer?: Initializer;
  readonly dtype?: FloatType;
}

/**
 * Parameters of a dense layer: weights by the initializer, bias 0.
 *
 * @throws ArgumentError unless inputs and outputs are whole numbers >= 1
 */
export function denseParameters({
  inputs,
  outputs,
  stream,
  initializer = glorotUniform,
  dtype = "f32",
}: DenseOptions): DenseParameters<ArrayValue> {
  for (const [name, value] of Object.entries({ inputs, outputs }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`${name} must be a whole number >= 1, got ${value}`);
  const bias = dtype === "f32" ? new Float32Array(outputs) : new Float64Array(outputs);
  return { weights: initializer(stream, inputs, outputs, dtype), bias: array(bias) };
}

/** x W + b: [batch, inputs] to [batch, outputs]. */
export function dense({ weights, bias }: DenseParameters, x: Tensor): Tensor {
  return add(matmul(x, weights), bias);
}
