import { type ArrayValue, array, type FloatType, reshape, type Tensor } from "@gradus/graph";
import { zerosOf } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, MissingClassError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { assertBinaryLabels } from "../../losses/metric/soft-confusion-matrix.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { shuffledBatches, stratifiedBatches } from "../batches.ts";
import type { Trainer } from "../contract.ts";
import { sgd } from "../sgd.ts";
import { compileTrainer } from "../train.ts";
import type { GradientTransformation } from "../transformation.ts";
import { type ClassifierLoss, crossEntropyLoss } from "./loss.ts";
import type { ClassifierModel } from "./model.ts";

/** A function of (parameters, state, x) that gives each row a score. */
export interface Network<P extends ValuesOf<P>, S extends ValuesOf<S>, M extends ClassifierModel> {
  readonly features: number;
  initial(seed: number, dtype: FloatType): { readonly parameters: P; readonly state: S };
  /** Scores [rows, 1] of rows [rows, features] in training, and the next state. */
  scores(
    parameters: AsTensors<P>,
    state: AsTensors<S>,
    x: Tensor,
  ): { readonly scores: Tensor; readonly state: AsTensors<S> };
  model(parameters: P, state: S, threshold: number): M;
}

/** What is fixed when a trainer is compiled. */
export interface ClassifierOptions {
  readonly loss: ClassifierLoss;
  /** From the step size, an input of the program, to what steps; gradient descent when left out. */
  readonly optimizer?: (learningRate: Tensor) => GradientTransformation;
  /** Rows a step; "full" takes all. */
  readonly batchSize?: number | "full";
  /** Element type in training; f32 is some three times faster, and too coarse for slopes above 33. */
  readonly dtype?: FloatType;
  /** Batches hold each class in its share; the default for losses that are no means over rows. */
  readonly stratify?: boolean;
  /** Trains by another loss for the first part of the epochs, from where the loss has a gradient everywhere. */
  readonly warmStart?: {
    /** Share of the epochs, in (0, 1). */
    readonly fraction: number;
    readonly loss?: ClassifierLoss;
    readonly learningRate?: number;
  };
}

