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
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import type { AsTensors } from "../tree/arrays.ts";
import { rowCount } from "../tree/rows.ts";
import { dataSpecs } from "../tree/signature.ts";
import { checkLossResult, checkUpdate } from "./check-traced.ts";
import type { StepOptions } from "./contract.ts";
import { packingFor } from "./packing.ts";
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

/** What goes from one step of a loop to the next: as `Carried`, with lists that correspond to the parameters packed. */
interface Packed {
  readonly parameters: readonly Tensor[];
  readonly modelState: Tree<Tensor>;
  readonly optimizerState: Tree<Tensor>;
  readonly average: readonly Tensor[];
}

/** One step, or several, inside the graph. */
export interface StepGraph<I extends Tree<TensorSpec>, T> {
  /** What a call is given in addition to the state: a batch, a plan over data, a gradient. */
  readonly inputs: I;
  /** Sizes that named dimensions of the inputs are expected to have. */
  readonly sizes?: Readonly<Record<string, number>>;
  readonly take: (
    carried: Carried,
    inputs: Tree<Tensor>,
    place: StepPlace,
  ) => { readonly after: Carried; readonly told: T };
}

/**
 * The optimizer for given settings.
 *
 * @throws ArgumentError when the function of the settings makes no gradient transformation
 */
export function optimizerOf<P, D, M, H extends Settings>(
  { optimizer }: StepOptions<P, D, M, H>,
  given: Record<string, Tensor>,
): GradientTransformation {
  if (typeof optimizer !== "function") return optimizer;
  const made = optimizer(given as { [K in keyof H]: Tensor });
  if (typeof made?.init !== "function" || typeof made.update !== "function")
    throw new ArgumentError(
      `optimizer, where it is a function, must make a gradient transformation { init, update } from the settings, got ${shown(made)}`,
    );
  return made;
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
      checkLossResult(result);
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

/** How what is carried is packed for an optimizer, and back. */
function packingOf<P, D, M, H extends Settings>(
  options: StepOptions<P, D, M, H>,
  like: Carried,
  given: Record<string, Tensor>,
) {
  const { leaves, paths, structure } = flattenTensors(like.parameters);
  const packing = packingFor(optimizerOf(options, given), leaves);
  const { pack, unpack, packState, unpackState } = packing;
  const kept = (average: readonly Tensor[], convert: typeof pack) =>
    options.averaging ? convert(average) : average;
  return {
    paths: packing.packPaths(paths),
    packGradient: (gradient: Tree<Tensor>) => pack(flattenTensors(gradient).leaves),
    pack: ({ parameters, modelState, optimizerState, average }: Carried): Packed => ({
      parameters: pack(flattenTensors(parameters).leaves),
      modelState,
      optimizerState: packState(optimizerState),
      average: kept(flattenTensors(average).leaves, pack),
    }),
    unpack: ({ parameters, modelState, optimizerState, average }: Packed): Carried => ({
      parameters: unflattenTree(structure, unpack(parameters)) as Tree<Tensor>,
      modelState,
      optimizerState: unpackState(optimizerState),
      average: options.averaging ? (unflattenTree(structure, unpack(average)) as Tree<Tensor>) : [],
    }),
  };
}

/** The part of a step behind its gradient: the optimizer's update, and the running average. */
export function updatePart<P, D, M, H extends Settings>(options: StepOptions<P, D, M, H>) {
  const { averaging } = options;
  return (
    { parameters, modelState, optimizerState, average }: Packed,
    gradient: readonly Tensor[],
    paths: readonly string[],
    { given, steps, samples }: StepPlace,
  ): Packed => {
    const result = optimizerOf(options, given).update(gradient, optimizerState, {
      parameters,
      paths,
      steps,
      samples,
    });
    checkUpdate(result, parameters, paths);
    const { updates, state } = result;
    const moved = parameters.map((t, i) => add(t, updates[i]));
    const count = add(steps, 1);
    const averages = average.map((a, i) => {
      const w = averaging!(cast(count, a.dtype));
      return add(mul(a, sub(1, w)), mul(moved[i], w));
    });
    return { parameters: moved, modelState, optimizerState: state, average: averages };
  };
}

/** A single step: what a loop of such steps carries is packed. */
export interface SingleStep<T> extends StepGraph<Tree<TensorSpec>, T> {
  readonly packed: (
    carried: Carried,
    given: Record<string, Tensor>,
  ) => {
    readonly first: Packed;
    readonly take: (
      current: Packed,
      input: Tree<Tensor>,
      place: StepPlace,
    ) => { readonly after: Packed; readonly told: T };
    readonly unpack: (packed: Packed) => Carried;
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
): SingleStep<R> {
  const update = updatePart(options);
  /** A step from a state in both forms. */
  const taking =
    ({ packGradient, paths, unpack }: ReturnType<typeof packingOf>) =>
    (before: Carried, packed: Packed, input: Tree<Tensor>, place: StepPlace) => {
      const { gradient, modelState, told } = gradientPart(before, input, place.given);
      const after: Packed = { ...update(packed, packGradient(gradient), paths, place), modelState };
      const whole = unpack(after);
      return {
        packed: after,
        whole,
        told: report({ before, after: whole, input, gradient, told, given: place.given }),
      };
    };
  return {
    inputs,
    take(carried, input, place) {
      const packing = packingOf(options, carried, place.given);
      const { whole, told } = taking(packing)(carried, packing.pack(carried), input, place);
      return { after: whole, told };
    },
    packed(carried, given) {
      const packing = packingOf(options, carried, given);
      const take = taking(packing);
      return {
        first: packing.pack(carried),
        take(current, input, place) {
          const { packed, told } = take(packing.unpack(current), current, input, place);
          return { after: packed, told };
        },
        unpack: packing.unpack,
      };
    },
  };
}

/**
 * Steps on planned batches of the data in one ONNX Loop; what each step reports is stacked.
 *
 * @param expected the data and batches that calls are given, and how many steps they take, if known
 */
export function loopGraph(
  step: SingleStep<Tensor>,
  {
    data,
    batchSize,
    steps,
  }: { readonly data: unknown; readonly batchSize: number | "full"; readonly steps?: number },
): StepGraph<Tree<TensorSpec>, Tensor> {
  const rows = rowCount(data);
  return {
    sizes: {
      rows,
      ...(batchSize !== "full" && { batch: batchSize }),
      ...(steps !== undefined && steps > 0 && { steps }),
    },
    inputs: {
      data: dataSpecs(data),
      plan: batchSize === "full" ? i64("steps") : i64("steps", "batch"),
    },
    take(carried, inputs, { given, steps, samples }) {
      const { data: all, plan } = inputs as { readonly data: Tree<Tensor>; readonly plan: Tensor };
      const { leaves, structure } = flattenTensors(all);
      const rows = size([batchSize === "full" ? leaves[0].shape[0] : plan.shape[1]], "i64");
      const { first, take, unpack } = step.packed(carried, given);
      const { carried: last, stacked } = repeat("steps", first, (current, iteration) => {
        const chosen = batchSize === "full" ? undefined : gather(plan, iteration);
        const batch = chosen
          ? (unflattenTree(
              structure,
              leaves.map((t) => gather(t, chosen)),
            ) as Tree<Tensor>)
          : all;
        const taken = take(current, batch, {
          given,
          steps: add(steps, iteration),
          samples: add(samples, mul(iteration, rows)),
        });
        return { carried: taken.after, stacked: taken.told };
      });
      return { after: unpack(last), told: stacked };
    },
  };
}
