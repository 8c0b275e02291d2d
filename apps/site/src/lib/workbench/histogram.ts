/** How the numbers of a tensor are distributed. */
export interface Histogram {
  /** The bins are of equal width, from the smallest finite number to the largest. */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
  readonly mean: number;
  /** The standard deviation, with the number of entries as divisor. */
  readonly deviation: number;
  readonly zeros: number;
  /** Infinities and NaN, which are in no bin. */
  readonly notFinite: number;
  readonly size: number;
}

const BINS = 28;

/** The histogram of a tensor's numbers: one bin where they are all equal, none where there are none. */
export function histogramOf(values: Float32Array | Float64Array): Histogram {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [sum, zeros, notFinite] = [0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) {
      notFinite += 1;
      continue;
    }
    if (value < from) from = value;
    if (value > to) to = value;
    if (value === 0) zeros += 1;
    sum += value;
  }
  const size = values.length;
  const finite = size - notFinite;
  if (finite === 0) return { from: 0, to: 0, counts: [], mean: 0, deviation: 0, zeros, notFinite, size };
  const mean = sum / finite;
  const counts = new Array<number>(to > from ? BINS : 1).fill(0);
  let squares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = to > from ? Math.floor(((value - from) / (to - from)) * counts.length) : 0;
    counts[Math.min(bin, counts.length - 1)] += 1;
  }
  return { from, to, counts, mean, deviation: Math.sqrt(squares / finite), zeros, notFinite, size };
}
