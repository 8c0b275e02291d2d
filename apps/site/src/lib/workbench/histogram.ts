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

/** Of the powers of two in float64 that are no denormal numbers. */
const [LEAST_EXPONENT, LARGEST_EXPONENT] = [-1022, 1023];

/**
 * The power of two of the larger end. In units of it, sums and squares of float64 numbers neither overflow nor vanish,
 * and others are as they would be without it.
 */
function unitOf(from: number, to: number): number {
  const size = Math.max(Math.abs(from), Math.abs(to));
  // The largest numbers have a logarithm that is rounded up.
  return size === 0
    ? 1
    : 2 ** Math.max(LEAST_EXPONENT, Math.min(LARGEST_EXPONENT, Math.floor(Math.log2(size))));
}

/** The histogram of a tensor's numbers: one bin where they are all equal, none where there are none. */
export function histogramOf(values: Float32Array | Float64Array): Histogram {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [zeros, notFinite] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) {
      notFinite += 1;
      continue;
    }
    if (value < from) from = value;
    if (value > to) to = value;
    if (value === 0) zeros += 1;
  }
  const size = values.length;
  const finite = size - notFinite;
  if (finite === 0) return { from: 0, to: 0, counts: [], mean: 0, deviation: 0, zeros, notFinite, size };
  const unit = unitOf(from, to);
  let sum = 0;
  for (const value of values) if (Number.isFinite(value)) sum += value / unit;
  const mean = sum / finite;
  const counts = new Array<number>(to > from ? BINS : 1).fill(0);
  const [low, width] = [from / unit, to / unit - from / unit];
  let squares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    squares += (value / unit - mean) ** 2;
    const bin = to > from ? Math.floor(((value / unit - low) / width) * counts.length) : 0;
    counts[Math.min(bin, counts.length - 1)] += 1;
  }
  const deviation = Math.sqrt(squares / finite) * unit;
  return { from, to, counts, mean: mean * unit, deviation, zeros, notFinite, size };
}

/** Where zero lies between the ends, as a share of the way; undefined when it does not. */
export function zeroShare({ from, to }: Histogram): number | undefined {
  return from < 0 && to > 0 ? 1 / (1 - to / from) : undefined;
}
