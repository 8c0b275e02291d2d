import type { CompileOptions, Tensor } from "@gradus/graph";
import type { Iterate, Method, MethodOptions } from "../iterate/iterate.ts";
import type { AsTensors, Values } from "../tree/arrays.ts";
import type { ParameterAveraging } from "./average-parameters.ts";
import type { BatchSizePolicy, BatchSizeProgress } from "./batch-size/contract.ts";
import type { BatchPlan } from "./batches.ts";
import type { GradientTransformation } from "./transformation.ts";

/** What a loss is given in addition to parameters and batch. */
export interface LossContext<M, H> {
  /** What the model carries in addition to its parameters, such as running statistics. */
  readonly modelState: AsTensors<M>;
  readonly settings: { readonly [K in keyof H]: Tensor };
}

/** A loss on one batch; a model with its own state also returns the next state. */
export type LossFunction<P, D, M, H> = (
  parameters: AsTensors<P>,
  batch: AsTensors<D>,
  context: LossContext<M, H>,
) => Tensor | { readonly loss: Tensor; readonly modelState: AsTensors<M> };

/**
 * A scalar that is a mean over the rows of a batch: accuracy, a loss. Metrics of the confusion matrix, such as F1, are none:
 * measure them on all rows at once, without the evaluation's `batchSize`.
 */
export type EvaluationMetric<P, D, M, H> = (
  parameters: AsTensors<P>,
  batch: AsTensors<D>,
  context: LossContext<M, H>,
) => Tensor;

/** What a training step is made of. */
export interface StepOptions<P, D, M, H> extends CompileOptions {
  readonly loss: LossFunction<P, D, M, H>;
  /** Initial parameters: a tree of arrays, all f32 or all f64. Later runs may start from others of the same shapes. */
  readonly parameters: P;
  readonly modelState?: M;
  /** Arrays with one row per example; later runs may have another number of rows. */
  readonly data: D;
  /** A transformation, or a function of the settings that makes it (a step size that runs change). */
  readonly optimizer:
    | GradientTransformation
    | ((settings: { readonly [K in keyof H]: Tensor }) => GradientTransformation);
  /** Names and first values of the settings. */
  readonly settings?: H;
  /** Also keeps a running average of the parameters. */
  readonly averaging?: ParameterAveraging;
}

/** How much of parameters and optimizer's state a program holds. */
export interface LowMemory {
  /**
   * Takes each step in several calls, one for the gradient and one for each million parameters: the runtime holds the
   * parameters and their gradient once, and a loop all that a step takes and makes, several times. It is for large
   * parameters in a page, whose WebAssembly memory never shrinks, and slower. The optimizer must treat each number alike,
   * as Adam and stochastic gradient descent do, and the batch size be fixed.
   */
  readonly lowMemory?: boolean;
}

export interface TrainerOptions<P, D, M, H> extends StepOptions<P, D, M, H>, LowMemory {
  /**
   * `"full"`: one step per epoch on all rows; a number: minibatches of that many rows; a policy such as
   * `adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024 })`: as many as it says.
   */
  readonly batchSize: number | "full" | BatchSizePolicy;
  /** Measured on the data of a run's `evaluation`. */
  readonly metrics?: Readonly<Record<string, EvaluationMetric<P, D, M, H>>>;
}

/** What a step takes and makes. */
export interface StepState<P, M> {
  readonly parameters: P;
  readonly modelState: M;
  readonly optimizerState: Values;
  /** The running average of the parameters, where `averaging` keeps one. */
  readonly average: P | undefined;
  /** Steps taken. */
  readonly steps: number;
  /** Rows of all batches so far. */
  readonly samples: number;
}

/** What is measured on the way to an iterate. */
export interface Measured {
  /**
   * Mean of the batches' losses since the last whole epoch that was an iterate, weighted by their rows, each taken before
   * its step; undefined at epoch 0.
   */
  readonly loss: number | undefined;
  /** The metrics, where this epoch was evaluated: of the average of the parameters where there is one. */
  readonly metrics: Readonly<Record<string, number>> | undefined;
}

export interface TrainState<P, M> extends StepState<P, M>, Measured {
  /** Where batches stand whose size a policy chooses. */
  readonly batches?: BatchSizeProgress;
  /** Where a run stands whose iterates are not whole epochs. */
  readonly place?: EpochPlace;
}

/** Batches taken of an epoch. */
export interface EpochProgress {
  readonly batches: number;
  /** The batches of the whole epoch. */
  readonly of: number;
}

/** A place in a training. */
export interface EpochPlace extends EpochProgress {
  /** Whole epochs before. */
  readonly epoch: number;
  /** Sum of the losses of the epoch's rows so far, and their number. */
  readonly total: number;
  readonly samples: number;
}

export interface TrainView<P, M> extends Measured {
  /** Whole epochs. */
  readonly epoch: number;
  /** How far the next epoch is, where it is under way. */
  readonly partial?: EpochProgress;
  /** Steps taken. */
  readonly steps: number;
  /** Rows of all batches so far. */
  readonly samples: number;
  /** Rows of the last batch, where a policy chooses them. */
  readonly batchSize?: number;
  readonly parameters: P;
  readonly average: P | undefined;
  readonly modelState: M;
}

/** An iterate of training: what it shows, and the state from which training resumes. */
export type TrainIterate<P, M> = Iterate<TrainState<P, M>> & TrainView<P, M>;

/** The rows on which a run's metrics are measured, and how often. */
export interface Evaluation<D> {
  /** Of the structure of the training data; any number of rows. */
  readonly data: D;
  /** Epochs from one evaluation to the next; the first and the last iterate are always evaluated. */
  readonly every?: number;
  /** Rows in one call; the last one may have fewer. All when left out. */
  readonly batchSize?: number;
}

export interface TrainRun<P, D, M, H> extends MethodOptions<TrainState<P, M>> {
  readonly parameters?: P;
  readonly modelState?: M;
  readonly data?: D;
  readonly settings?: Partial<H>;
  /** Epochs to run; the method ends after them. Endless when left out. */
  readonly epochs?: number;
  /**
   * Epochs inside one call of the compiled loop: fewer iterates, less overhead for small problems. A run is stopped between
   * calls, so that with many epochs in one a signal takes effect late.
   */
  readonly epochsPerIterate?: number;
  /**
   * Steps inside one call, also within an epoch: an iterate after each call and at the end of each epoch, so that a long
   * epoch shows its progress, can be stopped, and resumes. Whole epochs when left out.
   */
  readonly stepsPerIterate?: number;
  /**
   * With `lowMemory`, fills the arrays of an iterate with the next one's, so that parameters and optimizer's state are held
   * once: only the last iterate is valid, and one that is resumed from is used up.
   */
  readonly overwrite?: boolean;
  readonly seed?: number;
  /** How an epoch's rows are dealt into batches; shuffled, without the rows left over, when left out. */
  readonly batches?: BatchPlan;
  /** Measures the metrics as training goes on. */
  readonly evaluation?: Evaluation<D>;
}

/** A training loop compiled once, for many runs. Holds native memory: dispose of it, or declare it with `using`. */
export interface Trainer<P, D, M, H> extends Disposable {
  /** Trains: an iterate every `epochsPerIterate` epochs or `stepsPerIterate` steps, from which training resumes bit for bit. */
  train(run?: TrainRun<P, D, M, H>): Method<TrainIterate<P, M>>;
  dispose(): void;
  /** The training loop as an ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
}
