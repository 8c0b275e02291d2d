import { ArgumentError } from "../../check/errors.ts";

/** How the rows of a batch are drawn. */
export interface BatchSampling {
  /** Whether a row may be drawn twice for one batch. */
  readonly replacement?: boolean;
}

/**
 * The size of a batch drawn with replacement whose mean has the same variance as that of `batchSize` rows drawn
 * without:
 *
 *     b_eff = b / (1 - b/N),   Var[mean over the batch] = S^2 / b_eff,
 *
 * exact for the unbiased variance S^2 of a row (divisor N - 1). Infinite at b = N, where the batch is the data; b
 * itself with replacement.
 * Source: Cochran 1977, "Sampling techniques", theorem 2.2, the finite-population correction.
 *
 * @param batchSize rows of a batch
 * @param datasetSize rows of the data
 * @throws ArgumentError unless both are whole numbers with 1 <= batchSize <= datasetSize
 */
export function effectiveBatchSize(
  batchSize: number,
  datasetSize: number,
  { replacement = false }: BatchSampling = {},
): number {
  if (!Number.isInteger(datasetSize) || datasetSize < 1)
    throw new ArgumentError(`datasetSize must be a whole number >= 1, got ${datasetSize}`);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > datasetSize)
    throw new ArgumentError(`batchSize must be a whole number in 1 .. ${datasetSize}, got ${batchSize}`);
  if (replacement) return batchSize;
  return batchSize === datasetSize ? Number.POSITIVE_INFINITY : batchSize / (1 - batchSize / datasetSize);
}
