import { type ArrayValue, add, less, mul, type Tensor, where } from "@gradus/graph";
import { checkWithin } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import type { Stream } from "./initializers.ts";
import { noiseCounter, uniformNoise } from "./noise.ts";

/** The step counter of a run's dropouts, with a start drawn from the run's stream. */
export type DropoutState<T = Tensor> = {
  /** An i64 scalar. */
  readonly counter: T;
};

/** The state before the first step. All dropouts of a model may share it if their seeds differ. */
export function dropoutState(stream: Stream): DropoutState<ArrayValue> {
  return { counter: noiseCounter(stream) };
}

export interface DropoutOptions {
  /** The probability that a unit is dropped. */
  readonly rate: number;
  /** Identifies the layer: two layers with the same seed drop the same units. */
  readonly seed: number;
}

/**
 * Dropout in training: each entry is 0 with probability `rate`, otherwise x / (1 - rate), so the expectation is x and
 * evaluation needs no change. The state's counter and the seed determine which units are dropped, the same ones in
 * derivatives of any order.
 * Source: Srivastava et al. 2014, with the scaling in training of its section 10.
 *
 * @throws ArgumentError unless rate is in [0, 1), or for an unknown option
 */
export function dropout({ counter }: DropoutState, x: Tensor, options: DropoutOptions): Tensor {
  checkGivenOptions("dropout", options, ["rate", "seed"]);
  const { rate, seed } = options;
  checkWithin("[0, 1)", { rate });
  if (rate === 0) return x;
  const dropped = less(uniformNoise(x.shape, { seed, counter, dtype: "f64" }), rate);
  return where(dropped, 0, mul(x, 1 / (1 - rate)));
}

/** The state for the next step. */
export function nextDropoutState({ counter }: DropoutState): DropoutState {
  return { counter: add(counter, 1) };
}
