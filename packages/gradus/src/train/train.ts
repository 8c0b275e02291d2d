import {
  type ArrayValue,
  add,
  compile,
  type FloatType,
  flatten,
  flattenTensors,
  gather,
  i64,
  isTensor,
  type MapTree,
  repeat,
  type SessionOptions,
  scalar,
  specsOf,
  type Tensor,
  type TensorSpec,
  type Tree,
  unflatten,
  valueAndGradientWithAuxiliary,
} from "@gradus/graph";
import { ArgumentError, ConvergenceError, DataError } from "../errors.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../iterate.ts";
import { randomStream } from "../random/stream.ts";
import { type BatchPlan, shuffledBatches } from "./batches.ts";
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

const isArray = (value: unknown): value is ArrayValue =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

const ROWS = "rows";

/** The signature of data in which only the number of rows is open. */
function dataSpecs(data: unknown): unknown {
  const { leaves, paths, structure } = flatten(data, isArray);
  const specs = leaves.map(({ dtype, shape }, i): TensorSpec => {
    if (shape.length === 0) throw new DataError(`data.${paths[i]}: wants one row an example, got a scalar`);
    return { dtype, shape: [ROWS, ...shape.slice(1)] };
  });
  return unflatten(structure, specs);
}

function rowsOf(data: unknown): number {
  const { leaves, paths } = flatten(data, isArray);
  if (leaves.length === 0) throw new DataError("data: wants at least one array, got none");
  const rows = leaves[0].shape[0];
  leaves.forEach(({ shape }, i) => {
    if (shape[0] !== rows)
      throw new DataError(
        `data.${paths[i]}: has ${shape[0]} rows, data.${paths[0]} has ${rows}; rows must be equal`,
      );
  });
  if (rows === 0) throw new DataError("data: wants at least one row, got none");
  return rows;
}

function floatTypeOf(parameters: unknown): FloatType {
  const { leaves, paths } = flatten(parameters, isArray);
  const dtype = leaves[0]?.dtype;
  if (dtype !== "f32" && dtype !== "f64")
    throw new ArgumentError(
      `parameters: wants arrays of f32 or f64, got ${dtype ?? "none"} at ${paths[0] ?? "the top"}`,
    );
  return dtype;
}

/**
 * Compiles a training loop: one call runs all steps of an epoch (or of several) inside the graph, as an ONNX Loop, so
 * parameters do not cross into JavaScript between steps.
 *
 * @throws ArgumentError, DataError naming the option that is not usable
 * @throws ShapeError when tracing the loss fails
 */
export async function compileTrainer<
  P extends Values,
  D extends Values,
  M extends Values = Record<string, never>,
  H extends Settings = Record<string, never>,
