import { ArgumentError } from "../../check/errors.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { rowCount, takeRows } from "../../tree/rows.ts";

type Stream = ReturnType<typeof randomStream>;

/** A shuffle of the rows, and how far it has been dealt out. */
export interface ShuffleState {
  readonly seed: number;
  readonly order: Int32Array;
  readonly position: number;
  /** Rows of the last batch: a batch of another size starts a new shuffle. */
  readonly batchSize: number;
  /** Shuffles so far. */
  readonly shuffles: number;
}

/** Where an oracle's samples are drawn from next, as plain data. */
export type OracleState = ShuffleState | RandomState;

/** Samples drawn, and the state after them. */
export interface Drawn<D, S> {
  readonly batch: D;
  readonly state: S;
  /** The numbers of the batch's rows in the data; undefined for fresh samples. */
  readonly rows?: Int32Array;
}

/** Where batches of any size come from. */
export interface SampleOracle<D, S extends OracleState = OracleState> {
  /** The most rows of a batch: infinite for a stream. */
  readonly rows: number;
  /** Structure, types and row shapes of a batch. */
  readonly example: D;
  start(seed: number): S;
  /** A batch of `count` rows. */
  draw(state: S, count: number): Drawn<D, S>;
  /** `count` more rows for the batch of `held` rows drawn last, none of which is among them. */
  enlarge(state: S, held: number, count: number): Drawn<D, S>;
}

function requireRows(count: number, rows: number): void {
  if (count > rows)
    throw new ArgumentError(`a batch must have at most the ${rows} rows of the data, got ${count}`);
}

/**
 * Batches without replacement from finite data: a shuffle is dealt out until fewer rows are left than a batch takes, or
 * the batch size changes; then a new one starts.
 *
 * @throws DataError unless all arrays have the same number of rows
 */
export function dataOracle<D extends ValuesOf<D>>(data: D): SampleOracle<D, ShuffleState> {
  const rows = rowCount(data);
  const shuffled = (seed: number, shuffles: number) =>
    randomStream(seed).split("shuffle").split(shuffles).permutation(rows);
  const deal = (state: ShuffleState, order: Int32Array, from: number, count: number) => {
    const position = from + count;
    const chosen = order.subarray(from, position);
    return { batch: takeRows(data, chosen), state: { ...state, order, position }, rows: chosen };
  };
  return {
    rows,
    example: data,
    start: (seed) => ({ seed, order: new Int32Array(0), position: 0, batchSize: 0, shuffles: 0 }),
    draw(state, count) {
      requireRows(count, rows);
      const { seed, order, position, shuffles } = state;
      if (count === state.batchSize && position + count <= order.length)
        return deal(state, order, position, count);
      const next = { ...state, batchSize: count, shuffles: shuffles + 1 };
      return deal(next, shuffled(seed, shuffles), 0, count);
    },
    enlarge(state, held, count) {
      requireRows(held + count, rows);
      const { seed, order, position, shuffles } = state;
      const next = { ...state, batchSize: held + count };
      if (position + count <= order.length) return deal(next, order, position, count);
      // The batch comes first in a new shuffle of the others.
      const batch = order.slice(position - held, position);
      const taken = new Set(batch);
      const others = shuffled(seed, shuffles).filter((row) => !taken.has(row));
      const joined = new Int32Array(rows);
      joined.set(batch);
      joined.set(others, held);
      return deal({ ...next, shuffles: shuffles + 1 }, joined, held, count);
    },
  };
}

/**
 * Endless fresh samples: `sampler(stream, count)` makes `count` of them from a stream of random numbers.
 *
 *     streamOracle((stream, count) => ({ a: array(stream.fillNormal(new Float64Array(10 * count)), [count, 10]) }))
 */
export function streamOracle<D extends ValuesOf<D>>(
  sampler: (stream: Stream, count: number) => D,
): SampleOracle<D, RandomState> {
  const draw = (state: RandomState, count: number) => {
    const stream = randomStreamFrom(state);
    const batch = sampler(stream, count);
    return { batch, state: stream.state };
  };
  return {
    rows: Number.POSITIVE_INFINITY,
    example: sampler(randomStream(0), 2),
    start: (seed) => randomStream(seed).split("samples").state,
    draw,
    enlarge: (state, _, count) => draw(state, count),
  };
}
