import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { BatchSizePolicy } from "./contract.ts";

/**
 * Batches of one size, as a policy.
 *
 * @throws ArgumentError unless batchSize is an integer >= 1
 */
export function constantBatchSize(batchSize: number): BatchSizePolicy {
  checkPositiveInteger({ batchSize });
  return { initial: batchSize, maximum: batchSize, next: () => batchSize };
}

export interface StagewiseBatchSizeOptions {
  /** Rows of a batch in one stage after another. */
  readonly sizes?: readonly number[];
  /** Rows of the whole training, of which every stage has an equal share. */
  readonly samples: number;
}

/**
 * Batches that grow on a schedule: stages of equal numbers of samples, each with its batch size. The default list is
 * that of Lau, Liu and Kolar's (2024) code.
 *
 * @throws ArgumentError unless there is a size, and sizes and samples are integers >= 1
 */
export function stagewiseBatchSize(options: StagewiseBatchSizeOptions): BatchSizePolicy {
  checkGivenOptions("stagewiseBatchSize", options, ["sizes", "samples"]);
  const { sizes = [512, 1024, 2048, 4096, 8192, 16384, 32768, 60000], samples } = options;
  if (sizes.length === 0) throw new ArgumentError("sizes must have at least one size, got none");
  checkPositiveInteger({ samples, ...Object.fromEntries(sizes.map((size, i) => [`sizes[${i}]`, size])) });
  return {
    initial: sizes[0],
    maximum: Math.max(...sizes),
    next: (place) => sizes[Math.min(sizes.length - 1, Math.floor((place.samples / samples) * sizes.length))],
  };
}

export interface LinearBatchSizeOptions {
  readonly initial: number;
  readonly maximum: number;
  /** Rows more at each step. */
  readonly increment?: number;
}

/**
 * Batches that grow by the same number of rows at every step, up to a maximum: a baseline of Lau, Liu and Kolar's
 * (2024) code.
 *
 * @throws ArgumentError unless all are integers >= 1 and maximum >= initial
 */
export function linearBatchSize(options: LinearBatchSizeOptions): BatchSizePolicy {
  checkGivenOptions("linearBatchSize", options, ["initial", "maximum", "increment"]);
  const { initial, maximum, increment = 256 } = options;
  checkPositiveInteger({ initial, maximum, increment });
  if (maximum < initial) throw new ArgumentError(`maximum must be >= initial ${initial}, got ${maximum}`);
  return { initial, maximum, next: ({ batchSize }) => Math.min(batchSize + increment, maximum) };
}
