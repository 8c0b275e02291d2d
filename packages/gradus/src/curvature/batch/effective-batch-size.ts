import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";

/** How the rows of a batch are drawn. */
export interface BatchSampling {
  /** Whether a batch may contain a row more than once. */
  readonly replacement?: boolean;
}

/** @throws ArgumentError unless the size is > 0; Infinity means a batch of all data */
export function checkEffectiveBatch(effectiveBatch: number): void {
  if (!(effectiveBatch > 0))
    throw new ArgumentError(
      `effectiveBatch must be a positive number or Infinity, got ${shown(effectiveBatch)}`,
    );
}

/**
 * The size of a batch drawn with replacement whose mean has the same variance as that of `batchSize` rows drawn
 * without replacement:
 *
 *     b_eff = b / (1 - b/N),   Var[mean over the batch] = S^2 / b_eff,
 *
 * exact for the unbiased variance S^2 of a row (divisor N - 1). Infinite at b = N, where the batch is the data; equal
 * to b with replacement.
 * Source: Cochran 1977, "Sampling techniques", theorem 2.2, the finite-population correction.
 *
 * @param batchSize rows of a batch
 * @param datasetSize rows of the data
 * @throws ArgumentError unless both are integers with 1 <= batchSize <= datasetSize
 */
export function effectiveBatchSize(
  batchSize: number,
  datasetSize: number,
  options: BatchSampling = {},
): number {
  checkOptions("effectiveBatchSize", options, ["replacement"]);
  const { replacement = false } = options;
  checkPositiveInteger({ datasetSize });
  checkIntegerWithin(1, datasetSize, { batchSize });
  checkBoolean({ replacement });
  if (replacement) return batchSize;
  return batchSize === datasetSize ? Number.POSITIVE_INFINITY : batchSize / (1 - batchSize / datasetSize);
}
