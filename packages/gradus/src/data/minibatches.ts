import { checkIntegerWithin, checkNonNegativeInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { randomStream } from "../random/stream.ts";

export interface MinibatchOptions {
  readonly batchSize: number;
  /** Draw every row independently from all rows instead of visiting them in a new random order each epoch. */
  readonly replacement?: boolean;
  /** Whether the rows left over at the end of an epoch form a smaller batch or are skipped. */
  readonly leftover?: "batch" | "skip";
  /** Number of the first batch: the stream continues as if the batches before it had been taken. */
  readonly from?: number;
  readonly seed: number;
}

/** The rows of one batch and its position in the stream. */
export interface Minibatch {
  /** Number of the batch, from 0. */
  readonly batch: number;
  /** Number of the epoch, from 0; with replacement, an epoch is as many draws as there are rows. */
  readonly epoch: number;
  /** Row numbers. */
  readonly rows: Int32Array;
}

/**
 * An infinite stream of minibatches of row numbers; the caller ends it. Batch `b` depends only on the seed and `b`, so
 * training resumed with `from: b` sees the same batches as without the interruption.
 *
 * @throws ArgumentError unless 1 <= batchSize <= n and `from` is an integer >= 0
 */
export function* minibatches(n: number, options: MinibatchOptions): Generator<Minibatch, never, void> {
  checkGivenOptions("minibatches", options, ["batchSize", "replacement", "leftover", "from", "seed"]);
  const { batchSize, replacement = false, leftover = "skip", from = 0, seed } = options;
  checkOneOf(["batch", "skip"], { leftover });
  checkIntegerWithin(1, n, { batchSize });
  checkNonNegativeInteger({ from });
  const stream = randomStream(seed);
  if (replacement)
    for (let batch = from; ; batch++) {
      const draws = stream.split(batch);
      const rows = Int32Array.from({ length: batchSize }, () => draws.integer(n));
      yield { batch, epoch: Math.floor((batch * batchSize) / n), rows };
    }
  const batchesAnEpoch = leftover === "batch" ? Math.ceil(n / batchSize) : Math.floor(n / batchSize);
  let order: Int32Array = new Int32Array();
  for (let batch = from; ; batch++) {
    const epoch = Math.floor(batch / batchesAnEpoch);
    const place = batch % batchesAnEpoch;
    if (place === 0 || batch === from) order = stream.split(epoch).permutation(n);
    yield { batch, epoch, rows: order.slice(place * batchSize, Math.min((place + 1) * batchSize, n)) };
  }
}
