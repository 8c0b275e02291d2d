import { array } from "@gradus/graph";
import {
  type BatchSizePolicy,
  type BatchSizeTrainer,
  compileBatchSizeTrainer,
  type GradientTransformation,
} from "gradus/train";
import type { ExperimentRun, Show } from "../experiment.ts";
import { DIMENSION, distance, expectedGradient, robustLoss, robustRegression } from "./robust-regression.ts";

/** The starting point of runs on the robust regression. */
const start = { x: array(new Float64Array(DIMENSION), [DIMENSION, 1]) };
type Parameters = typeof start;
type Data = ReturnType<typeof robustRegression>["oracle"]["example"];

export type RegressionTrainer = BatchSizeTrainer<Parameters, Data, Record<string, never>>;

/** Training on the robust regression, compiled once for all its runs. */
export function regressionTrainer(optimizer: GradientTransformation): Promise<RegressionTrainer> {
  return compileBatchSizeTrainer<Parameters, Data>({
    loss: robustLoss,
    parameters: start,
    data: robustRegression(0).oracle,
    optimizer,
  });
}

/** A run on the robust regression: entry k is the iterate after k steps, except for the batches. */
export interface RegressionPath {
  /** |grad F(x_k)|^2 */
  readonly gradient: Float64Array;
  /** tr Cov of the samples' gradients at x_k. */
  readonly variance: Float64Array;
  /** Rows used in the k steps. */
  readonly samples: Float64Array;
  /** Rows of the batch drawn at x_k: one fewer. */
  readonly batches: Float64Array;
}

type Numbers = Readonly<Record<keyof RegressionPath, readonly number[]>>;

const pathOf = ({ gradient, variance, samples, batches }: Numbers): RegressionPath => ({
  gradient: Float64Array.from(gradient),
  variance: Float64Array.from(variance),
  samples: Float64Array.from(samples),
  batches: Float64Array.from(batches),
});

export interface PathOptions {
  readonly batchSize: BatchSizePolicy | number;
  readonly seed: number;
  /** The run ends once |grad F|^2 is at most this. */
  readonly target: number;
  readonly mostSteps: number;
  readonly signal: AbortSignal;
  /** Called with the path so far after 2, 4, 8, ... steps and at its end. */
  readonly show?: Show<RegressionPath>;
}

/** Runs to a target, and follows the expected gradient of every iterate. */
export async function* followRegression(
  trainer: RegressionTrainer,
  { batchSize, seed, target, mostSteps, signal, show = () => [] }: PathOptions,
): ExperimentRun<RegressionPath> {
  const { oracle, xStar } = robustRegression(seed);
  const path = {
    gradient: [] as number[],
    variance: [] as number[],
    samples: [] as number[],
    batches: [] as number[],
  };
  let next = 2;
  for await (const step of trainer.train({ batchSize, data: oracle, seed, signal })) {
    const { normSquared, variance } = expectedGradient(distance(step.parameters.x.data, xStar));
    path.gradient.push(normSquared);
    path.variance.push(variance);
    path.samples.push(step.samples);
    if (step.iteration > 0) path.batches.push(step.batchSize);
    if (normSquared <= target || step.iteration >= mostSteps) break;
    if (step.iteration === next) {
      next *= 2;
      yield* show(pathOf(path));
    }
  }
  yield* show(pathOf(path));
  return pathOf(path);
}
