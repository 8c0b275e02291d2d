import type { ArrayValue, MapTree, SessionOptions, Tensor, Tree } from "@gradus/graph";
import type { Iterate, Method, MethodOptions } from "../iterate.ts";
import type { BatchPlan } from "./batches.ts";
import type { GradientTransformation } from "./transformation.ts";

export type Values = Tree<ArrayValue>;
/** A tree of arrays as the graph sees it. */
export type AsTensors<V> = MapTree<V, ArrayValue, Tensor>;
/** Scalars that a run sets without compiling anew: step sizes, slopes. */
export type Settings = Readonly<Record<string, number>>;

export interface LossContext<M, H> {
  /** What the model carries beside its parameters, such as running statistics. */
  readonly modelState: AsTensors<M>;
  readonly settings: { readonly [K in keyof H]: Tensor };
}

/** A loss on one batch; a model with state of its own returns the next state beside it. */
export type Loss<P, D, M, H> = (
  parameters: AsTensors<P>,
  batch: AsTensors<D>,
  context: LossContext<M, H>,
) => Tensor | { readonly loss: Tensor; readonly modelState: AsTensors<M> };

export interface TrainerOptions<P, D, M, H> extends SessionOptions {
  readonly loss: Loss<P, D, M, H>;
  /** Initial parameters: a tree of arrays. Later runs may start from others of the same shapes. */
  readonly parameters: P;
  readonly modelState?: M;
  /** Arrays with one row an example; later runs may have another number of rows. */
  readonly data: D;
  /** A transformation, or a function of the settings that makes it (a step size that runs change). */
  readonly optimizer:
    | GradientTransformation
    | ((settings: { readonly [K in keyof H]: Tensor }) => GradientTransformation);
  /** Names and first values of the settings. */
  readonly settings?: H;
  /** `"full"`: one step an epoch on all rows; a number: minibatches of that many rows. */
  readonly batchSize: number | "full";
}

export interface TrainState<P, M> {
  readonly parameters: P;
  readonly modelState: M;
  readonly optimizerState: Values;
}

export interface TrainView<P, M> {
  readonly epoch: number;
  /** Mean of the batches' losses since the iterate before, each taken before its step; undefined at epoch 0. */
  readonly loss: number | undefined;
  readonly parameters: P;
  readonly modelState: M;
}

export type TrainIterate<P, M> = Iterate<TrainState<P, M>> & TrainView<P, M>;

export interface TrainRun<P, D, M, H> extends MethodOptions<TrainState<P, M>> {
  readonly parameters?: P;
  readonly modelState?: M;
  readonly data?: D;
  readonly settings?: Partial<H>;
  /** Epochs to run; the method ends after them. Endless when left out. */
  readonly epochs?: number;
  /** Epochs inside one call of the compiled loop: fewer iterates, less overhead for small problems. */
  readonly epochsPerIterate?: number;
  readonly seed?: number;
  /** How an epoch's rows are dealt into batches; shuffled when left out. */
  readonly batches?: BatchPlan;
}

/** A training loop compiled once, for many runs. Holds native memory: dispose of it, or declare it with `using`. */
export interface Trainer<P, D, M, H> extends Disposable {
  /** Trains: an iterate every `epochsPerIterate` epochs, from which training resumes bit for bit. */
  train(run?: TrainRun<P, D, M, H>): Method<TrainIterate<P, M>>;
  dispose(): void;
  /** The training loop as an ONNX file. */
  readonly model: Uint8Array;
}
