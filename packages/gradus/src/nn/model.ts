import type { FloatType, Tensor } from "@gradus/graph";
import { checkOptions } from "../check/options.ts";
import type { AsTensors, ValuesOf } from "../tree/arrays.ts";
import type { Stream } from "./initializers.ts";

/** The source of a model's initial parameters. */
export interface ModelStart {
  /** Determines all initial parameters. */
  readonly stream: Stream;
  readonly dtype?: FloatType;
}

/**
 * Checks the options from which a model's initial parameters or state are made.
 *
 * @param of the function that takes them, by its public name
 * @throws ArgumentError for an unknown option
 */
export function checkedStart(of: string, start: ModelStart): ModelStart {
  checkOptions(of, start, ["stream", "dtype"]);
  return start;
}

/** A model: two pure functions that return its initial parameters and, from parameters and inputs, its output. */
export interface Model<
  P extends ValuesOf<P>,
  I extends readonly (Tensor | undefined)[] = readonly [x: Tensor],
> {
  parameters(start: ModelStart): P;
  apply(parameters: AsTensors<P>, ...inputs: I): Tensor;
}

/**
 * A model with state in addition to its parameters, which computes differently in training: batch statistics instead of
 * running ones, or dropout. A training loss returns the next state as `modelState`.
 */
export interface StatefulModel<
  P extends ValuesOf<P>,
  S extends ValuesOf<S>,
  I extends readonly (Tensor | undefined)[] = readonly [x: Tensor],
> {
  parameters(start: ModelStart): P;
  /** The state before the first step. */
  state(start: ModelStart): S;
  /** In training: the output on a batch, and the next state. */
  applyTraining(
    parameters: AsTensors<P>,
    state: AsTensors<S>,
    ...inputs: I
  ): { readonly output: Tensor; readonly state: AsTensors<S> };
  /** In evaluation: the outputs, each of which depends only on its own example. */
  apply(parameters: AsTensors<P>, state: AsTensors<S>, ...inputs: I): Tensor;
}
