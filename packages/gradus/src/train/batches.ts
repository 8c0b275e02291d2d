import { ArgumentError, MissingClassError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import type { randomStream } from "../random/stream.ts";

type Stream = ReturnType<typeof randomStream>;

/**
 * The rows of an epoch's batches, one batch after another; where their number is no multiple of `batchSize`, the last
 * batch is shorter. Epochs count from 0.
 */
export type BatchPlan = (stream: Stream, batchSize: number, epoch?: number) => Int32Array;

function assertBatchSize(batchSize: number, rows: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > rows)
    throw new ArgumentError(
      `batchSize must be an integer from 1 to the number of rows ${rows}, got ${batchSize}`,
    );
}

export interface ShuffledBatchesOptions {
  /** The rows left over at the end of an epoch make a shorter batch of their own, or are left out. */
  readonly leftover?: "batch" | "skip";
}

/**
 * Batches drawn without replacement from `rows` rows, in a new random order each epoch.
 *
 * @throws ArgumentError unless 1 <= batchSize <= rows
 */
export function shuffledBatches(rows: number, options: ShuffledBatchesOptions = {}): BatchPlan {
  checkOptions("shuffledBatches", options, ["leftover"]);
  const { leftover = "skip" } = options;
  return (stream, batchSize) => {
    assertBatchSize(batchSize, rows);
    const order = stream.permutation(rows);
    return leftover === "batch" ? order : order.subarray(0, rows - (rows % batchSize));
  };
}

/** Rows of several lists, each in ascending order of place, in one such list; of equal places the lower row is first. */
function mergedByPlace(lists: readonly Int32Array[], places: Float64Array): Int32Array {
  if (lists.length === 1) return lists[0];
  const half = lists.length >> 1;
  const [a, b] = [mergedByPlace(lists.slice(0, half), places), mergedByPlace(lists.slice(half), places)];
  const merged = new Int32Array(a.length + b.length);
  for (let i = 0, j = 0; i + j < merged.length; ) {
    const difference = j === b.length ? -1 : i === a.length ? 1 : places[a[i]] - places[b[j]] || a[i] - b[j];
    merged[i + j] = difference < 0 ? a[i++] : b[j++];
  }
  return merged;
}

/**
 * Exchanges rows until every batch has each class: one that a batch lacks comes from the rows left over, or else from a
 * batch with several, in return for a row of the batch's largest class. Needs a row of each class for every batch.
 */
function completeBatches(
  order: Int32Array,
  batchSize: number,
  classOf: Int32Array,
  numberOfClasses: number,
): void {
  const steps = Math.floor(order.length / batchSize);
  // The last entry counts the rows left over.
  const counts = Array.from({ length: steps + 1 }, () => new Int32Array(numberOfClasses));
  for (let at = 0; at < order.length; at++) counts[Math.floor(at / batchSize)][classOf[order[at]]] += 1;
  const find = (batch: number, wanted: number) =>
    order.findIndex((row, at) => at >= batch * batchSize && classOf[row] === wanted);
  for (let batch = 0; batch < steps; batch++)
    for (let lacking = 0; lacking < numberOfClasses; lacking++) {
      if (counts[batch][lacking] > 0) continue;
      const giver = counts[steps][lacking] > 0 ? steps : counts.findIndex((own) => own[lacking] > 1);
      const largest = counts[batch].indexOf(Math.max(...counts[batch]));
      const [here, there] = [find(batch, largest), find(giver, lacking)];
      [order[here], order[there]] = [order[there], order[here]];
      counts[batch][lacking] += 1;
      counts[batch][largest] -= 1;
      counts[giver][lacking] -= 1;
      counts[giver][largest] += 1;
    }
}

/**
 * Batches in which every class has its share of the whole, to within one row of two classes and two rows of more, and at
 * least one row: each class is shuffled, and its rows are dealt out evenly over the epoch. Leftover rows are not used in
 * that epoch.
 *
 * @param labels the class of each row
 * @throws MissingClassError when a class has fewer rows than the epoch has batches, or a batch fewer than there are
 *   classes, so that some would lack a class
 */
export function stratifiedBatches(labels: ArrayLike<number>): BatchPlan {
  const rowsOf = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const rows = rowsOf.get(labels[i]);
    if (rows) rows.push(i);
    else rowsOf.set(labels[i], [i]);
  }
  const classes = [...rowsOf.keys()].sort((a, b) => a - b);
  const classOf = new Int32Array(labels.length);
  for (const [k, label] of classes.entries()) for (const row of rowsOf.get(label)!) classOf[row] = k;
  return (stream, batchSize) => {
    assertBatchSize(batchSize, labels.length);
    if (batchSize < classes.length)
      throw new MissingClassError(
        `batches of ${batchSize} cannot have a row of each of ${classes.length} classes; use batches of at least ${classes.length}`,
      );
    const steps = Math.floor(labels.length / batchSize);
    // A row's place in the epoch is where it stands in its class, so sorting by place spreads every class evenly.
    const places = new Float64Array(labels.length);
    const shuffledClasses: Int32Array[] = [];
    for (const label of classes) {
      const rows = rowsOf.get(label)!;
      if (rows.length < steps)
        throw new MissingClassError(
          `class ${label} has ${rows.length} rows for ${steps} batches of ${batchSize}: some batches would have none of them; ` +
            `use batches of at least ${Math.ceil(labels.length / rows.length)}`,
        );
      const order = stream.permutation(rows.length);
      const offset = stream.uniform();
      const shuffled = order.map((at) => rows[at]);
      for (let k = 0; k < order.length; k++) places[shuffled[k]] = (k + offset) / order.length;
      shuffledClasses.push(shuffled);
    }
    const order = mergedByPlace(shuffledClasses, places);
    completeBatches(order, batchSize, classOf, classes.length);
    return order.subarray(0, steps * batchSize);
  };
}

/**
 * Random batches whose epochs have a given number of steps, and fewer in the last one where `total` is no multiple of
 * it: no row repeats in an epoch until all were used.
 */
export function randomBatches(rows: number, { steps, total }: { steps: number; total: number }): BatchPlan {
  return (stream, batchSize, epoch = 0) => {
    const order = new Int32Array(Math.min(steps, total - epoch * steps) * batchSize);
    for (let at = 0; at < order.length; at += rows)
      order.set(stream.permutation(rows).subarray(0, order.length - at), at);
    return order;
  };
}
