import { ArgumentError, DataError } from "../check/errors.ts";

export interface SpectrumStatisticsOptions {
  /** Eigenvalues above this share of the largest are outliers, the others the bulk. */
  readonly outlierLevel?: number;
  /** Most outliers that a gap may part from the bulk; a quarter of the eigenvalues by default. */
  readonly maxOutliers?: number;
  /** Eigenvalues up to this share of the largest in size count as 0. */
  readonly rankTolerance?: number;
}

/** What a spectrum looks like. */
export interface SpectrumStatistics {
  readonly largest: number;
  readonly smallest: number;
  /** tr A. */
  readonly trace: number;
  /** How many eigenvalues exceed outlierLevel lambda_1. */
  readonly outliersByLevel: number;
  /**
   * The j <= maxOutliers with the largest ratio lambda_j / lambda_{j+1} of positive eigenvalues, and that ratio;
   * undefined with fewer than two positive eigenvalues.
   */
  readonly gap: { readonly outliers: number; readonly ratio: number } | undefined;
  /** Share of the eigenvalues with |lambda| <= outlierLevel lambda_1. */
  readonly bulkShare: number;
  /** How many eigenvalues exceed rankTolerance |lambda| of the largest in size. */
  readonly rank: number;
  /** How many eigenvalues are below 0. */
  readonly negative: number;
  /** |lambda_min| / lambda_1 where lambda_min < 0, else 0. */
  readonly mostNegative: number;
  /** sum over lambda < 0 of |lambda|, over the sum of all |lambda|. */
  readonly negativeMass: number;
  /** Share of the trace that the outliers by level carry. */
  readonly outlierTrace: number;
}

function gapOf(descending: Float64Array, most: number): SpectrumStatistics["gap"] {
  let [outliers, ratio] = [0, 0];
  for (let j = 1; j <= most && j < descending.length && descending[j] > 0; j++) {
    const here = descending[j - 1] / descending[j];
    if (here > ratio) [outliers, ratio] = [j, here];
  }
  return outliers === 0 ? undefined : { outliers, ratio };
}

/**
 * Bulk and outliers of a spectrum, counted.
 *
 * @param eigenvalues in any order
 * @throws DataError when there is none or one is not finite
 * @throws ArgumentError when an option is out of its range
 */
export function spectrumStatistics(
  eigenvalues: Float64Array,
  { outlierLevel = 0.03, maxOutliers, rankTolerance = 1e-10 }: SpectrumStatisticsOptions = {},
): SpectrumStatistics {
  const n = eigenvalues.length;
  if (n === 0) throw new DataError("eigenvalues must be at least one, got none");
  for (const [i, value] of eigenvalues.entries())
    if (!Number.isFinite(value)) throw new DataError(`eigenvalues[${i}] must be finite, got ${value}`);
  if (!(outlierLevel > 0 && outlierLevel < 1))
    throw new ArgumentError(`outlierLevel must be in (0, 1), got ${outlierLevel}`);
  const most = maxOutliers ?? Math.max(1, Math.floor(n / 4));
  if (!Number.isInteger(most) || most < 1)
    throw new ArgumentError(`maxOutliers must be a whole number >= 1, got ${most}`);
  const descending = eigenvalues.slice().sort().reverse();
  const [largest, smallest] = [descending[0], descending[n - 1]];
  const level = outlierLevel * largest;
  const zero = rankTolerance * Math.max(Math.abs(largest), Math.abs(smallest));
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const outliers = descending.filter((value) => value > level);
  const below = descending.filter((value) => value < 0);
  return {
    largest,
    smallest,
    trace: sum(descending),
    outliersByLevel: outliers.length,
    gap: gapOf(descending, most),
    bulkShare: descending.filter((value) => Math.abs(value) <= level).length / n,
    rank: descending.filter((value) => Math.abs(value) > zero).length,
    negative: below.length,
    mostNegative: smallest < 0 ? -smallest / largest : 0,
    negativeMass: below.length === 0 ? 0 : -sum(below) / sum(descending.map(Math.abs)),
    outlierTrace: sum(outliers) / sum(descending),
  };
}
