import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { randomStream } from "../../random/stream.ts";
import type { BatchSampling } from "./effective-batch-size.ts";

/**
 * The rows of one random batch: distinct rows in random order or, with replacement, independent draws.
 *
 * @throws ArgumentError unless sizes are positive integers and batchSize <= datasetSize without replacement
 */
export function drawBatch(
  stream: ReturnType<typeof randomStream>,
  datasetSize: number,
  batchSize: number,
  options: BatchSampling = {},
): Int32Array {
  checkOptions("drawBatch", options, ["replacement"]);
  const { replacement = false } = options;
  checkPositiveInteger({ datasetSize, batchSize });
  if (!replacement) checkIntegerWithin(1, datasetSize, { batchSize });
  if (replacement) return Int32Array.from({ length: batchSize }, () => stream.integer(datasetSize));
  return stream.permutation(datasetSize).subarray(0, batchSize);
}
