import type { ArrayValue } from "@gradus/graph";

/** Steps on batches of one size, taken in one call of the compiled loop. */
export interface PlannedCall {
  /** Row numbers [steps, batch]; for full batches, which take all rows as they are, zeros [steps]. */
  readonly plan: ArrayValue;
  /** Rows of each batch. */
  readonly rows: number;
  /** The step's epoch, counted from the first epoch planned, and its batch in that epoch; both from 0. */
  place(step: number): { readonly epoch: number; readonly batch: number };
}

interface Piece {
  readonly epoch: number;
  /** Number of the first batch in its epoch. */
  readonly batch: number;
  readonly rows: Int32Array;
}

function call(pieces: readonly Piece[], batchSize: number): PlannedCall {
  const steps = pieces.flatMap(({ epoch, batch, rows }) =>
    Array.from({ length: rows.length / batchSize }, (_, i) => ({ epoch, batch: batch + i })),
  );
  const data = new BigInt64Array(steps.length * batchSize);
  let at = 0;
  for (const { rows } of pieces) for (let i = 0; i < rows.length; i++) data[at++] = BigInt(rows[i]);
  return {
    plan: { dtype: "i64", shape: [steps.length, batchSize], data },
    rows: batchSize,
    place: (step) => steps[step],
  };
}

/** Whole epochs on all rows, one step each. */
export function planFullBatches(epochs: number, rows: number): PlannedCall[] {
  const plan: ArrayValue = { dtype: "i64", shape: [epochs], data: new BigInt64Array(epochs) };
  return [{ plan, rows, place: (step) => ({ epoch: step, batch: 0 }) }];
}

/** The number of steps of calls. */
export function stepsOf(calls: readonly PlannedCall[]): number {
  return calls.reduce((steps, { plan }) => steps + plan.shape[0], 0);
}

/** The calls for some of the steps: those after `from` steps, `count` at most. */
export function planPart(calls: readonly PlannedCall[], from: number, count: number): PlannedCall[] {
  const part: PlannedCall[] = [];
  let at = 0;
  for (const { plan, rows, place } of calls) {
    const [steps, ...batch] = plan.shape;
    const [first, end] = [Math.max(from - at, 0), Math.min(from + count - at, steps)];
    const each = plan.data.length / steps;
    if (first < end)
      part.push({
        plan: {
          dtype: plan.dtype,
          shape: [end - first, ...batch],
          data: plan.data.slice(first * each, end * each),
        },
        rows,
        place: (step) => place(first + step),
      });
    at += steps;
  }
  return part;
}

/**
 * The calls that go through epochs of row numbers in order: full batches of successive epochs together, and a shorter
 * last batch of an epoch, which has another shape, by itself.
 */
export function planMinibatches(epochs: readonly Int32Array[], batchSize: number): PlannedCall[] {
  const calls: PlannedCall[] = [];
  let pieces: Piece[] = [];
  const flush = () => {
    if (pieces.length > 0) calls.push(call(pieces, batchSize));
    pieces = [];
  };
  epochs.forEach((rows, epoch) => {
    const leftover = rows.length % batchSize;
    const full = rows.length - leftover;
    if (full > 0) pieces.push({ epoch, batch: 0, rows: rows.subarray(0, full) });
    if (leftover === 0) return;
    flush();
    calls.push(call([{ epoch, batch: full / batchSize, rows: rows.subarray(full) }], leftover));
  });
  flush();
  return calls;
}
