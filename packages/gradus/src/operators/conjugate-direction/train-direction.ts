import { type ArrayValue, type CompileOptions, isArrayValue, type Tensor } from "@gradus/graph";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import type { Model } from "../../nn/model.ts";
import { adam } from "../../train/adam.ts";
import { randomBatches } from "../../train/batches.ts";
import type { TrainIterate } from "../../train/contract.ts";
import {
  checkStoppingIterate,
  type EarlyStoppingIterate,
  type EarlyStoppingState,
  stopEarly,
} from "../../train/stop-early.ts";
import { train } from "../../train/train.ts";
import type { Scheduled } from "../../train/transformations/scheduled.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { directionLoss } from "./direction-loss.ts";

type NoState = Record<string, never>;

/** An iterate of training: `loss` on the batches since the one before, and the `best` by the loss on validation data. */
export type TrainDirectionIterate<P> = EarlyStoppingIterate<TrainIterate<P, NoState>>;

export interface TrainDirectionOptions<P extends ValuesOf<P>>
  extends CompileOptions,
    Pick<MethodOptions<EarlyStoppingState<TrainIterate<P, NoState>>>, "resume" | "signal"> {
  readonly model: Pick<Model<P>, "apply">;
  /** Where training starts, in float32. */
  readonly parameters: P;
  /** A as a function inside the graph: `tracedProduct` of a grid's operator, or any other. */
  readonly product: (x: Tensor) => Tensor;
  /** Vectors of length 1 [count, channels, ...sizes], such as those of `ritzData`. */
  readonly samples: ArrayValue;
  /** Vectors kept out of the training, measured `batchSize` at a time; the weights with the least loss on them are best. */
  readonly validation: ArrayValue;
  /** Training steps. */
  readonly steps: number;
  /** Steps from one iterate to the next, with a validation each; 50 by default. */
  readonly stepsPerIterate?: number;
  readonly batchSize?: number;
  /** A number or a schedule over steps; 0.002 by default. */
  readonly learningRate?: Scheduled;
  readonly seed?: number;
}

/**
 * Trains a network that turns residuals into search directions for A, by `directionLoss` and Adam: an iterate every
 * `stepsPerIterate` steps, whose `best` has the parameters with the least validation loss so far.
 *
 * @throws ArgumentError, DataError naming the option that does not fit
 * @throws DivergenceError when the loss is not finite
 */
export async function* trainDirection<P extends ValuesOf<P>>(
  options: TrainDirectionOptions<P>,
): Method<TrainDirectionIterate<P>> {
  checkGivenOptions("trainDirection", options, [
    "model",
    "parameters",
    "product",
    "samples",
    "validation",
    "steps",
    "stepsPerIterate",
    "batchSize",
    "learningRate",
    "seed",
    "resume",
    "signal",
    "threads",
    "runtime",
  ]);
  const { model, parameters, product, samples, validation, steps, resume, signal, ...rest } = options;
  const { stepsPerIterate = 50, batchSize = 8, learningRate = 2e-3, seed = 0, ...compiled } = rest;
  checkPositiveInteger({ steps, stepsPerIterate, batchSize });
  checkStoppingIterate(resume);
  checkFunction({ "model.apply": model?.apply, product });
  for (const [name, value] of Object.entries({ samples, validation })) {
    const { shape } = isArrayValue(value) ? value : { shape: [] };
    if (shape.length < 3 || shape[0] < 1)
      throw new ArgumentError(
        `${name} must be [count, channels, ...sizes], got ${isArrayValue(value) ? `[${shape.join(", ")}]` : shown(value)}`,
      );
  }
  const loss = (p: Parameters<typeof model.apply>[0], { r }: { readonly r: Tensor }) =>
    directionLoss(product, model.apply(p, r), r);
  const method = train({
    loss,
    metrics: { loss },
    parameters,
    data: { r: samples },
    batchSize,
    optimizer: adam({ learningRate }),
    epochs: Math.ceil(steps / stepsPerIterate),
    seed,
    batches: randomBatches(samples.shape[0], { steps: stepsPerIterate, total: steps }),
    // all at once would take the memory of as many activations
    evaluation: { data: { r: validation }, batchSize },
    resume: resume?.state.method,
    signal,
    ...compiled,
  });
  yield* stopEarly(method, {
    monitor: ({ metrics }) => metrics?.loss,
    patience: Number.MAX_SAFE_INTEGER,
    resume,
  });
}
