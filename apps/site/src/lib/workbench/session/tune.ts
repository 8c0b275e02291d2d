import {
  compileTuner,
  hardlyLearned,
  type ModelData,
  type ModelInputOptions,
  pacedTuning,
  type TuneIterate,
} from "gradus/models";
import { adam, sgd } from "gradus/train";
import type { TuneEpoch, TuneResult, TuneSettings } from "../protocol.ts";
import { LOW_RANK } from "../tune-form.ts";

/** Models of more bytes are tuned in steps that need less memory, and take longer. */
const LARGE = 2 ** 25;

const optimizers = {
  adam: (learningRate: number) => adam({ learningRate }),
  sgd: (learningRate: number) => sgd({ learningRate }),
} as const;

/** Rows, how they go into the model, and which output has the loss. */
export interface TunedOn extends ModelInputOptions {
  readonly data: ModelData;
  readonly output: string | undefined;
}

interface Tuning {
  readonly signal: AbortSignal;
  readonly report: (epoch: TuneEpoch) => void;
}

/** A tuned file, and how it came about. */
export interface Tuned {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly result: TuneResult;
}

type Shown = Pick<TuneIterate, "epoch" | "partial" | "loss" | "metrics">;

function epochOf({ epoch, partial, loss, metrics }: Shown): TuneEpoch {
  return {
    epoch,
    ...(partial && { partial }),
    loss,
    heldOutLoss: metrics?.loss,
    accuracy: metrics?.accuracy,
  };
}

/**
 * Tunes a model until its epochs are over or the signal stops it: then with the epochs and batches so far.
 *
 * @throws the signal's reason when it stops before the first epoch; what `compileTuner` and its training throw
 */
export async function tune(
  file: Uint8Array,
  { data, ...form }: TunedOn,
  { loss, train, freeze, optimizer, learningRate, epochs, batchSize, heldOut, seed, head }: TuneSettings,
  { signal, report }: Tuning,
): Promise<Tuned> {
  const lowMemory = file.length > LARGE;
  using tuner = await compileTuner(file, {
    data,
    ...form,
    loss,
    freeze,
    lora: train === "low-rank" ? LOW_RANK : undefined,
    head,
    optimizer: optimizers[optimizer](learningRate),
    batchSize,
    validation: heldOut > 0 ? heldOut : undefined,
    seed,
    lowMemory,
    signal,
  });
  signal.throwIfAborted();
  let last: TuneIterate | undefined;
  try {
    for await (const iterate of pacedTuning(tuner, { epochs, overwrite: lowMemory, signal })) {
      last = iterate;
      report(epochOf(iterate));
    }
  } catch (error) {
    if (!signal.aborted || !last) throw error;
  }
  if (!last) throw signal.reason;
  const { best, parameters, modelState } = last;
  const ended = epochOf(last);
  // The optimizer's state is twice as large as the parameters, and the file needs room beside them.
  last = undefined;
  const { heldOutLoss, loss: trainedLoss } = best ? epochOf(best.iterate) : ended;
  return {
    file: tuner.file({ best, parameters, modelState }),
    result: {
      rows: tuner.rows,
      trained: tuner.trained,
      last: ended,
      best: best && epochOf(best.iterate),
      stopped: signal.aborted,
      hardly: hardlyLearned(data, loss, {
        reached: heldOutLoss ?? trainedLoss,
        constant: tuner.constantLoss,
      }),
    },
  };
}
