import { checkLength } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import { checkSketch, type Sketch } from "./contract.ts";

/** A sketch that only picks coordinates. */
export interface RowSketch extends Sketch {
  /** The coordinates picked, `size` of them. */
  readonly selected: Int32Array;
  /** What each is multiplied by. */
  readonly weights: Float64Array;
}

/** The place of u in ascending cumulative shares. */
function placeOf(cumulative: Float64Array, u: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The subsampling sketch: `size` coordinates (rows of a matrix). Without `shares` different ones, all equally likely,
 * times sqrt(n / size); with shares, drawn independently, i with probability p_i = shares_i / sum, times
 * 1 / sqrt(size p_i): squared row norms (Frieze, Kannan & Vempala 2004) or leverage scores (Drineas, Mahoney &
 * Muthukrishnan 2006) make it reliable where rows differ.
 *
 * @param options.shares n numbers >= 0, not all 0
 * @throws ArgumentError unless size and n are integers >= 1, size <= n without shares, and there are n shares
 * @throws DataError naming a share that is not a finite number >= 0, or when all are 0
 */
export function rowSketch(
  size: number,
  n: number,
  options: { shares?: Float64Array; seed?: number } = {},
): RowSketch {
  checkOptions("rowSketch", options, ["shares", "seed"]);
  const { shares, seed = 0 } = options;
  checkSketch(size, n);
  const stream = randomStream(seed);
  let selected: Int32Array;
  let weights: Float64Array;
  if (shares) {
    checkLength("shares", shares, n);
    const cumulative = new Float64Array(n);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      if (!(shares[i] >= 0 && shares[i] < Number.POSITIVE_INFINITY))
        throw new DataError(`shares[${i}] must be a finite number >= 0, got ${shares[i]}`);
      sum += shares[i];
      cumulative[i] = sum;
    }
    if (!(sum > 0)) throw new DataError("shares must not all be 0");
    selected = Int32Array.from({ length: size }, () => placeOf(cumulative, sum * stream.uniform()));
    weights = Float64Array.from(selected, (i) => Math.sqrt(sum / (size * shares[i])));
  } else {
    if (size > n) throw new ArgumentError(`size must be at most n = ${n} without shares, got ${size}`);
    selected = stream.permutation(n).slice(0, size);
    weights = new Float64Array(size).fill(Math.sqrt(n / size));
  }
  return {
    rows: size,
    columns: n,
    selected,
    weights,
    apply(x, out) {
      for (let i = 0; i < size; i++) out[i] = weights[i] * x[selected[i]];
    },
    applyAdjoint(v, out) {
      out.fill(0);
      for (let i = 0; i < size; i++) out[selected[i]] += weights[i] * v[i];
    },
  };
}
