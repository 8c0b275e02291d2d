import type { ArrayValue, FloatType, Tensor } from "@gradus/graph";
import {
  type BatchNormalizationParameters,
  type BatchNormalizationState,
  batchNormalization,
  batchNormalizationInference,
  batchNormalizationParameters,
} from "../batch-normalization.ts";

/** The running estimates of a model's batch normalizations, from the input to the output. */
export type RunningStatistics<T = Tensor> = readonly BatchNormalizationState<T>[];

export function runningStatistics(
  features: readonly number[],
  dtype?: FloatType,
): RunningStatistics<ArrayValue> {
  return features.map((count) => batchNormalizationParameters(count, dtype).state);
}

/** The batch normalizations of one pass through a model, applied layer by layer. */
export interface Normalizations {
  normalize(parameters: BatchNormalizationParameters, x: Tensor): Tensor;
  /** The estimates after the pass. */
  readonly next: RunningStatistics;
}

export function normalizations(statistics: RunningStatistics, training: boolean): Normalizations {
  const next: BatchNormalizationState[] = [];
  return {
    normalize(parameters, x) {
      const state = statistics[next.length];
      if (!training) {
        next.push(state);
        return batchNormalizationInference(parameters, state, x);
      }
      const result = batchNormalization(parameters, state, x);
      next.push(result.state);
      return result.output;
    },
    next,
  };
}
