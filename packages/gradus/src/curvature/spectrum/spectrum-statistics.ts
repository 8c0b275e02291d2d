import { checkFiniteVector } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";

export interface SpectrumStatisticsOptions {
  /** Eigenvalues above this share of the largest are outliers, the others the bulk. */
  readonly outlierLevel?: number;
  /** Most outliers that a gap may part from the bulk; a quarter of the eigenvalues by default. */
  readonly maxOutliers?: number;
  /** Eigenvalues up to this share of the largest in size count as 0; 1e-10 by default, 1e-6 in f32. */
  readonly rankTolerance?: number;
  /** What the matrix was computed in: in f32, eigenvalues below 1e-6 of the largest are rounding and count as 0. */
  readonly dtype?: "f32" | "f64";
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
  /** |lambda_min| / lambda_1 where lambda_min < 0, else 0; Infinity where no eigenvalue is positive. */
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
  eigenvalues: ArrayLike<number>,
  options: SpectrumStatisticsOptions = {},
): SpectrumStatistics {
  checkOptions("spectrumStatistics", options, ["outlierLevel", "maxOutliers", "rankTolerance", "dtype"]);
  const { outlierLevel = 0.03, maxOutliers, dtype = "f64" } = options;
  checkOneOf(["f32", "f64"], { dtype });
  const rankTolerance = options.rankTolerance ?? (dtype === "f32" ? 1e-6 : 1e-10);
  const n = eigenvalues.length;
  if (n === 0) throw new DataError("eigenvalues must have at least one number, got none");
  checkFiniteVector("eigenvalues", eigenvalues);
  checkWithin("(0, 1)", { outlierLevel });
  checkWithin("[0, 1)", { rankTolerance });
  const most = maxOutliers ?? Math.max(1, Math.floor(n / 4));
  checkPositiveInteger({ maxOutliers: most });
  const descending = Float64Array.from(eigenvalues).sort().reverse();
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
    mostNegative: smallest < 0 ? (largest > 0 ? -smallest / largest : Number.POSITIVE_INFINITY) : 0,
    negativeMass: below.length === 0 ? 0 : -sum(below) / sum(descending.map(Math.abs)),
    outlierTrace: outliers.length === 0 ? 0 : sum(outliers) / sum(descending),
  };
}
