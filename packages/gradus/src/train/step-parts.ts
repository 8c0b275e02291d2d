import {
  add,
  cast,
  flattenTensors,
  gather,
  i64,
  isTensor,
  mul,
  repeat,
  size,
  sub,
  type Tensor,
  type TensorSpec,
  type Tree,
  unflattenTree,
  valueAndGradientWithAuxiliary,
} from "@gradus/graph";
import type { AsTensors } from "../tree/arrays.ts";
import { dataSpecs } from "../tree/signature.ts";
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

/** The settings of a run, and where it stands. */
export interface StepPlace {
  readonly given: Record<string, Tensor>;
  /** Steps taken before this one, i64. */
  readonly steps: Tensor;
  /** Rows before this batch, i64. */
  readonly samples: Tensor;
}

/** A gradient in the graph, the model's state after the batch, and what else is reported of the batch. */
export interface GradientResult<T> {
  readonly gradient: Tree<Tensor>;
  readonly modelState: Tree<Tensor>;
  readonly told: T;
}

/** How a step comes to its gradient: from the batch's loss, with measurements, or from what it is given. */
export type GradientPart<I, T> = (
  carried: Carried,
  input: I,
  given: Record<string, Tensor>,
) => GradientResult<T>;

/** One step, or several, inside the graph. */
export interface StepGraph<I extends Tree<TensorSpec>, T> {
  /** What a call is given in addition to the state: a batch, a plan over data, a gradient. */
  readonly inputs: I;
  readonly take: (
    carried: Carried,
    inputs: Tree<Tensor>,
    place: StepPlace,
  ) => { readonly after: Carried; readonly told: T };
}

/** The optimizer for given settings. */
export function optimizerOf<P, D, M, H extends Settings>(
  { optimizer }: StepOptions<P, D, M, H>,
  given: Record<string, Tensor>,
): GradientTransformation {
  return typeof optimizer === "function" ? optimizer(given as { [K in keyof H]: Tensor }) : optimizer;
}

/** The gradient of the batch's loss; the loss is reported. */
export function lossGradient<P, D, M, H extends Settings>({
  loss,
}: Pick<StepOptions<P, D, M, H>, "loss">): GradientPart<Tree<Tensor>, Tensor> {
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
  return ({ parameters, modelState }, batch, given) => {
    const { value, gradient, auxiliary } = differentiated(parameters, batch, modelState, given);
    return { gradient, modelState: auxiliary, told: value };
  };
}

/** The part of a step behind its gradient: the optimizer's update, and the running average. */
function updatePart<P, D, M, H extends Settings>(options: StepOptions<P, D, M, H>) {
  const { averaging } = options;
  return (carried: Carried, gradient: Tree<Tensor>, { given, steps, samples }: StepPlace): Carried => {
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

/**
 * A step from its parts: the gradient, then the update along it.
 *
 * @param inputs what the gradient part is given
 * @param report what a call returns in addition to the next state
 */
export function stepGraph<P, D, M, H extends Settings, T, R = T>(
  options: StepOptions<P, D, M, H>,
  inputs: Tree<TensorSpec>,
  gradientPart: GradientPart<Tree<Tensor>, T>,
  report: (step: {
    readonly before: Carried;
    readonly after: Carried;
    readonly input: Tree<Tensor>;
    readonly gradient: Tree<Tensor>;
    readonly told: T;
    readonly given: Record<string, Tensor>;
  }) => R = ({ told }) => told as unknown as R,
): StepGraph<Tree<TensorSpec>, R> {
  const update = updatePart(options);
  return {
    inputs,
    take(before, input, place) {
      const { gradient, modelState, told } = gradientPart(before, input, place.given);
      const after: Carried = { ...update(before, gradient, place), modelState };
      return { after, told: report({ before, after, input, gradient, told, given: place.given }) };
    },
  };
}

/** Steps on planned batches of the data in one ONNX Loop; what each step reports is stacked. */
export function loopGraph(
  step: StepGraph<Tree<TensorSpec>, Tensor>,
  { data, batchSize }: { readonly data: unknown; readonly batchSize: number | "full" },
): StepGraph<Tree<TensorSpec>, Tensor> {
  return {
    inputs: {
      data: dataSpecs(data),
      plan: batchSize === "full" ? i64("steps") : i64("steps", "batch"),
    },
    take(carried, inputs, { given, steps, samples }) {
      const { data: all, plan } = inputs as { readonly data: Tree<Tensor>; readonly plan: Tensor };
      const { leaves, structure } = flattenTensors(all);
      const rows = size(batchSize === "full" ? [leaves[0].shape[0]] : ["batch"], "i64");
      const { carried: after, stacked } = repeat("steps", carried, (current, iteration) => {
        const chosen = batchSize === "full" ? undefined : gather(plan, iteration);
        const batch = chosen
          ? (unflattenTree(
              structure,
              leaves.map((t) => gather(t, chosen)),
            ) as Tree<Tensor>)
          : all;
        const taken = step.take(current, batch, {
          given,
          steps: add(steps, iteration),
          samples: add(samples, mul(iteration, rows)),
        });
        return { carried: taken.after, stacked: taken.told };
      });
      return { after, told: stacked };
    },
  };
}
