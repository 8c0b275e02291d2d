import { ArgumentError } from "../check/errors.ts";
import { checkLimit, checkPositiveInteger } from "../check/numbers.ts";
import { iterates, type Method } from "../iterate/iterate.ts";
import { randomStream } from "../random/stream.ts";
import type { ValuesOf } from "../tree/arrays.ts";
import { rowCount } from "../tree/rows.ts";
import { compilePolicyEpochs } from "./batch-size/policy-epochs.ts";
import { checkRunOptions, checkTrainerOptions, checkTrainOptions } from "./check-train-options.ts";
import type { Trainer, TrainerOptions, TrainIterate, TrainRun, TrainState, TrainView } from "./contract.ts";
import { compileEpochs, type EpochsState } from "./epochs.ts";
import { compileEvaluator } from "./evaluator.ts";
import { orDispose } from "./initial-state.ts";
import { measureMetrics } from "./measure-metrics.ts";
import type { Settings } from "./settings.ts";

/**
 * Compiles a training loop: one call runs all steps of an epoch (or of several) inside the graph, as an ONNX Loop, so
 * parameters do not cross into JavaScript between steps.
 *
 * @throws ArgumentError, DataError naming the option that is not usable
 * @throws ShapeError when tracing the loss fails
 */
export async function compileTrainer<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M> = Record<string, never>,
  H extends Settings = Record<string, never>,
>(options: TrainerOptions<P, D, M, H>): Promise<Trainer<P, D, M, H>> {
  checkTrainerOptions("compileTrainer", options);
  return makeTrainer<P, D, M, H>(options);
}

/** The steps from one iterate to the next, where they are one loop. */
function stepsOfIterate<P, D, M, H extends Settings>({
  data,
  batchSize,
  batches,
  seed = 0,
  epochsPerIterate = 1,
  stepsPerIterate,
}: TrainerOptions<P, D, M, H> & TrainRun<P, D, M, H>): number | undefined {
  if (stepsPerIterate !== undefined) return stepsPerIterate;
  if (batchSize === "full") return epochsPerIterate;
  if (typeof batchSize !== "number") return undefined;
  const stream = randomStream(seed).split("batches").split(0);
  const rows = batches ? batches(stream, batchSize, 0).length : rowCount(data);
  return epochsPerIterate * Math.floor(rows / batchSize);
}

/** @param steps what a run is expected to take from one iterate to the next */
async function makeTrainer<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(options: TrainerOptions<P, D, M, H>, steps?: number): Promise<Trainer<P, D, M, H>> {
  const { batchSize, metrics, parameters, modelState, data, settings, threads, runtime } = options;
  const program = await (typeof batchSize === "object"
    ? compilePolicyEpochs<P, D, M, H>(options, batchSize)
    : compileEpochs<P, D, M, H>(options, batchSize, steps));
  const evaluator =
    metrics &&
    (await orDispose(
      program,
      compileEvaluator<P, D, M, H>({ metrics, parameters, modelState, data, settings, threads, runtime }),
    ));
  let disposed = false;

  function train(run: TrainRun<P, D, M, H> = {}): Method<TrainIterate<P, M>> {
    if (disposed) throw new ArgumentError("the trainer has been disposed of");
    checkRunOptions("Trainer.train", run);
    const { settings, epochs = Number.POSITIVE_INFINITY, evaluation, signal } = run;
    const { epochsPerIterate = 1, stepsPerIterate } = run;
    const every = evaluation?.every ?? 1;
    checkLimit({ epochs });
    checkPositiveInteger({ epochsPerIterate, "evaluation.every": every });
    if (stepsPerIterate !== undefined) checkPositiveInteger({ stepsPerIterate });
    if (stepsPerIterate !== undefined && run.epochsPerIterate !== undefined)
      throw new ArgumentError("epochsPerIterate and stepsPerIterate cannot be combined; give one of them");
    if (evaluation && !evaluator)
      throw new ArgumentError("evaluation needs metrics, but the trainer was compiled without any");
    const { start, advance } = program.begin(run);
    const epochOf = (state: TrainState<P, M>, iteration: number) =>
      state.place?.epoch ?? Math.min(epochs, iteration * epochsPerIterate);
    const measured = async (state: EpochsState<P, M>, epoch: number): Promise<TrainState<P, M>> => ({
      ...state,
      metrics: await measureMetrics(evaluator, { evaluation, state, settings, epoch, signal }),
    });
    return iterates<TrainState<P, M>, TrainView<P, M>>(
      {
        fields: ["parameters", "optimizerState", "modelState", "steps"],
        start: async () => measured(await start(), 0),
        async step(before, iteration) {
          const from = epochOf(before, iteration);
          const to = Math.min(epochs, from + epochsPerIterate);
          const state = await advance(before, { from, to, steps: stepsPerIterate });
          if (state.place && state.place.batches > 0) return { ...state, metrics: undefined };
          const due = Math.floor(to / every) > Math.floor(from / every) || to >= epochs;
          return due ? measured(state, to) : { ...state, metrics: undefined };
        },
        view(state, iteration) {
          const { optimizerState: _, batches, place, ...shown } = state;
          const epoch = epochOf(state, iteration);
          return {
            ...shown,
            ...(batches && { batchSize: batches.batchSize }),
            ...(place && place.batches > 0 && { partial: { batches: place.batches, of: place.of } }),
            epoch,
            done: epoch >= epochs,
          };
        },
      },
      { resume: run.resume, signal: run.signal },
    );
  }

  const dispose = () => {
    disposed = true;
    evaluator?.dispose();
    program[Symbol.dispose]();
  };
  return {
    train,
    dispose,
    get model() {
      return program.model;
    },
    [Symbol.dispose]: dispose,
  };
}

/**
 * Trains a traced loss: an async generator with one iterate every `epochsPerIterate` epochs. Compiles the loop first
 * and frees it at the end; `compileTrainer` keeps it for many runs.
 *
 * @throws what `compileTrainer` throws
 * @throws DivergenceError naming epoch, batch, step and the last finite loss when the loss is not finite
 */
export async function* train<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M> = Record<string, never>,
  H extends Settings = Record<string, never>,
>(options: TrainerOptions<P, D, M, H> & TrainRun<P, D, M, H>): Method<TrainIterate<P, M>> {
  checkTrainOptions(options);
  using trainer = await makeTrainer<P, D, M, H>(options, stepsOfIterate<P, D, M, H>(options));
  const { epochs, epochsPerIterate, stepsPerIterate, overwrite, seed, batches, evaluation, resume, signal } =
    options;
  const run = {
    ...{ epochs, epochsPerIterate, stepsPerIterate, overwrite, seed, batches, evaluation, resume, signal },
  };
  yield* trainer.train(run);
}
