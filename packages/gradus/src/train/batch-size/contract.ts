import type { OracleState } from "./sample-oracle.ts";
import type { BatchStatistics, StatisticsPart } from "./statistics.ts";

/** A model without a state of its own. */
export type NoState = Record<string, never>;

/** The verdict of a test on a batch. */
export interface BatchSizeVerdict {
  readonly passed: boolean;
  /** The smallest batch that would pass if the statistics were exact; not rounded, and Infinity where none would. */
  readonly proposedBatchSize: number;
  /** The left side of the test's condition over its right side: at most 1 when it passes. */
  readonly ratio: number;
  /**
   * The gradient of every row of the batch is exactly zero. Training goes on: other rows may have one, as where a batch
   * of a rare class has none of its rows.
   */
  readonly stationary: boolean;
}

/** A test of whether a batch is large enough for its gradient. */
export interface BatchSizeTest {
  /** What the test reads in addition to the norm and the variance, which cost the least. */
  readonly needs: readonly StatisticsPart[];
  /** @throws ArgumentError when the statistics are of fewer than 2 rows, or lack what the test needs */
  judge(statistics: BatchStatistics): BatchSizeVerdict;
}

/** Where training stands when the next batch size is chosen. */
export interface BatchSizePlace {
  /** Of the step just taken. */
  readonly batchSize: number;
  /** Steps taken. */
  readonly steps: number;
  /** Rows of all batches so far. */
  readonly samples: number;
  /** Of the batch just used, where the policy tested it. */
  readonly verdict?: BatchSizeVerdict;
}

/** How large the batches of a training are: any training loop can ask it. */
export interface BatchSizePolicy {
  /** Rows of the first batch. */
  readonly initial: number;
  /** No batch has more rows. */
  readonly maximum: number;
  /** The test of every `interval`-th step, until the maximum is reached. */
  readonly testing?: {
    readonly test: BatchSizeTest;
    readonly interval: number;
    /** Whether a batch that fails is enlarged before the step, until one passes. */
    readonly retry: boolean;
  };
  /** Rows of the next batch. */
  next(place: BatchSizePlace): number;
}

/** What a step by a policy measures. */
export interface BatchSizeMeasured {
  /** Rows of the batch of the step just taken; before the first step, of the first batch. */
  readonly batchSize: number;
  /** Mean loss of that batch before its step; undefined before the first. */
  readonly loss: number | undefined;
  /** Norm of that batch's gradient. */
  readonly gradientNorm: number | undefined;
  /** What the policy's test said of the batch, where it was tested. */
  readonly verdict: BatchSizeVerdict | undefined;
}

/** Where a policy's batches stand. */
export interface BatchSizeProgress extends BatchSizeMeasured {
  /** Rows of the next batch. */
  readonly nextBatchSize: number;
  /** Where its rows come from. */
  readonly oracle: OracleState;
}
