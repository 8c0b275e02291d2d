import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { designMap } from "./design-map.ts";
import { type DesignMatrix, rowNumbers } from "./design-matrix.ts";
import type { HessianModel } from "./hessian-model.ts";
import { checkPoint, type SmoothObjective } from "./objective.ts";

/** Approximations of the Hessian of `logSumExpObjective`, by name. */
export interface LogSumExpApproximations {
  readonly [name: string]: (x: Float64Array) => HessianModel;
  /** A^T diag(pi) A / mu: the Hessian without -g g^T / mu. */
  weightedGaussNewton(x: Float64Array): HessianModel;
}

/**
 * A smooth maximum of affine functions:
 *
 *     f(x) = mu ln sum_i exp(z_i / mu),   z = A x - b,   pi = softmax(z / mu),
 *     g = A^T pi,   H = (A^T diag(pi) A - g g^T) / mu
 *
 * with z shifted by its maximum, so that nothing overflows. max z <= f <= max z + mu ln n.
 *
 * @param A n x d, dense or sparse
 * @param b n numbers
 * @param smoothing mu > 0
 * @throws ArgumentError when sizes do not fit or mu is not finite and > 0
 * @throws DataError when a number is not finite
 */
export function logSumExpObjective(
  A: DesignMatrix,
  b: ArrayLike<number>,
  options: { smoothing?: number } = {},
): SmoothObjective & { readonly approximations: LogSumExpApproximations } {
  checkOptions("logSumExpObjective", options, ["smoothing"]);
  const { smoothing = 1 } = options;
  const map = designMap(A);
  const { rows, columns: dimension } = map;
  const offsets = rowNumbers(b, rows, "b");
  checkPositive({ smoothing });
  const point = new Float64Array(dimension).fill(Number.NaN);
  const pi = new Float64Array(rows);
  const direction = new Float64Array(rows);
  let level = 0;

  /** Leaves softmax(z / mu) in `pi` and f in `level`. */
  function moveTo(x: Float64Array): void {
    checkPoint(x, dimension);
    let j = 0;
    while (j < dimension && x[j] === point[j]) j += 1;
    if (j === dimension) return;
    map.product(x, pi);
    point.set(x);
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      pi[i] -= offsets[i];
      if (pi[i] > largest) largest = pi[i];
    }
    let total = 0;
    for (let i = 0; i < rows; i++) {
      pi[i] = Math.exp((pi[i] - largest) / smoothing);
      total += pi[i];
    }
    for (let i = 0; i < rows; i++) pi[i] /= total;
    level = largest + smoothing * Math.log(total);
  }

  function gradient(x: Float64Array): Float64Array<ArrayBuffer> {
    moveTo(x);
    const result = new Float64Array(dimension);
    map.adjoint(pi, result);
    return result;
  }

  function value(x: Float64Array): number {
    moveTo(x);
    return level;
  }

  function weightedGaussNewton(x: Float64Array): Float64Array<ArrayBuffer> {
    moveTo(x);
    const matrix = map.gram(pi);
    for (let k = 0; k < matrix.length; k++) matrix[k] /= smoothing;
    return matrix;
  }

  const matrixOf = (values: Float64Array): DenseMatrix => ({ rows: dimension, columns: dimension, values });

  return {
    dimension,
    value,
    gradient,
    valueAndGradient: (x) => ({ value: value(x), gradient: gradient(x) }),
    hessianVectorProduct(x, v) {
      checkPoint(v, dimension, "v");
      moveTo(x);
      map.product(v, direction);
      let mean = 0;
      for (let i = 0; i < rows; i++) mean += pi[i] * direction[i];
      // pi_i (s_i - <pi, s>): A^T of it is A^T diag(pi) A v - g (g^T v) without the cancellation
      for (let i = 0; i < rows; i++) direction[i] = (pi[i] * (direction[i] - mean)) / smoothing;
      const result = new Float64Array(dimension);
      map.adjoint(direction, result);
      return result;
    },
    hessian(x) {
      const matrix = weightedGaussNewton(x);
      const g = gradient(x);
      for (let j = 0; j < dimension; j++)
        for (let k = 0; k < dimension; k++) matrix[j * dimension + k] -= (g[j] * g[k]) / smoothing;
      return matrixOf(matrix);
    },
    approximations: {
      weightedGaussNewton: (x) => ({ kind: "dense", matrix: matrixOf(weightedGaussNewton(x)) }),
    },
  };
}
