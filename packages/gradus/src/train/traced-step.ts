import {
  add,
  cast,
  flattenTensors,
  isTensor,
  mul,
  sub,
  type Tensor,
  type Tree,
  unflattenTree,
  valueAndGradientWithAuxiliary,
} from "@gradus/graph";
import type { AsTensors } from "../tree/arrays.ts";
import type { StepOptions } from "./contract.ts";
import type { Settings } from "./settings.ts";
import type { GradientTransformation } from "./transformation.ts";

/** What goes from step to step inside the graph; `average` is empty where none is kept. */
export type Carried = {
  readonly parameters: Tree<Tensor>;
  readonly modelState: Tree<Tensor>;
  readonly optimizerState: Tree<Tensor>;
  readonly average: Tree<Tensor>;
};

export interface StepInputs {
  readonly batch: Tree<Tensor>;
  readonly given: Record<string, Tensor>;
  /** Steps taken before this one, i64. */
  readonly steps: Tensor;
  /** Rows before this batch, i64. */
  readonly samples: Tensor;
}

/** The optimizer for given settings. */
export function optimizerOf<P, D, M, H extends Settings>(
  { optimizer }: StepOptions<P, D, M, H>,
  given: Record<string, Tensor>,
): GradientTransformation {
  return typeof optimizer === "function" ? optimizer(given as { [K in keyof H]: Tensor }) : optimizer;
}

/** The part of a step behind its gradient: the optimizer's update, and the running average. */
export function tracedUpdate<P, D, M, H extends Settings>(options: StepOptions<P, D, M, H>) {
  const { averaging } = options;
  return (
    carried: Carried,
    gradient: Tree<Tensor>,
    { given, steps, samples }: Omit<StepInputs, "batch">,
  ): Carried => {
    const { leaves, paths, structure } = flattenTensors(carried.parameters);
    const { updates, state } = optimizerOf(options, given).update(
      flattenTensors(gradient).leaves,
      carried.optimizerState,
      { parameters: leaves, paths, steps, samples },
    );
    const moved = leaves.map((t, i) => add(t, updates[i]));
    let average = carried.average;
    if (averaging) {
      const count = add(steps, 1);
      const averages = flattenTensors(carried.average).leaves.map((a, i) => {
        const w = averaging(cast(count, a.dtype));
        return add(mul(a, sub(1, w)), mul(moved[i], w));
      });
      average = unflattenTree(structure, averages) as Tree<Tensor>;
    }
    const parameters = unflattenTree(structure, moved) as Tree<Tensor>;
    return { ...carried, parameters, optimizerState: state, average };
  };
}

/** One training step inside the graph: forward, backward, update. */
export function tracedStep<P, D, M, H extends Settings>(options: StepOptions<P, D, M, H>) {
  const { loss } = options;
  const update = tracedUpdate(options);
  const differentiated = valueAndGradientWithAuxiliary(
    (parameters: Tree<Tensor>, batch: Tree<Tensor>, state: Tree<Tensor>, given: Record<string, Tensor>) => {
      const result = loss(parameters as AsTensors<P>, batch as AsTensors<D>, {
        modelState: state as AsTensors<M>,
        settings: given as { [K in keyof H]: Tensor },
      });
      return isTensor(result)
        ? { loss: result, auxiliary: state }
        : { loss: result.loss, auxiliary: result.modelState as Tree<Tensor> };
    },
  );

  return (carried: Carried, { batch, given, steps, samples }: StepInputs) => {
    const { value, gradient, auxiliary } = differentiated(
      carried.parameters,
      batch,
      carried.modelState,
      given,
    );
    const after: Carried = { ...update(carried, gradient, { given, steps, samples }), modelState: auxiliary };
    return { after, loss: value, gradient };
  };
}
