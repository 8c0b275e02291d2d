import { ArgumentError } from "../../check/errors.ts";
import type { Values, ValuesOf } from "../../tree/arrays.ts";
import { flatNumbers, sumOfSquares, withNumbers } from "../../tree/numbers.ts";

/** Statistics that a test may need in addition to those of the norm test. */
export type StatisticsPart = "inner-products" | "coordinates";

/**
 * How the gradients g_i of the b rows of a batch scatter around their mean g, over all parameters together. Variances
 * are unbiased (over b - 1), and NaN for one row.
 */
export interface BatchStatistics<P extends ValuesOf<P> = Values> {
  /** b. */
  readonly count: number;
  /** Mean of the rows' losses. */
  readonly loss: number;
  /** g, a tree like the parameters; beside the coordinates' variances always, else where it leaves its program. */
  readonly gradient?: P;
  /** |g|^2. */
  readonly gradientNormSquared: number;
  /** |V|_1 = sum_i |g_i - g|^2 / (b - 1). */
  readonly varianceL1: number;
  /** Variance of the scalars <g_i, g>. */
  readonly innerProductVariance?: number;
  /** sum_i |g_i - (<g_i, g>/|g|^2) g|^2 / (b - 1); 0 where g is 0. */
  readonly orthogonalVariance?: number;
  /** V, coordinate by coordinate, the parameters' arrays one after another. */
  readonly coordinateVariance?: Float64Array;
}

/** The statistics of a batch with its gradient. */
export interface GradientStatistics<P extends ValuesOf<P> = Values> extends BatchStatistics<P> {
  readonly gradient: P;
}

/** The statistics with those of the rows' inner products with the gradient, <g_i, g>, beside them. */
export function withInnerProducts<P extends ValuesOf<P>>(
  statistics: GradientStatistics<P>,
  products: ArrayLike<number>,
): GradientStatistics<P> {
  const { count, gradientNormSquared, varianceL1 } = statistics;
  // Their mean is |g|^2 by definition; centered on it, nothing cancels.
  let squares = 0;
  for (let i = 0; i < products.length; i++) squares += (products[i] - gradientNormSquared) ** 2;
  const innerProductVariance = count > 1 ? squares / (count - 1) : Number.NaN;
  // |V|_1 = V_ip / |g|^2 + V_orth.
  const orthogonalVariance =
    gradientNormSquared === 0 ? 0 : Math.max(0, varianceL1 - innerProductVariance / gradientNormSquared);
  return { ...statistics, innerProductVariance, orthogonalVariance };
}

/**
 * The statistics of two batches taken together, from those of each, by the centered update of Chan, Golub and LeVeque
 * (1983): how the rows are cut into parts makes no difference. Inner products are with the common gradient, which
 * neither part knew: they are left out.
 *
 * @param a, b of disjoint rows, at the same parameters
 * @throws ArgumentError when one has coordinate variances and the other has not
 */
export function mergeStatistics<P extends ValuesOf<P>>(
  a: GradientStatistics<P>,
  b: GradientStatistics<P>,
): GradientStatistics<P> {
  if ((a.coordinateVariance === undefined) !== (b.coordinateVariance === undefined))
    throw new ArgumentError("coordinateVariance must be in both statistics or in neither");
  const count = a.count + b.count;
  const [first, second] = [flatNumbers(a.gradient), flatNumbers(b.gradient)];
  const merged = new Float64Array(first.length);
  const share = b.count / count;
  const between = (a.count * b.count) / count;
  const within = (variance: number, rows: number) => (rows > 1 ? variance * (rows - 1) : 0);
  let distance = 0;
  for (let j = 0; j < merged.length; j++) {
    const difference = second[j] - first[j];
    merged[j] = first[j] + share * difference;
    distance += difference * difference;
  }
  const coordinateVariance = a.coordinateVariance?.map(
    (v, j) =>
      (within(v, a.count) +
        within(b.coordinateVariance![j], b.count) +
        between * (second[j] - first[j]) ** 2) /
      (count - 1),
  );
  return {
    count,
    loss: a.loss + share * (b.loss - a.loss),
    gradient: withNumbers(a.gradient, merged),
    gradientNormSquared: sumOfSquares(merged),
    varianceL1:
      (within(a.varianceL1, a.count) + within(b.varianceL1, b.count) + between * distance) / (count - 1),
    ...(coordinateVariance && { coordinateVariance }),
  };
}