>(options: TrainerOptions<P, D, M, H>): Promise<Trainer<P, D, M, H>> {
  const { loss, optimizer, batchSize, threads } = options;
  const modelState = options.modelState ?? ({} as M);
  const settings = options.settings ?? ({} as H);
  const dtype = floatTypeOf(options.parameters);
  if (batchSize !== "full" && !(Number.isInteger(batchSize) && batchSize >= 1))
    throw new ArgumentError(`batchSize must be "full" or a whole number >= 1, got ${batchSize}`);
  rowsOf(options.data);

  const transformation = (given: Record<string, Tensor>) =>
    typeof optimizer === "function" ? optimizer(given as { [K in keyof H]: Tensor }) : optimizer;
  const settingSpecs = Object.fromEntries(
    Object.keys(settings).map((key): [string, TensorSpec] => [key, { dtype, shape: [] }]),
  );
  const parameterSpecs: Tree<TensorSpec> = specsOf<Values>(options.parameters);

  const initial = await compile(
    ({ parameters, given }) => ({
      state: transformation(given).init(flattenTensors(parameters).leaves),
      // Keeps an input in use when neither the state nor the settings matter.
      unit: scalar(1, dtype),
    }),
    { parameters: parameterSpecs, given: settingSpecs },
    { threads: 1 },
  );
  const scalars = (values: Settings) =>
    Object.fromEntries(
      Object.keys(settings).map((key) => {
        const value = values[key];
        if (!Number.isFinite(value))
          throw new ArgumentError(`settings.${key} must be a finite number, got ${value}`);
        return [key, value];
      }),
    );
  const initialState = async (parameters: P, given: Settings): Promise<Values> =>
    ((await initial.run({ parameters, given: scalars(given) })) as { state: Values }).state;
  const optimizerState = await initialState(options.parameters, settings);
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

  const program = await compile(
    ({ parameters, state, optimizerState: initialOptimizerState, data, plan, given }) => {
      const { leaves: dataLeaves, structure: dataStructure } = flattenTensors(data);
      const start = { parameters, state, optimizerState: initialOptimizerState } as Record<
        string,
        Tree<Tensor>
      >;
      return repeat("steps", start, (carried, step) => {
        const rows = batchSize === "full" ? undefined : gather(plan, step);
        const batch = rows
          ? unflatten(
              dataStructure,
              dataLeaves.map((t) => gather(t, rows)),
            )
          : data;
        const { value, gradient, auxiliary } = differentiated(
          carried.parameters,
          batch as Tree<Tensor>,
          carried.state,
          given,
        );
        const current = flattenTensors(carried.parameters);
        const { updates, state } = transformation(given).update(
          flattenTensors(gradient).leaves,
          carried.optimizerState,
          current.leaves,
        );
        const next = unflatten(
          current.structure,
          current.leaves.map((t, i) => add(t, updates[i])),
        ) as Tree<Tensor>;
        return { carried: { parameters: next, state: auxiliary, optimizerState: state }, stacked: value };
      });
    },
    {
      parameters: parameterSpecs,
      state: specsOf<Values>(modelState) as Tree<TensorSpec>,
      optimizerState: specsOf<Values>(optimizerState) as Tree<TensorSpec>,
      data: dataSpecs(options.data) as Tree<TensorSpec>,
      plan: batchSize === "full" ? i64("steps") : i64("steps", "batch"),
      given: settingSpecs,
    },
    { threads },
  ).catch((error: unknown) => {
    initial.dispose();
    throw error;
  });
  let disposed = false;

  function train({
    parameters = options.parameters,
    modelState: startState = modelState,
    data = options.data,
    settings: changed,
    epochs = Number.POSITIVE_INFINITY,
    epochsPerIterate = 1,
    seed = 0,
    batches,
    resume,
    signal,
  }: TrainRun<P, D, M, H> = {}): Method<TrainIterate<P, M>> {
    if (disposed) throw new ArgumentError("the trainer has been disposed of");
    if (!(epochs >= 0)) throw new ArgumentError(`epochs must be >= 0, got ${epochs}`);
    if (!(Number.isInteger(epochsPerIterate) && epochsPerIterate >= 1))
      throw new ArgumentError(`epochsPerIterate must be a whole number >= 1, got ${epochsPerIterate}`);
    const rows = rowsOf(data);
    const given: Settings = { ...settings, ...changed };
    const plan = batches ?? shuffledBatches(rows);
    const stream = randomStream(seed).split("batches");
    const epochOf = (iteration: number) => Math.min(epochs, iteration * epochsPerIterate);
    let latest: number | undefined;
    let lastFinite: number | undefined;

    const planFor = (first: number, count: number) => {
      if (batchSize === "full") return { data: new BigInt64Array(count), shape: [count], perEpoch: 1 };
      const epochsRows = Array.from({ length: count }, (_, i) => plan(stream.split(first + i), batchSize));
      const perEpoch = epochsRows[0].length / batchSize;
      const data = BigInt64Array.from({ length: count * perEpoch * batchSize }, (_, i) =>
        BigInt(epochsRows[Math.floor(i / (perEpoch * batchSize))][i % (perEpoch * batchSize)]),
      );
      return { data, shape: [count * perEpoch, batchSize], perEpoch };
    };

    return iterates<TrainState<P, M>, TrainView<P, M>>(
      {
        start: async () => ({
          parameters,
          modelState: startState,
          optimizerState: await initialState(parameters, given),
        }),
        async step(state, iteration) {
          const first = epochOf(iteration);
          const { data: rowNumbers, shape, perEpoch } = planFor(first, epochOf(iteration + 1) - first);
          const result = await program.run({
            parameters: state.parameters,
            state: state.modelState,
            optimizerState: state.optimizerState,
            data,
            plan: { dtype: "i64", shape, data: rowNumbers },
            given: scalars(given),
          });
          const { carried, stacked } = result as {
            carried: { parameters: P; state: M; optimizerState: Values };
            stacked: ArrayValue;
          };
          let total = 0;
          for (let i = 0; i < stacked.data.length; i++) {
            const value = Number(stacked.data[i]);
            if (!Number.isFinite(value))
              throw new ConvergenceError(
                `the loss became ${value} at epoch ${first + Math.floor(i / perEpoch) + 1}, batch ${(i % perEpoch) + 1}; ` +
                  `the last finite loss was ${lastFinite ?? "none"}. Is the learning rate too large?`,
              );
            lastFinite = value;
            total += value;
          }
          latest = total / stacked.data.length;
          return {
            parameters: carried.parameters,
            modelState: carried.state,
            optimizerState: carried.optimizerState,
          };
        },
        view: (state, iteration) => ({
          epoch: epochOf(iteration),
          loss: latest,
          parameters: state.parameters,
          modelState: state.modelState,
          done: epochOf(iteration) >= epochs,
        }),
      },
      { resume, signal },
    );
  }

  const dispose = () => {
    disposed = true;
    initial.dispose();
    program.dispose();
  };
  return { train, dispose, model: program.model, [Symbol.dispose]: dispose };
}

/**
 * Trains a traced loss: an async generator with one iterate every `epochsPerIterate` epochs. Compiles the loop first
 * and frees it at the end; `compileTrainer` keeps it for many runs.
 *
 * @throws what `compileTrainer` throws
 * @throws ConvergenceError naming epoch, batch and the last finite loss when the loss is not finite
 */
export async function* train<
  P extends Values,
  D extends Values,
  M extends Values = Record<string, never>,
  H extends Settings = Record<string, never>,
>(options: TrainerOptions<P, D, M, H> & TrainRun<P, D, M, H>): Method<TrainIterate<P, M>> {
  using trainer = await compileTrainer<P, D, M, H>(options);
  const { epochs, epochsPerIterate, seed, batches, resume, signal } = options;
  yield* trainer.train({ epochs, epochsPerIterate, seed, batches, resume, signal });
}
