import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { BatchSizePolicy, BatchSizeTest } from "./contract.ts";

export interface AdaptiveBatchSizeOptions {
  /** Decides whether a batch was large enough, and proposes a size: `normTest({ eta: 0.5 })`. */
  readonly test: BatchSizeTest;
  /** Rows of the first batch; at least 2, for a variance. */
  readonly initial: number;
  /** Where growth ends, and with it the testing. */
  readonly maximum: number;
  /** Steps from one test to the next. */
  readonly interval?: number;
  /**
   * Enlarges a batch that fails with fresh rows until it passes or the maximum is reached, and steps only then: closer
   * to the theory than the paper's code, where the batch after it grows.
   */
  readonly retry?: boolean;
  /** The largest factor from one batch to the next: a guard against one unlucky small batch. Ours: not in the paper. */
  readonly maximumGrowth?: number;
}

/**
 * Batches that grow when a test finds them too noisy, and never shrink (Lau, Liu and Kolar, 2024, after Byrd et al.,
 * 2012): b_(k+1) = min(ceil(proposed size), maximum) where that is more than b_k, else b_k.
 *
 *     train({ loss, parameters, data, optimizer: adagrad({ learningRate: 0.1 }), epochs: 20,
 *       batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024 }) })
 *
 * @throws ArgumentError unless initial >= 2, maximum >= initial and interval >= 1 are integers and
 *   maximumGrowth > 1
 */
export function adaptiveBatchSize(options: AdaptiveBatchSizeOptions): BatchSizePolicy {
  checkGivenOptions("adaptiveBatchSize", options, [
    "test",
    "initial",
    "maximum",
    "interval",
    "retry",
    "maximumGrowth",
  ]);
  const {
    test,
    initial,
    maximum,
    interval = 1,
    retry = false,
    maximumGrowth = Number.POSITIVE_INFINITY,
  } = options;
  if (typeof test?.judge !== "function")
    throw new ArgumentError(`test must be a test such as normTest({ eta: 0.5 }), got ${shown(test)}`);
  checkPositiveInteger({ initial, maximum, interval });
  if (initial < 2)
    throw new ArgumentError(`initial must be >= 2, as a variance needs 2 rows, got ${initial}`);
  if (maximum < initial) throw new ArgumentError(`maximum must be >= initial ${initial}, got ${maximum}`);
  if (!(maximumGrowth > 1)) throw new ArgumentError(`maximumGrowth must be > 1, got ${maximumGrowth}`);
  return {
    initial,
    maximum,
    testing: { test, interval, retry },
    next({ batchSize, verdict }) {
      if (!verdict || verdict.passed) return batchSize;
      const proposed = Math.ceil(Math.min(verdict.proposedBatchSize, batchSize * maximumGrowth));
      return Math.min(Math.max(proposed, batchSize), maximum);
    },
  };
}
