import { type ArrayValue, array, type FloatType } from "@gradus/graph";
import type { MaybePromise } from "../objectives/objective.ts";
import type { TargetModel } from "../target-surrogates/contract.ts";
import { linearTargets } from "../target-surrogates/linear-targets.ts";
import type { TracedTargets } from "../target-surrogates/traced-targets.ts";
import type { ValuesOf } from "../tree/arrays.ts";

/** A policy: its actions at given states, and the model of its actions on given states. */
export interface Policy {
  /** Number of parameters. */
  readonly dimension: number;
  /** Numbers per action. */
  readonly outputs: number;
  /** The actions, count x outputs, at the states, count x stateSize, both row-major. */
  actions(theta: Float64Array, states: Float64Array): MaybePromise<Float64Array>;
  /** The model on given states, whose targets are the actions. */
  on(states: Float64Array): TargetModel;
}

/** The linear policy u = <theta, s> with one action. */
export function linearPolicy(stateSize: number): Policy {
  const on = (states: Float64Array) =>
    linearTargets({ rows: states.length / stateSize, columns: stateSize, values: states });
  return {
    dimension: stateSize,
    outputs: 1,
    actions: (theta, states) => on(states).on().targets(theta),
    on,
  };
}

/** A traced model of states [rows, stateSize] as a policy. */
export function tracedPolicy<P extends ValuesOf<P>>(
  traced: TracedTargets<P, ArrayValue>,
  { stateSize, dtype = "f64" }: { readonly stateSize: number; readonly dtype?: FloatType },
): Policy {
  const inputs = (states: Float64Array): ArrayValue =>
    array(dtype === "f64" ? states : new Float32Array(states), [states.length / stateSize, stateSize]);
  return {
    dimension: traced.dimension,
    outputs: traced.outputs,
    actions: (theta, states) => traced.targets(theta, inputs(states)),
    on: (states) => traced.on(inputs(states)),
  };
}
