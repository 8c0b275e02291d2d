import { checkLength } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { portableExp, portableLog } from "../../random/elementary.ts";

/** The weighted mean of particles, and how their weights are spread. */
export interface ConsensusPoint {
  /** d numbers. */
  readonly point: Float64Array;
  /** N numbers that sum to 1. */
  readonly weights: Float64Array;
  /** (sum w)^2 / sum w^2: from 1, where one particle has all the weight, to N. */
  readonly effectiveSampleSize: number;
  /** ln[(1/N) sum_i exp(-alpha E_i)]; -Infinity for alpha = Infinity, unless the least value is 0 or less. */
  readonly logNormalizer: number;
  /** Particles without weight, because their value is NaN or +Infinity. */
  readonly dropped: number;
}

/** What weighing leaves beside the weights. */
export interface Weighing {
  /** Sum of the weights, of which the largest is 1; 0 when no value is finite. */
  total: number;
  squares: number;
  least: number;
  /** Where the least value is; -1 when no value is finite. */
  best: number;
  dropped: number;
}

/**
 * Writes w_i = exp(-alpha (E_i - min_j E_j)), and 0 where E_i is NaN or +Infinity. The shift by the least value changes no
 * ratio of weights and keeps the largest at 1, whatever alpha is; alpha = Infinity leaves the least values alone.
 */
export function weigh(
  values: Float64Array,
  inverseTemperature: number,
  weights: Float64Array,
  into: Weighing,
): void {
  const { length } = values;
  let least = Number.POSITIVE_INFINITY;
  let best = -1;
  for (let i = 0; i < length; i++)
    if (values[i] < least) {
      least = values[i];
      best = i;
    }
  into.least = least;
  into.best = best;
  into.total = 0;
  into.squares = 0;
  into.dropped = 0;
  for (let i = 0; i < length; i++) {
    const above = values[i] - least;
    if (!(above < Number.POSITIVE_INFINITY)) {
      weights[i] = 0;
      into.dropped += 1;
      continue;
    }
    const weight = above === 0 ? 1 : portableExp(-inverseTemperature * above);
    weights[i] = weight;
    into.total += weight;
    into.squares += weight * weight;
  }
}

/**
 * Writes the mean of positions weighted by w, d numbers from `at`.
 *
 * @param members numbers of the positions, one a weight, counted from `first`
 */
export function writeMean(
  { weights, total }: { readonly weights: Float64Array; readonly total: number },
  { positions, first, members }: { positions: Float64Array; first: number; members: Int32Array },
  { into, at, dimension }: { into: Float64Array; at: number; dimension: number },
): void {
  for (let j = 0; j < dimension; j++) into[at + j] = 0;
  for (let k = 0; k < members.length; k++) {
    const weight = weights[k] / total;
    if (weight === 0) continue;
    const from = (first + members[k]) * dimension;
    for (let j = 0; j < dimension; j++) into[at + j] += weight * positions[from + j];
  }
}

/**
 * The consensus point of particles X^i with values E_i
 *
 *     c = sum_i w_i X^i / sum_i w_i,   w_i = exp(-alpha (E_i - min_j E_j)),
 *
 * by Laplace's principle close to the best particle for large alpha. Particles of equal value at alpha = Infinity are
 * averaged. NaN and +Infinity have weight 0.
 * Source: Pinnau, Totzeck, Tse & Martin 2017, "A consensus-based model for global optimization and its mean-field limit".
 *
 * @param particles N x d
 * @param values N numbers
 * @throws ArgumentError when there are not N values, or inverseTemperature is not a number >= 0 (Infinity passes)
 * @throws DataError when a coordinate is not finite, a value is -Infinity, or no value is finite
 */
export function consensusPoint(
  particles: DenseMatrix,
  values: ArrayLike<number>,
  options: { readonly inverseTemperature: number },
): ConsensusPoint {
  checkGivenOptions("consensusPoint", options, ["inverseTemperature"]);
  const { inverseTemperature } = options;
  checkLimit({ inverseTemperature });
  checkFiniteDense("particles", particles);
  const { rows, columns } = particles;
  checkLength("values", values, rows);
  const E = Float64Array.from(values);
  const lowest = E.indexOf(Number.NEGATIVE_INFINITY);
  if (lowest >= 0) throw new DataError(`values must not be -Infinity, got it at index ${lowest}`);
  const weights = new Float64Array(rows);
  const weighing: Weighing = { total: 0, squares: 0, least: 0, best: 0, dropped: 0 };
  weigh(E, inverseTemperature, weights, weighing);
  const { total, squares, least, best, dropped } = weighing;
  if (best < 0) throw new DataError(`values must have a finite number, got ${rows} that are NaN or Infinity`);
  const point = new Float64Array(columns);
  const members = Int32Array.from({ length: rows }, (_, i) => i);
  writeMean(
    { weights, total },
    { positions: particles.values, first: 0, members },
    { into: point, at: 0, dimension: columns },
  );
  const exponent = least === 0 ? 0 : -inverseTemperature * least;
  return {
    point,
    weights: weights.map((weight) => weight / total),
    effectiveSampleSize: (total * total) / squares,
    logNormalizer: exponent + portableLog(total / rows),
    dropped,
  };
}
