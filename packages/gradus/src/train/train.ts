import type { ArrayValue } from "@gradus/graph";
import { ArgumentError, ConvergenceError } from "../errors.ts";
import { iterates, type Method } from "../iterate.ts";
import { randomStream } from "../random/stream.ts";
import { shuffledBatches } from "./batches.ts";
import type {
  Settings,
  Trainer,
  TrainerOptions,
  TrainIterate,
  TrainRun,
  TrainState,
  TrainView,
  Values,
} from "./contract.ts";
import { compileEpochs, rowsOf } from "./epoch-program.ts";

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
  const { batchSize } = options;
  const initialModelState = options.modelState ?? ({} as M);
  const initialSettings = options.settings ?? ({} as H);
  const program = await compileEpochs<P, D, M, H>(options);
  let disposed = false;

  function train({
    parameters = options.parameters,
    modelState = initialModelState,
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
    const given: Settings = { ...initialSettings, ...changed };
    const plan = batches ?? shuffledBatches(rows);
    const stream = randomStream(seed).split("batches");
    const epochOf = (iteration: number) => Math.min(epochs, iteration * epochsPerIterate);
    let latest: number | undefined;
    let lastFinite: number | undefined;

    return iterates<TrainState<P, M>, TrainView<P, M>>(
      {
        start: () => program.start(parameters, modelState, given),
        async step(state, iteration) {
          const first = epochOf(iteration);
          const epochPlans = Array.from({ length: epochOf(iteration + 1) - first }, (_, i) =>
            batchSize === "full" ? undefined : plan(stream.split(first + i), batchSize),
          );
          const steps = stepPlan(epochPlans, batchSize);
          const { state: next, losses } = await program.run(state, data, steps, given);
          const perEpoch = losses.data.length / epochPlans.length;
          let total = 0;
          for (let i = 0; i < losses.data.length; i++) {
            const value = Number(losses.data[i]);
            if (!Number.isFinite(value))
              throw new ConvergenceError(
                `the loss became ${value} at epoch ${first + Math.floor(i / perEpoch) + 1}, batch ${(i % perEpoch) + 1}; ` +
                  `the last finite loss was ${lastFinite ?? "none"}. Is the learning rate too large?`,
              );
            lastFinite = value;
            total += value;
          }
          latest = total / losses.data.length;
          return next;
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
    program[Symbol.dispose]();
  };
  return { train, dispose, model: program.model, [Symbol.dispose]: dispose };
}

/** The row numbers of several epochs as the program takes them: [steps, batch], or [steps] zeros for full batches. */
function stepPlan(epochs: readonly (Int32Array | undefined)[], batchSize: number | "full"): ArrayValue {
  if (batchSize === "full")
    return { dtype: "i64", shape: [epochs.length], data: new BigInt64Array(epochs.length) };
  const length = epochs.reduce((total, rows) => total + (rows?.length ?? 0), 0);
  const data = new BigInt64Array(length);
  let at = 0;
  for (const rows of epochs) for (const row of rows ?? []) data[at++] = BigInt(row);
  return { dtype: "i64", shape: [length / batchSize, batchSize], data };
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
