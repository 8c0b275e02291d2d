import { checkFiniteVector } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";

export interface SpectrumStatisticsOptions {
  /** Eigenvalues above this fraction of the largest are outliers, the others are the bulk. */
  readonly outlierLevel?: number;
  /** Most outliers that a gap may separate from the bulk; defaults to a quarter of the eigenvalues. */
  readonly maxOutliers?: number;
  /** Eigenvalues up to this fraction of the largest |lambda| count as 0; defaults to 1e-10, or 1e-6 in f32. */
  readonly rankTolerance?: number;
  /** The precision in which the matrix was computed: in f32, eigenvalues below 1e-6 of the largest count as 0. */
  readonly dtype?: "f32" | "f64";
}

/** Summary statistics of a spectrum. */
export interface SpectrumStatistics {
  readonly largest: number;
  readonly smallest: number;
  /** tr A. */
  readonly trace: number;
  /** Number of eigenvalues above outlierLevel lambda_1. */
  readonly outliersByLevel: number;
  /**
   * The j <= maxOutliers with the largest ratio lambda_j / lambda_{j+1} of positive eigenvalues, and that ratio;
   * undefined for fewer than two positive eigenvalues.
   */
  readonly gap: { readonly outliers: number; readonly ratio: number } | undefined;
  /** Share of the eigenvalues with |lambda| <= outlierLevel lambda_1. */
  readonly bulkShare: number;
  /** Number of eigenvalues with |lambda| > rankTolerance max |lambda|. */
  readonly rank: number;
  /** Number of eigenvalues below -rankTolerance max |lambda|: smaller ones are rounding. */
  readonly negative: number;
  /** |lambda_min| / lambda_1 if lambda_min < 0, otherwise 0; Infinity if no eigenvalue is positive. */
  readonly mostNegative: number;
  /** sum over lambda < 0 of |lambda|, over the sum of all |lambda|. */
  readonly negativeMass: number;
  /** Share of the trace due to the eigenvalues above outlierLevel lambda_1. */
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
 * Summary statistics of a spectrum: bulk, outliers, gap, rank and negative part.
 *
 * @param eigenvalues in any order
 * @throws DataError when there are none or one is not finite
 * @throws ArgumentError when an option is out of range
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
  const negative = below.filter((value) => value < -zero).length;
  return {
    largest,
    smallest,
    trace: sum(descending),
    outliersByLevel: outliers.length,
    gap: gapOf(descending, most),
    bulkShare: descending.filter((value) => Math.abs(value) <= level).length / n,
    rank: descending.filter((value) => Math.abs(value) > zero).length,
    negative,
    mostNegative: smallest < 0 ? (largest > 0 ? -smallest / largest : Number.POSITIVE_INFINITY) : 0,
    negativeMass: below.length === 0 ? 0 : -sum(below) / sum(descending.map(Math.abs)),
    outlierTrace: outliers.length === 0 ? 0 : sum(outliers) / sum(descending),
  };
}
