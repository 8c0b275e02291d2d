import { flattenTree, floatData, unflattenTree } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import type { Values } from "../contract.ts";
import { isArray } from "../signature.ts";

/** Statistics that a test may need beside the norm test's. */
export type StatisticsPart = "inner-products" | "coordinates";

/**
 * How the gradients g_i of the b rows of a batch scatter around their mean g, over all parameters together. Variances
 * are unbiased (over b - 1), and NaN for one row.
 */
export interface BatchStatistics<P extends Values = Values> {
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
export interface GradientStatistics<P extends Values = Values> extends BatchStatistics<P> {
  readonly gradient: P;
}

/** The numbers of a tree of arrays, one array after another. */
export function flatNumbers(tree: unknown): Float64Array {
  const { leaves } = flattenTree(tree, isArray);
  const flat = new Float64Array(leaves.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of leaves) {
    if (data instanceof BigInt64Array) throw new ArgumentError("a gradient must be of f32 or f64, got i64");
    flat.set(data, at);
    at += data.length;
  }
  return flat;
}

/** A tree like `like` that holds the numbers, in its types. */
function treeOf<P extends Values>(flat: Float64Array, like: P): P {
  const { leaves, structure } = flattenTree(like, isArray);
  let at = 0;
  const parts = leaves.map(({ dtype, shape, data }) => {
    const part = flat.subarray(at, at + data.length);
    at += data.length;
    return { dtype, shape, data: dtype === "f32" ? Float32Array.from(part) : Float64Array.from(part) };
  });
  return unflattenTree(structure, parts) as P;
}

/** Four sums at a time, so that an addition need not wait for the one before it. */
export function sumOfSquares(values: Float64Array | Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return a + b + (c + d);
}

/** The sum of the squares of all numbers of a tree of arrays. */
export function squaredNormOf(tree: unknown): number {
  let total = 0;
  for (const leaf of flattenTree(tree, isArray).leaves) total += sumOfSquares(floatData(leaf));
  return total;
}

/** The statistics with those of the rows' inner products with the gradient, <g_i, g>, beside them. */
export function withInnerProducts<P extends Values>(
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
export function mergeStatistics<P extends Values>(
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
    gradient: treeOf(merged, a.gradient),
    gradientNormSquared: sumOfSquares(merged),
    varianceL1:
      (within(a.varianceL1, a.count) + within(b.varianceL1, b.count) + between * distance) / (count - 1),
    ...(coordinateVariance && { coordinateVariance }),
  };
}