/** What each fit decides. */
export interface FitOptions {
  readonly learningRate?: number;
  readonly epochs?: number;
  /** Ends when the loss changes by at most this from one entry of the history to the next; never when left out. */
  readonly tolerance?: number;
  /** Epochs from one entry of the history to the next; a twentieth of all when left out. */
  readonly epochsPerEntry?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** A fitted classifier, and how its training went. */
export interface Fit<M extends ClassifierModel> {
  readonly model: M;
  /** The mean loss over the epochs since the entry before, at the number of epochs done. */
  readonly history: readonly { readonly epoch: number; readonly loss: number }[];
  /** True when `tolerance` ended the training. */
  readonly converged: boolean;
}

/** A classifier's training loop, compiled once for fits of any number of rows. Dispose of it. */
export interface ClassifierTrainer<M extends ClassifierModel> extends Disposable {
  /**
   * Trains a model from fresh weights.
   *
   * @param x n x d
   * @param y 0 or 1 per row
   * @throws ArgumentError when x is not a dense matrix with the trainer's columns and one row per label, or an option is
   *   out of range
   * @throws DataError when a feature is not finite or a label not 0 or 1, naming its row
   * @throws MissingClassError when there is only one class, or batches would lack one
   * @throws ConvergenceError with epoch, batch and last finite loss when the loss is not finite
   */
  fit(x: DenseMatrix, y: ArrayLike<number>, options?: FitOptions): Promise<Fit<M>>;
  dispose(): void;
}

type Data = { readonly x: ArrayValue; readonly y: ArrayValue };
type Rate = { readonly learningRate: number };

function checkRows(x: DenseMatrix, y: ArrayLike<number>, features: number): void {
  checkFiniteDense("x", x);
  if (x.columns !== features) throw new ArgumentError(`x must have ${features} columns, got ${x.columns}`);
  if (x.rows !== y.length)
    throw new ArgumentError(`x must have one row for each of the ${y.length} labels, got ${x.rows}`);
  assertBinaryLabels(y);
  for (const label of [0, 1])
    if (Array.prototype.indexOf.call(y, label) < 0)
      throw new MissingClassError(`y must have both classes, but none of its ${y.length} rows is ${label}`);
}

const classifierOptions = ["loss", "optimizer", "batchSize", "dtype", "stratify", "warmStart"] as const;
const fitOptions = ["learningRate", "epochs", "tolerance", "epochsPerEntry", "seed", "signal"] as const;

function checkLoss(name: string, loss: unknown): void {
  const fits = typeof loss === "object" && loss !== null && "ofScores" in loss;
  if (!fits)
    throw new ArgumentError(
      `${name} must be a classifier's loss, such as anyLoss("f1") or crossEntropyLoss(), got ${shown(loss)}`,
    );
}

/** @throws ArgumentError naming the option that is unknown, missing or out of range */
export function checkClassifierOptions(of: string, options: unknown, more: readonly string[] = []): void {
  checkOptions(of, options ?? {}, [...classifierOptions, ...more]);
  const { loss, warmStart, dtype = "f64" } = (options ?? {}) as Partial<ClassifierOptions>;
  checkLoss("loss", loss);
  checkOneOf(["f32", "f64"], { dtype });
  if (!warmStart) return;
  checkOptions("warmStart", warmStart, ["fraction", "loss", "learningRate"]);
  checkWithin("(0, 1)", { "warmStart.fraction": warmStart.fraction });
  if (warmStart.loss !== undefined) checkLoss("warmStart.loss", warmStart.loss);
}

/** The options of a classifier fitted in one call, apart. */
export function splitFitOptions<O extends FitOptions>(
  of: string,
  options: O,
  more: readonly string[] = [],
): { readonly fit: FitOptions; readonly rest: Omit<O, keyof FitOptions> } {
  checkClassifierOptions(of, options, [...fitOptions, ...more]);
  const { learningRate, epochs, tolerance, epochsPerEntry, seed, signal, ...rest } = options;
  return { fit: { learningRate, epochs, tolerance, epochsPerEntry, seed, signal }, rest };
}

function checkFit(learningRate: number, epochs: number, tolerance: number): void {
  checkPositive({ learningRate });
  checkPositiveInteger({ epochs });
  if (!(tolerance >= 0) && tolerance !== Number.NEGATIVE_INFINITY)
    throw new ArgumentError(`tolerance must be a number >= 0, got ${tolerance}`);
}

function numbers(values: ArrayLike<number>, dtype: FloatType): Float32Array | Float64Array {
  return dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
}

/** The training loop of a network on a loss. */
async function compileLoop<P extends ValuesOf<P>, S extends ValuesOf<S>, M extends ClassifierModel>(
  network: Network<P, S, M>,
  loss: ClassifierLoss,
  {
    optimizer = (learningRate) => sgd({ learningRate }),
    batchSize = "full",
    dtype = "f64",
  }: ClassifierOptions,
): Promise<Trainer<P, Data, S, Rate>> {
  if (batchSize !== "full") checkPositiveInteger({ batchSize });
  const { parameters, state } = network.initial(0, dtype);
  const rows = batchSize === "full" ? 1 : batchSize;
  const { features } = network;
  return compileTrainer<P, Data, S, Rate>({
    loss: (current, batch, { modelState }) => {
      const { scores, state } = network.scores(current, modelState, batch.x);
      return { loss: loss.ofScores(reshape(scores, batch.y.shape), batch.y), modelState: state };
    },
    optimizer: ({ learningRate }) => optimizer(learningRate),
    settings: { learningRate: 1 },
    parameters,
    modelState: state,
    // Stands for data of any number of rows.
    data: {
      x: array(numbers(zerosOf({ batchSize: rows, features }), dtype), [rows, features]),
      y: array(numbers(new Float64Array(rows), dtype)),
    },
    batchSize,
  });
}

/**
 * Compiles the training of a network by a loss.
 *
 * @throws ArgumentError when an option is out of range
 */
export async function compileClassifier<
  P extends ValuesOf<P>,
  S extends ValuesOf<S>,
  M extends ClassifierModel,
>(network: Network<P, S, M>, options: ClassifierOptions): Promise<ClassifierTrainer<M>> {
  const { loss, batchSize = "full", dtype = "f64", stratify = loss.needsClasses, warmStart } = options;
  const loop = await compileLoop(network, loss, options);
  const warmLoop = warmStart && (await compileLoop(network, warmStart.loss ?? crossEntropyLoss(), options));

  const fit = async (x: DenseMatrix, y: ArrayLike<number>, given: FitOptions = {}): Promise<Fit<M>> => {
    checkOptions("fit", given, fitOptions);
    const { learningRate = 0.01, epochs = 1000, tolerance = Number.NEGATIVE_INFINITY } = given;
    const { seed = 0, signal, epochsPerEntry = Math.max(1, Math.round(epochs / 20)) } = given;
    checkFit(learningRate, epochs, tolerance);
    checkRows(x, y, network.features);
    loss.check?.(y);
    const data = {
      x: array(numbers(x.values, dtype), [y.length, network.features]),
      y: array(numbers(y, dtype)),
    };
    const batches = batchSize !== "full" && stratify ? stratifiedBatches(y) : shuffledBatches(y.length);
    let { parameters, state } = network.initial(seed, dtype);
    const history: { epoch: number; loss: number }[] = [];
    let converged = false;
    const warmEpochs = warmStart ? Math.round(warmStart.fraction * epochs) : 0;
    const phases = [
      { part: warmLoop, from: 0, to: warmEpochs, rate: warmStart?.learningRate ?? learningRate },
      { part: loop, from: warmEpochs, to: epochs, rate: learningRate },
    ];
    for (const { part, from, to, rate } of phases) {
      if (!part || from >= to) continue;
      const run = part.train({
        parameters,
        modelState: state,
        data,
        settings: { learningRate: rate },
        epochs: to - from,
        epochsPerIterate: epochsPerEntry,
        seed,
        batches,
        signal,
      });
      let previous = Number.POSITIVE_INFINITY;
      for await (const { loss: value, epoch, ...iterate } of run) {
        ({ parameters, modelState: state } = iterate);
        if (value === undefined) continue;
        history.push({ epoch: from + epoch, loss: value });
        converged = part === loop && Math.abs(value - previous) <= tolerance;
        if (converged) break;
        previous = value;
      }
    }
    return { model: network.model(parameters, state, loss.threshold), history, converged };
  };
  const dispose = () => {
    loop.dispose();
    warmLoop?.dispose();
  };
  return { fit, dispose, [Symbol.dispose]: dispose };
}
