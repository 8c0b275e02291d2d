import type { Method } from "../../iterate/iterate.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { type AdagradNormOptions, type AdagradOptions, adagrad, adagradNorm } from "../adagrad.ts";
import { checkStepOptions } from "../check-train-options.ts";
import type { Settings } from "../settings.ts";
import type { GradientTransformation } from "../transformation.ts";
import { type AdaptiveBatchSizeOptions, adaptiveBatchSize } from "./adaptive-batch-size.ts";
import {
  type BatchSizeIterate,
  type BatchSizeRun,
  type BatchSizeTrainerOptions,
  makeBatchSizeTrainer,
} from "./batch-size-trainer.ts";

/** The problem, the run, and the test by which batches grow: `test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024`. */
export type AdaptiveTraining<P, D, H> = Omit<BatchSizeTrainerOptions<P, D, H>, "optimizer"> &
  Omit<BatchSizeRun<P, D, H>, "batchSize" | "parameters" | "data" | "settings"> &
  AdaptiveBatchSizeOptions;

/** @throws ArgumentError naming the option that is unknown or of the wrong kind */
function checkAdaptive(of: string, options: object, more: readonly string[]): void {
  const known = ["test", "initial", "maximum", "interval", "retry", "maximumGrowth"];
  const run = ["seed", "samples", "resume", "signal", "microBatch"];
  checkStepOptions(of, options, [...known, ...run, ...more], { optimizer: false });
}

async function* adaptive<P extends ValuesOf<P>, D extends ValuesOf<D>, H extends Settings>(
  options: AdaptiveTraining<P, D, H>,
  optimizer: GradientTransformation,
): Method<BatchSizeIterate<P>> {
  const { seed, samples, resume, signal } = options;
  const { test, initial, maximum, interval, retry, maximumGrowth, ...problem } = options;
  const batchSize = adaptiveBatchSize({ test, initial, maximum, interval, retry, maximumGrowth });
  using trainer = await makeBatchSizeTrainer<P, D, H>({ ...problem, optimizer });
  yield* trainer.train({ batchSize, seed, samples, resume, signal });
}

/**
 * AdAdaGrad (Lau, Liu and Kolar, 2024): AdaGrad with a rate per coordinate, on batches that grow when a test finds them
 * too noisy. An iterate per step. Their theory is for `coordinateNormTest`, their experiments are with `normTest`.
 *
 *     adadagrad({ loss, parameters, data, learningRate: 0.1, test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024 })
 *
 * @throws what `adagrad`, `adaptiveBatchSize` and `compileBatchSizeTrainer` throw
 */
export function adadagrad<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  H extends Settings = Record<string, never>,
>(options: AdaptiveTraining<P, D, H> & AdagradOptions): Method<BatchSizeIterate<P>> {
  checkAdaptive("adadagrad", options, ["learningRate", "epsilon", "initialAccumulator"]);
  const { learningRate, epsilon, initialAccumulator } = options;
  return adaptive(options, adagrad({ learningRate, epsilon, initialAccumulator }));
}

/**
 * AdAdaGradNorm (Lau, Liu and Kolar, 2024): AdaGrad with one rate for all parameters, on batches that grow when a test
 * finds them too noisy. An iterate per step.
 *
 * @throws what `adagradNorm`, `adaptiveBatchSize` and `compileBatchSizeTrainer` throw
 */
export function adadagradNorm<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  H extends Settings = Record<string, never>,
>(options: AdaptiveTraining<P, D, H> & AdagradNormOptions): Method<BatchSizeIterate<P>> {
  checkAdaptive("adadagradNorm", options, ["learningRate", "initialAccumulator"]);
  const { learningRate, initialAccumulator } = options;
  return adaptive(options, adagradNorm({ learningRate, initialAccumulator }));
}
