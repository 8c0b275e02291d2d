import { checkAttached } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { cholesky, choleskySolve } from "../../linalg/factorize/cholesky.ts";
import { NotPositiveDefiniteError } from "../../linalg/factorize/errors.ts";
import { solveLower } from "../../linalg/factorize/triangular.ts";
import { checkSquareDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { checkSymmetric } from "../../linalg/symmetric.ts";
import { dot, norm2 } from "../../linalg/vector.ts";

/**
 * An inner product of R^n by a symmetric positive definite matrix B:  ||h|| = sqrt(h^T B h) for steps and
 * ||g||_* = sqrt(g^T B^-1 g) for gradients.
 */
export interface InnerProduct {
  readonly dimension: number;
  readonly kind: "identity" | "diagonal" | "dense";
  /** B: nothing for the identity, its diagonal, or n x n numbers row by row. */
  readonly values: Float64Array;
  /** The pivots of B's factorization: positive, n numbers. */
  readonly pivots: Float64Array;
  /** B h, in a new array. */
  apply(h: Float64Array): Float64Array;
  /** B^-1 g, in a new array. */
  solve(g: Float64Array): Float64Array;
  /** ||h||. */
  norm(h: Float64Array): number;
  /** ||g||_*. */
  dualNorm(g: Float64Array): number;
}

/**
 * The Euclidean metric, B = I, which takes no memory.
 *
 * @throws ArgumentError unless the dimension is an integer >= 1
 */
export function identityMetric(dimension: number): InnerProduct {
  checkPositiveInteger({ dimension });
  return {
    dimension,
    kind: "identity",
    values: new Float64Array(),
    get pivots() {
      return new Float64Array(dimension).fill(1);
    },
    apply: (h) => h.slice(),
    solve: (g) => g.slice(),
    norm: norm2,
    dualNorm: norm2,
  };
}

/**
 * The metric of a diagonal matrix.
 *
 * @param diagonal n numbers > 0
 * @throws ArgumentError naming the first number that is not finite and > 0, or when its buffer was transferred
 */
export function diagonalMetric(diagonal: Float64Array): InnerProduct {
  checkAttached("diagonal", diagonal);
  const values = diagonal.slice();
  const wrong = values.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    throw new ArgumentError(`metric must be positive definite (pivot ${wrong} is ${values[wrong]}, not > 0)`);
  const roots = values.map(Math.sqrt);
  return {
    dimension: values.length,
    kind: "diagonal",
    values,
    pivots: values,
    apply: (h) => h.map((hj, j) => values[j] * hj),
    solve: (g) => g.map((gj, j) => gj / values[j]),
    norm: (h) => norm2(h.map((hj, j) => roots[j] * hj)),
    dualNorm: (g) => norm2(g.map((gj, j) => gj / roots[j])),
  };
}

/**
 * The metric of a dense matrix, which is factorized once.
 *
 * @param B symmetric positive definite
 * @throws ArgumentError when it is not a square dense matrix or a pivot of its Cholesky factorization is not positive
 * @throws DataError naming a number that is not finite, or entries that are not symmetric
 */
export function denseMetric(B: DenseMatrix): InnerProduct {
  const dimension = checkSquareDense("metric", B);
  checkSymmetric("metric", B);
  const values = B.values.slice();
  const factor = factorize({ rows: dimension, columns: dimension, values });
  return {
    dimension,
    kind: "dense",
    values,
    pivots: Float64Array.from({ length: dimension }, (_, i) => factor.L.values[i * (dimension + 1)] ** 2),
    apply: (h) => denseMultiply(values, dimension, dimension, h),
    solve: (g) => choleskySolve(factor, g),
    norm: (h) => Math.sqrt(Math.max(0, dot(h, denseMultiply(values, dimension, dimension, h)))),
    dualNorm: (g) => norm2(solveLower(factor.L, g.slice())),
  };
}

function factorize(B: DenseMatrix) {
  try {
    return cholesky(B);
  } catch (cause) {
    if (!(cause instanceof NotPositiveDefiniteError)) throw cause;
    throw new ArgumentError(`metric must be positive definite (pivot ${cause.pivot} <= 0)`, { cause });
  }
}

/** @throws ArgumentError when the metric is of another dimension */
export function metricFor(metric: InnerProduct | undefined, dimension: number): InnerProduct {
  if (metric === undefined) return identityMetric(dimension);
  if (metric.dimension !== dimension)
    throw new ArgumentError(`metric must be of dimension ${dimension}, got ${metric.dimension}`);
  return metric;
}
