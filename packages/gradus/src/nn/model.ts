import type { FloatType, Tensor } from "@gradus/graph";
import { checkOptions } from "../check/options.ts";
import type { AsTensors, ValuesOf } from "../tree/arrays.ts";
import type { Stream } from "./initializers.ts";

/** What decides the first parameters of a model. */
export interface ModelStart {
  /** Decides all parameters. */
  readonly stream: Stream;
  readonly dtype?: FloatType;
}

/**
 * What decides the first parameters or the first state of a model.
 *
 * @param of what takes it, as a user calls it
 * @throws ArgumentError for an unknown option
 */
export function checkedStart(of: string, start: ModelStart): ModelStart {
  checkOptions(of, start, ["stream", "dtype"]);
  return start;
}

/** A model is two pure functions: where its parameters start, and what it computes of them and its inputs. */
export interface Model<
  P extends ValuesOf<P>,
  I extends readonly (Tensor | undefined)[] = readonly [x: Tensor],
> {
  parameters(start: ModelStart): P;
  apply(parameters: AsTensors<P>, ...inputs: I): Tensor;
}

/**
 * A model that carries more than its parameters, and computes something else while it is trained: batch statistics in
 * place of running ones, units dropped. A training loss returns `modelState`, the next state.
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
  /** In evaluation: each example's output by itself. */
  apply(parameters: AsTensors<P>, state: AsTensors<S>, ...inputs: I): Tensor;
}
