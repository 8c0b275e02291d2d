import {
  type ArrayValue,
  addLowRankBranches,
  array,
  type CompileOptions,
  constant,
  type ImportedModel,
  type ImportOptions,
  importOnnx,
  linearHead,
  replaceHead,
  replaceParameters,
  type Tensor,
} from "@gradus/graph";
import { DataError } from "../check/errors.ts";
import { checkIntegerWithin, checkNonNegativeInteger, checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../check/options.ts";
import { trainTestSplit } from "../data/folds.ts";
import { type Method, pacer } from "../iterate/iterate.ts";
import { denseParameters } from "../nn/dense.ts";
import { randomStream } from "../random/stream.ts";
import { adam } from "../train/adam.ts";
import { shuffledBatches } from "../train/batches.ts";
import type { LowMemory, TrainIterate } from "../train/contract.ts";
import {
  checkStoppingIterate,
  type EarlyStoppingIterate,
  type EarlyStoppingState,
  stopEarly,
} from "../train/stop-early.ts";
import { compileTrainer } from "../train/train.ts";
import type { GradientTransformation } from "../train/transformation.ts";
import { mapArrays } from "../tree/arrays.ts";
import { rowCount, takeRows } from "../tree/rows.ts";
import { constantLoss } from "./constant-loss.ts";
import { firstKey, nextKey } from "./dropout-masks.ts";
import { type ModelData, type ModelObjectiveOptions, modelObjective } from "./objective.ts";
import { runningMoments, updatedMoments } from "./running-moments.ts";
import {
  initialFactor,
  mergedArrays,
  type TunedParameters,
  trainedPart,
  tunedTensors,
} from "./trained-part.ts";

/** A loss on labeled rows, and what is trained how. */
export interface TunerOptions extends ModelObjectiveOptions, CompileOptions, LowMemory {
  readonly optimizer?: GradientTransformation;
  /** Rows of a batch; the last one of an epoch may have fewer. By default 32, or all rows if there are fewer. */
  readonly batchSize?: number;
  /** Parameters to leave alone, by name: `*` stands for any characters, as in `encoder.*`. */
  readonly freeze?: readonly string[];
  /**
   * Trains matrices W as W + B A of this rank, kernels of convolutions and the matrices of recurrent layers too, and nothing
   * else but a new head. Changes are added to the stored matrices, but of weights that are stored as integers they stay
   * beside them in the file, as nodes and arrays `*.lora_A` and `*.lora_B`.
   */
  readonly lora?: number;
  /** Gives the last linear layer this many outputs, with new weights. */
  readonly head?: number;
  /** The share of the rows that is held out to measure on, or other rows for it. */
  readonly validation?: number | ModelData;
  /** Determines the validation rows, the order of the batches, and new weights. */
  readonly seed?: number;
  /** Files that hold tensors outside the model's file. */
  readonly external?: ImportOptions["external"];
  /** Rejects with the signal's reason, before the model is read and before anything is compiled. */
  readonly signal?: AbortSignal;
}

type Trained = TrainIterate<TunedParameters, Carried>;

/** What a model in training mode carries from step to step. */
interface Carried {
  /** The key of the next masks, where the model has dropout. */
  readonly keys: readonly ArrayValue[];
  /** What batch normalization has stored, by name. */
  readonly moments: Readonly<Record<string, ArrayValue>>;
}

/**
 * An iterate of tuning, after each epoch, or within one where it is `partial`: `loss` is the mean of the batches' losses,
 * `metrics` what was measured on the validation rows (`loss`, and `accuracy` of classes), `best` the epoch with the
 * smallest validation loss so far.
 */
export type TuneIterate = EarlyStoppingIterate<Trained>;

/** How long one run tunes, and where it begins. */
export interface TuneRun {
  /** Epochs to train; endless when left out. */
  readonly epochs?: number;
  /** Epochs without a smaller validation loss after which tuning ends. */
  readonly patience?: number;
  /** Steps from one iterate to the next, also within an epoch; whole epochs when left out. */
  readonly stepsPerIterate?: number;
  /** With `lowMemory`, fills the arrays of an iterate with the next one's: only the last iterate is valid. */
  readonly overwrite?: boolean;
  /** An iterate of the same tuner; tuning goes on after it, bit for bit. */
  readonly resume?: { readonly state: EarlyStoppingState<Trained> };
  readonly signal?: AbortSignal;
}

/** A model made ready to be tuned. Holds native memory: dispose of it, or declare it with `using`. */
export interface Tuner extends Disposable {
  /** The model before tuning, with its new head if it has one. */
  readonly model: ImportedModel;
  /** Names of the parameters that are trained. */
  readonly trained: readonly string[];
  /** Rows that are trained on, and held out. */
  readonly rows: { readonly train: number; readonly validation: number };
  /**
   * The smallest loss of one prediction for all rows that are held out, or trained on where none are: a model whose loss is
   * not below it has learned nothing from its inputs.
   */
  readonly constantLoss: number;
  /** Trains: an iterate an epoch, or every `stepsPerIterate` steps, from which tuning resumes bit for bit. */
  train(run?: TuneRun): Method<TuneIterate>;
  /** The ONNX file at an iterate's best parameters, or its own where nothing was held out. */
  file(iterate: Pick<TuneIterate, "best" | "parameters" | "modelState">): Uint8Array<ArrayBuffer>;
  dispose(): void;
}

/** An iterate with its parameters alone, of which a file is written: what Adam keeps is twice as large as they are. */
const withoutOptimizer = (iterate: Trained): Trained => ({
  ...iterate,
  state: { ...iterate.state, optimizerState: [] },
});

/** The same with arrays of its own, which later iterates do not fill. */
function copyWithoutOptimizer(iterate: Trained): Trained {
  const parameters = mapArrays(
    ({ data, ...array }) => ({ ...array, data: data.slice() }),
    iterate.parameters,
  );
  return { ...iterate, parameters, state: { ...iterate.state, parameters, optimizerState: [] } };
}

/** The keys of dropout begin below this number. */
const FIRST_KEYS = 2 ** 30;

/** Rows of one evaluation call. */
const EVALUATED_ROWS = 256;

/** A model's file with a new last layer, and the names of that layer's arrays. */
function withHead(
  file: Uint8Array,
  outputs: number | undefined,
  { output, external, seed = 0 }: TunerOptions,
) {
  if (outputs === undefined) return { file, names: [] };
  checkPositiveInteger({ head: outputs });
  const head = linearHead(file, output);
  const stream = randomStream(seed).split("head");
  const layer = denseParameters({ inputs: head.inputs, outputs, stream });
  const names = [head.weights, ...(head.bias === undefined ? [] : [head.bias])];
  return { file: replaceHead(file, head, layer, { external }), names };
}

/** A model's file with low-rank changes beside the weights that it stores as integers, and the names of their arrays. */
function withBranches(file: Uint8Array, { lora, seed = 0 }: TunerOptions) {
  if (lora === undefined) return { file, names: [] };
  const stream = randomStream(seed).split("branches");
  return addLowRankBranches(file, ({ weights, inputs, shapes }) => {
    const { a, b } = shapes(lora);
    const factor = { shape: a, fanIn: inputs, fanOut: lora, dtype: "f32" } as const;
    return {
      a: initialFactor(stream.split(weights), factor),
      b: array(new Float32Array(b.reduce((product, size) => product * size, 1)), b),
    };
  });
}

/** The rows to train on and those held out. */
function divided(
  data: ModelData,
  { validation, seed = 0 }: TunerOptions,
): { readonly train: ModelData; readonly validation: ModelData | undefined } {
  if (typeof validation !== "number") return { train: data, validation };
  const rows = rowCount(data);
  const held = Math.round(validation * rows);
  if (validation > 0 && validation < 1 && (held === 0 || held === rows))
    throw new DataError(
      `validation: ${validation} of ${rows} ${rows === 1 ? "row" : "rows"} leaves no row to ${held === 0 ? "hold out" : "train on"}; give more rows, or hold none out`,
    );
  const fold = trainTestSplit(rowCount(data), { testShare: validation, seed });
  return { train: takeRows(data, fold.train), validation: takeRows(data, fold.test) };
}

/**
 * Makes an ONNX model ready to be tuned on labeled rows: one compiled graph an epoch, as `compileTrainer` has it, of the
 * model's own nodes, its loss, their gradient and the optimizer.
 *
 *     using tuner = await compileTuner(await readFile("model.onnx"),
 *       { data: { inputs: { x }, labels }, loss: "cross-entropy", freeze: ["encoder.*"], validation: 0.2 });
 *     const { iterate } = await solve(tuner.train({ epochs: 20, patience: 3 }));
 *     await writeFile("tuned.onnx", tuner.file(iterate));
 *
 * The tuned file is the model's own with other numbers in it: names, operator set and metadata stay. Normalization by
 * stored moments stays as it is stored. Of a model that was exported in training mode, dropout drops entries by the seed
 * while it is trained, and none when it is measured; batch normalization takes the moments of each batch and updates the
 * stored ones, as PyTorch does, with which it is measured, but where `freeze` matches those.
 *
 * @param file the bytes of an ONNX file
 * @throws what `importOnnx`, `modelObjective` and `compileTrainer` throw
 * @throws ArgumentError for an unknown option, one out of range, a pattern of `freeze` that matches no parameter, or
 *   when nothing is left to train
 * @throws ArgumentError for `lora` naming the parameters to train that are no matrices of a layer
 * @throws UnsupportedError for `head` when the output does not come from a linear layer
 * @throws the signal's reason on abort
 */
export async function compileTuner(file: Uint8Array, options: TunerOptions): Promise<Tuner> {
  checkGivenOptions("compileTuner", options, [
    "data",
    "loss",
    "output",
    "constants",
    "batchAxes",
    "optimizer",
    "batchSize",
    "freeze",
    "lora",
    "head",
    "validation",
    "seed",
    "external",
    "lowMemory",
    "signal",
    "threads",
    "runtime",
  ]);
  const {
    loss,
    output,
    constants,
    batchAxes,
    freeze = [],
    lora,
    external,
    seed = 0,
    lowMemory,
    signal,
    threads,
    runtime,
  } = options;
  const { optimizer = adam({ learningRate: 1e-3 }) } = options;
  checkNonNegativeInteger({ seed });
  signal?.throwIfAborted();
  const pace = pacer();
  if (lora !== undefined) checkPositiveInteger({ lora });
  const headed = withHead(file, options.head, options);
  const branched = withBranches(headed.file, options);
  // The gradient of a change reaches those before it through rounded activations as through unrounded ones.
  const model = importOnnx(branched.file, { external, straightThrough: branched.names.length > 0 });
  const objective = modelObjective(model, { data: options.data, loss, output, constants, batchAxes });
  const { train: data, validation } = divided(objective.data, {
    ...options,
    ...(typeof options.validation === "object" && { validation: objective.fit(options.validation) }),
  });
  const rows = { train: rowCount(data), validation: validation ? rowCount(validation, "validation") : 0 };
  const { batchSize = Math.min(32, rows.train) } = options;
  checkIntegerWithin(1, rows.train, { batchSize });
  const stream = randomStream(seed).split("lora");
  const parameters = trainedPart(model, {
    ...{ freeze, lora, head: headed.names, branches: branched.names, stream },
  });
  const tensors = (given: TunedParameters<Tensor>, moments: Readonly<Record<string, Tensor>>) => ({
    ...tunedTensors(model, given, ({ data, shape }) => constant(data, shape)),
    ...moments,
  });
  const { accuracy } = objective;
  const updated = updatedMoments(model, freeze).map((name) => [name, model.parameters[name]] as const);
  // Nodes of operator sets before 12 drop nothing; those after do in training mode.
  const drops = (model.operators.Dropout ?? 0) > 0 && model.opset >= 12;
  const turn = pace();
  if (turn) await turn;
  signal?.throwIfAborted();
  const trainer = await compileTrainer<TunedParameters, ModelData, Carried>({
    loss: (given, batch, { modelState: { keys, moments } }) => {
      const running = runningMoments(moments);
      const loss = objective.trainingLoss(tensors(given, moments), batch, {
        key: keys.at(0),
        batchMoments: running.use,
      });
      return { loss, modelState: { keys: keys.map(nextKey), moments: running.next() } };
    },
    modelState: {
      keys: drops ? [firstKey(randomStream(seed).split("dropout").integer(FIRST_KEYS))] : [],
      moments: Object.fromEntries(updated),
    },
    parameters,
    data,
    optimizer,
    batchSize,
    metrics: {
      loss: (given, batch, { modelState }) => objective.loss(tensors(given, modelState.moments), batch),
      ...(accuracy && {
        accuracy: (given, batch, { modelState }) => accuracy(tensors(given, modelState.moments), batch),
      }),
    },
    lowMemory,
    threads,
    runtime,
  });
  const names = Object.keys(model.parameters).filter(
    (name) => Object.hasOwn(parameters.whole, name) || Object.hasOwn(parameters.adapters, name),
  );
  return {
    model,
    trained: names,
    rows,
    constantLoss: constantLoss((validation ?? data).labels, loss),
    train(run = {}) {
      checkOptions("Tuner.train", run, [
        ...["epochs", "patience", "stepsPerIterate", "overwrite", "resume", "signal"],
      ]);
      const { epochs, patience = Number.MAX_SAFE_INTEGER, stepsPerIterate, overwrite, resume, signal } = run;
      checkStoppingIterate(resume);
      const method = trainer.train({
        epochs,
        stepsPerIterate,
        overwrite,
        seed,
        batches: shuffledBatches(rows.train, { leftover: "batch" }),
        evaluation: validation && { data: validation, batchSize: EVALUATED_ROWS },
        resume: resume?.state.method,
        signal,
      });
      return stopEarly<Trained>(method, {
        monitor: ({ metrics }) => metrics?.loss,
        patience,
        keep: overwrite && lowMemory ? copyWithoutOptimizer : withoutOptimizer,
        resume,
      });
    },
    file: (iterate) => {
      const { parameters: tuned, modelState } = iterate.best?.iterate ?? iterate;
      const arrays = { ...mergedArrays(model, tuned), ...modelState.moments };
      return replaceParameters(branched.file, arrays, { external });
    },
    dispose: () => trainer.dispose(),
    [Symbol.dispose]: () => trainer.dispose(),
  };
}
