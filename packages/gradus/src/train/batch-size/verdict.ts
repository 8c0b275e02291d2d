import { ArgumentError } from "../../check/errors.ts";
import type { BatchSizeVerdict } from "./contract.ts";
import type { BatchStatistics } from "./statistics.ts";

/** A condition variance / b <= budget. */
export interface Condition {
  readonly variance: number;
  readonly budget: number;
}

/**
 * A part of the statistics of at least two rows.
 *
 * @throws ArgumentError when they are of fewer than 2 rows, or do not have it
 */
export function statisticsPart<K extends keyof BatchStatistics>(
  key: K,
  statistics: BatchStatistics,
): NonNullable<BatchStatistics[K]> {
  if (statistics.count < 2)
    throw new ArgumentError(
      `statistics must be of at least 2 rows to have a variance, got ${statistics.count}`,
    );
  const value = statistics[key];
  if (value === undefined || value === null) throw new ArgumentError(`statistics must have ${key}, got none`);
  return value;
}

/** The verdict of the strictest of some conditions. */
export function verdictOf(
  { count, gradientNormSquared, varianceL1 }: BatchStatistics,
  conditions: readonly Condition[],
): BatchSizeVerdict {
  // A condition without noise is met by any batch, and one with noise by none where its budget is 0.
  const proposedBatchSize = Math.max(
    ...conditions.map(({ variance, budget }) => (variance === 0 ? 0 : variance / budget)),
  );
  const ratio = proposedBatchSize / count;
  return { passed: ratio <= 1, proposedBatchSize, ratio, stationary: gradientNormSquared + varianceL1 === 0 };
}
