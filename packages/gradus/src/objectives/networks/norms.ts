import { ArgumentError } from "../../check/errors.ts";

/** Sizes of a two-layer network sum_j a_j s(<w_j, x>). */
export interface PathSizes {
  /** sum_j |a_j| |w_j|. */
  readonly pathNorm: number;
  /** sum_j (|w_j|^2 + d a_j^2) / (2 sqrt(d) pathNorm), at least 1, and 1 where |w_j| = sqrt(d) |a_j| for all j. */
  readonly balanceRatio: number;
}

function pathSizes(a: Float64Array, W: Float64Array): PathSizes {
  const m = a.length;
  const d = W.length / m;
  if (m === 0 || !Number.isInteger(d) || d < 1)
    throw new ArgumentError(
      `W must have rows of equal length for the ${m} units of a, got ${W.length} numbers`,
    );
  let [path, squares] = [0, 0];
  for (let j = 0; j < m; j++) {
    let square = 0;
    for (let k = 0; k < d; k++) square += W[j * d + k] ** 2;
    path += Math.abs(a[j]) * Math.sqrt(square);
    squares += square + d * a[j] ** 2;
  }
  if (!Number.isFinite(squares))
    throw new ArgumentError(`a and W must be finite, got squares of sum ${squares}`);
  return { pathNorm: path, balanceRatio: squares / (2 * Math.sqrt(d) * path) };
}

/**
 * The path norm sum_j |a_j| |w_j| of a two-layer network, which bounds its Rademacher complexity.
 *
 * @param a output weights, m numbers
 * @param W hidden weights, m x d, row-major
 * @throws ArgumentError unless W has a row per unit and all numbers are finite
 */
export function pathNorm(a: Float64Array, W: Float64Array): number {
  return pathSizes(a, W).pathNorm;
}

/**
 * How far the layers of a two-layer ReLU network are from balanced, for inputs uniform on the sphere of radius sqrt(d):
 * r = sum_j (|w_j|^2 + d a_j^2) / (2 sqrt(d) sum_j |a_j| |w_j|) >= 1. The trace of G is, in the mean over many examples,
 * sqrt(d) r times the path norm.
 *
 * @param a output weights, m numbers
 * @param W hidden weights, m x d, row-major
 * @throws ArgumentError unless W has a row per unit and all numbers are finite
 */
export function balanceRatio(a: Float64Array, W: Float64Array): number {
  return pathSizes(a, W).balanceRatio;
}

/**
 * How far a diagonal linear network beta = a b is from balanced: r = (|a|^2 + |b|^2) / (2 |beta|_1) >= 1, and 1 where
 * |a_j| = |b_j| for all j.
 *
 * @throws ArgumentError unless a and b have the same length
 */
export function diagonalBalanceRatio(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length)
    throw new ArgumentError(`a and b must have the same length, got ${a.length} and ${b.length}`);
  let [squares, products] = [0, 0];
  for (let j = 0; j < a.length; j++) {
    squares += a[j] ** 2 + b[j] ** 2;
    products += Math.abs(a[j] * b[j]);
  }
  return squares / (2 * products);
}
