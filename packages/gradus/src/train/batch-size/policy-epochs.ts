import { isTensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { rowCount } from "../../tree/rows.ts";
import { checkLossResult } from "../check-traced.ts";
import type { StepOptions, TrainRun, TrainState } from "../contract.ts";
import type { EpochsProgram } from "../epochs.ts";
import { orDispose } from "../initial-state.ts";
import type { Settings } from "../settings.ts";
import { type BatchSizeState, makeBatchSizeTrainer } from "./batch-size-trainer.ts";
import type { BatchSizePolicy } from "./contract.ts";

/**
 * Compiles epochs whose batches are as large as a policy says: an epoch is as many rows as the data have. One program
 * serves every size.
 *
 * @throws ArgumentError when the model has a state, as rows then have no gradients of their own, or a run deals its
 *   own batches
 */
export async function compilePolicyEpochs<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(options: StepOptions<P, D, M, H>, policy: BatchSizePolicy): Promise<EpochsProgram<P, D, M, H>> {
  const { modelState, loss, data: firstData, ...rest } = options;
  if (modelState !== undefined)
    throw new ArgumentError("batchSize: a policy needs a model without modelState");
  const trainer = await makeBatchSizeTrainer<P, D, H>({
    ...rest,
    data: firstData,
    loss(parameters, batch, { settings }) {
      const result = loss(parameters, batch, { modelState: none<AsTensors<M>>(), settings });
      checkLossResult(result);
      return isTensor(result) ? result : { loss: result.loss, modelState: {} };
    },
  });
  const model = await orDispose(trainer, trainer.model(policy));

  const shown = (state: BatchSizeState<P>, loss: number | undefined) => {
    const { batchSize, gradientNorm, verdict, nextBatchSize, oracle, loss: batchLoss, ...step } = state;
    const batches = { batchSize, gradientNorm, verdict, nextBatchSize, oracle, loss: batchLoss };
    return { ...step, modelState: none<M>(), loss, batches };
  };
  const stateOf = ({ batches, metrics: _, ...state }: TrainState<P, M>): BatchSizeState<P> => {
    if (!batches) throw new ArgumentError("resume must come from a training run with a batch-size policy");
    return { ...state, modelState: {}, ...batches };
  };

  function begin({
    parameters = options.parameters,
    data = firstData,
    settings,
    seed = 0,
    batches,
    stepsPerIterate,
    signal,
  }: TrainRun<P, D, M, H>) {
    if (stepsPerIterate !== undefined)
      throw new ArgumentError("stepsPerIterate: a batch-size policy takes whole epochs; leave it out");
    if (batches)
      throw new ArgumentError("batches: a batch-size policy draws its own batches; leave out batches");
    const rows = rowCount(data);
    const run = { batchSize: policy, parameters, data, settings, seed, signal };
    return {
      async start() {
        for await (const { state } of trainer.train(run)) return shown(state, undefined);
        throw new ArgumentError("batchSize: the policy returned no batch");
      },
      async advance(before: TrainState<P, M>, { to }: { readonly to: number }) {
        let state = stateOf(before);
        let total = 0;
        for await (const step of trainer.train({ ...run, resume: { iteration: 0, state } })) {
          if (step.iteration > 0) total += (step.loss ?? 0) * step.batchSize;
          state = step.state;
          if (state.samples >= to * rows) break;
        }
        const used = state.samples - before.samples;
        return shown(state, used > 0 ? total / used : before.loss);
      },
    };
  }

  return { begin, model, [Symbol.dispose]: trainer.dispose };
}

/** The state of a model that has none. */
function none<M>(): M {
  return {} as M;
}
