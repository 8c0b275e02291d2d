import { isTensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { iterates, type Method } from "../../iterate/iterate.ts";
import type { AsTensors, Values } from "../../tree/arrays.ts";
import { rowCount } from "../../tree/rows.ts";
import type { Trainer, TrainerOptions, TrainIterate, TrainRun, TrainState, TrainView } from "../contract.ts";
import { compileEvaluator } from "../evaluator.ts";
import { checkEpochs, measureMetrics } from "../measure-metrics.ts";
import type { Settings } from "../settings.ts";
import { type BatchSizeState, compileBatchSizeTrainer } from "./batch-size-trainer.ts";
import type { BatchSizePolicy } from "./contract.ts";

/**
 * A training loop whose batches are as large as a policy says: an epoch is as many rows as the data have, and an
 * iterate shows the size of the last batch. One program serves every size.
 *
 * @throws ArgumentError when the model has a state, as rows then have no gradients of their own, or a run deals its
 *   own batches
 */
export async function compilePolicyTrainer<
  P extends Values,
  D extends Values,
  M extends Values,
  H extends Settings,
>(options: TrainerOptions<P, D, M, H>, policy: BatchSizePolicy): Promise<Trainer<P, D, M, H>> {
  const { modelState, metrics, loss, data: firstData, ...rest } = options;
  if (modelState !== undefined)
    throw new ArgumentError("batchSize: a policy wants a model without modelState, got one with it");
  const trainer = await compileBatchSizeTrainer<P, D, H>({
    ...rest,
    data: firstData,
    loss(parameters, batch, { settings }) {
      const result = loss(parameters, batch, { modelState: none<AsTensors<M>>(), settings });
      return isTensor(result) ? result : { loss: result.loss, modelState: {} };
    },
  });
  const release = (error: unknown): never => {
    trainer.dispose();
    throw error;
  };
  const evaluator = metrics && (await compileEvaluator<P, D, M, H>({ ...options, metrics }).catch(release));
  const model = await trainer.model(policy).catch(release);
  let disposed = false;
  const dispose = () => {
    disposed = true;
    evaluator?.dispose();
    trainer.dispose();
  };

  function train({
    parameters = options.parameters,
    data = firstData,
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
    if (batches)
      throw new ArgumentError("batches: a batch-size policy draws its own batches, so give no plan of them");
    const every = evaluation?.every ?? 1;
    checkEpochs(epochs, { epochsPerIterate, "evaluation.every": every });
    const rows = rowCount(data);
    const epochOf = (iteration: number) => Math.min(epochs, iteration * epochsPerIterate);
    const run = { batchSize: policy, parameters, data, settings, seed, signal };

    const shown = async (
      state: BatchSizeState<P>,
      loss: number | undefined,
      epoch: number,
      due: boolean,
    ): Promise<TrainState<P, M>> => {
      const metrics = due
        ? await measureMetrics(evaluator, {
            evaluation,
            state: { ...state, modelState: none<M>() },
            settings,
            epoch,
          })
        : undefined;
      const { batchSize, gradientNorm, verdict, nextBatchSize, oracle, loss: batchLoss, ...step } = state;
      const batches = { batchSize, gradientNorm, verdict, nextBatchSize, oracle, loss: batchLoss };
      return { ...step, modelState: none<M>(), loss, metrics, batches };
    };
    const stateOf = ({ batches, metrics: _, ...state }: TrainState<P, M>): BatchSizeState<P> => {
      if (!batches) throw new ArgumentError("resume must be of a training by a batch-size policy");
      return { ...state, modelState: {}, ...batches };
    };

    return iterates<TrainState<P, M>, TrainView<P, M>>(
      {
        async start() {
          for await (const { state } of trainer.train(run)) return shown(state, undefined, 0, true);
          throw new ArgumentError("batchSize: the policy gave no batch");
        },
        async step(before, iteration) {
          const [epoch, last] = [epochOf(iteration), epochOf(iteration + 1)];
          let state = stateOf(before);
          let total = 0;
          for await (const step of trainer.train({ ...run, resume: { iteration: 0, state } })) {
            if (step.iteration > 0) total += (step.loss ?? 0) * step.batchSize;
            state = step.state;
            if (state.samples >= last * rows) break;
          }
          const due = Math.floor(last / every) > Math.floor(epoch / every) || last >= epochs;
          const used = state.samples - before.samples;
          return shown(state, used > 0 ? total / used : before.loss, last, due);
        },
        view: ({ optimizerState: _, batches, ...rest }, iteration) => ({
          ...rest,
          batchSize: batches?.batchSize,
          epoch: epochOf(iteration),
          done: epochOf(iteration) >= epochs || batches?.verdict?.stationary === true,
        }),
      },
      { resume, signal },
    );
  }

  return { train, dispose, model, [Symbol.dispose]: dispose };
}

/** The state of a model that has none. */
function none<M>(): M {
  return {} as M;
}
