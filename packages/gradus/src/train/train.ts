import { ArgumentError } from "../check/errors.ts";
import { iterates, type Method } from "../iterate/iterate.ts";
import { randomStream } from "../random/stream.ts";
import type { Values } from "../tree/arrays.ts";
import { rowCount } from "../tree/rows.ts";
import { compilePolicyTrainer } from "./batch-size/policy-trainer.ts";
import { shuffledBatches } from "./batches.ts";
import type {
  StepState,
  Trainer,
  TrainerOptions,
  TrainIterate,
  TrainRun,
  TrainState,
  TrainView,
} from "./contract.ts";
import { compileEpochs } from "./epoch-program.ts";
import { compileEvaluator } from "./evaluator.ts";
import { checkEpochs, measureMetrics } from "./measure-metrics.ts";
import { planFullBatches, planMinibatches } from "./plan.ts";
import { runEpochs } from "./run-epochs.ts";
import type { Settings } from "./settings.ts";
import { settingValues } from "./settings.ts";

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
  if (typeof options.batchSize === "object") return compilePolicyTrainer(options, options.batchSize);
  const { metrics } = options;
  const batchSize: number | "full" = options.batchSize;
  const initialModelState = options.modelState ?? ({} as M);
  const program = await compileEpochs<P, D, M, H>({ ...options, batchSize });
  const release = (error: unknown): never => {
    program[Symbol.dispose]();
    throw error;
  };
  const evaluator = metrics && (await compileEvaluator<P, D, M, H>({ ...options, metrics }).catch(release));
  let disposed = false;

  function train({
    parameters = options.parameters,
    modelState = initialModelState,
    data = options.data,
    settings,
    epochs = Number.POSITIVE_INFINITY,
    epochsPerIterate = 1,
    seed = 0,
    batches,
    evaluation,
    resume,
    signal,
  }: TrainRun<P, D, M, H> = {}): Method<TrainIterate<P, M>> {
    if (disposed) throw new ArgumentError("the trainer has been disposed of");
    const every = evaluation?.every ?? 1;
    checkEpochs(epochs, { epochsPerIterate, "evaluation.every": every });
    if (evaluation && !evaluator)
      throw new ArgumentError("evaluation wants metrics, and the trainer was compiled without any");
    const rows = rowCount(data);
    const given = settingValues(options.settings ?? {}, settings);
    const plan = batches ?? shuffledBatches(rows);
    const stream = randomStream(seed).split("batches");
    const epochOf = (iteration: number) => Math.min(epochs, iteration * epochsPerIterate);

    const measure = (state: StepState<P, M>, epoch: number) =>
      measureMetrics(evaluator, { evaluation, state, settings, epoch });

    return iterates<TrainState<P, M>, TrainView<P, M>>(
      {
        async start() {
          const state = await program.start(parameters, modelState, given);
          return { ...state, loss: undefined, metrics: await measure(state, 0) };
        },
        async step(before, iteration) {
          const epoch = epochOf(iteration);
          const last = epochOf(iteration + 1);
          const order = (i: number) => plan(stream.split(epoch + i), Number(batchSize));
          const calls =
            batchSize === "full"
              ? planFullBatches(last - epoch, rows)
              : planMinibatches(
                  Array.from({ length: last - epoch }, (_, i) => order(i)),
                  batchSize,
                );
          const run = { data, calls, given, epoch, loss: before.loss };
          const { state, loss } = await runEpochs(program, before, run);
          const due = Math.floor(last / every) > Math.floor(epoch / every) || last >= epochs;
          return { ...state, loss, metrics: due ? await measure(state, last) : undefined };
        },
        view: ({ optimizerState: _, ...shown }, iteration) => ({
          ...shown,
          epoch: epochOf(iteration),
          done: epochOf(iteration) >= epochs,
        }),
      },
      { resume, signal },
    );
  }

  const dispose = () => {
    disposed = true;
    evaluator?.dispose();
    program[Symbol.dispose]();
  };
  return { train, dispose, model: program.model, [Symbol.dispose]: dispose };
}

/**
 * Trains a traced loss: an async generator with one iterate every `epochsPerIterate` epochs. Compiles the loop first
 * and frees it at the end; `compileTrainer` keeps it for many runs.
 *
 * @throws what `compileTrainer` throws
 * @throws DivergenceError naming epoch, batch, step and the last finite loss when the loss is not finite
 */
export async function* train<
  P extends Values,
  D extends Values,
  M extends Values = Record<string, never>,
  H extends Settings = Record<string, never>,
>(options: TrainerOptions<P, D, M, H> & TrainRun<P, D, M, H>): Method<TrainIterate<P, M>> {
  using trainer = await compileTrainer<P, D, M, H>(options);
  const { epochs, epochsPerIterate, seed, batches, evaluation, resume, signal } = options;
  yield* trainer.train({ epochs, epochsPerIterate, seed, batches, evaluation, resume, signal });
}
