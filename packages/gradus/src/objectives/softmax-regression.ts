import { zerosOf } from "../check/arrays.ts";
import { checkOptions } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { compensatedSum } from "../linalg/vector.ts";
import { softmaxLoss } from "../losses/softmax.ts";
import { designMap } from "./design-map.ts";
import { type DesignMatrix, rowNumbers } from "./design-matrix.ts";
import type { HessianModel } from "./hessian-model.ts";
import { type LossReduction, reductionScale } from "./linear-loss.ts";
import { checkPoint, type SmoothObjective } from "./objective.ts";
import { softmaxOfScores } from "./softmax-rows.ts";

/** Matrices in place of the softmax loss's Hessian, all dense. */
export interface SoftmaxApproximations {
  readonly [name: string]: (x: Float64Array) => HessianModel;
  /** Blocks A^T diag(p_a [a = b] - p_a Y_b - Y_a p_b + Y_a Y_b) A: the Gauss-Newton part with the labels' scores as base. */
  weightedGaussNewton(x: Float64Array): HessianModel;
  /** Blocks A^T diag((p_a - Y_a)(p_b - Y_b)) A. */
  empiricalFisher(x: Float64Array): HessianModel;
  /** Blocks A^T diag(p_a) A on the diagonal alone. */
  blockDiagonal(x: Float64Array): HessianModel;
}

export interface SoftmaxOptions {
  /** Number of classes k; the largest label + 1 without it. */
  readonly classes?: number;
  readonly reduction?: LossReduction;
}

function classLabels(y: ArrayLike<number>, rows: number, classes: number | undefined): [Int32Array, number] {
  const labels = rowNumbers(y, rows, "y");
  const k = classes ?? labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  softmaxLoss(k).checkLabels("y", labels);
  return [Int32Array.from(labels), k];
}

/**
 * Softmax regression without intercept, the weights of class c at x[c d] .. x[(c + 1) d - 1]:
 *
 *     f(x) = (1/n) sum_i [ ln sum_c exp(z_ic) - z_{i, y_i} ],   z_ic = <a_i, x_c>,   p = softmax(z)
 *     H block (a, b) = (1/n) A^T diag(p_a [a = b] - p_a p_b) A
 *
 * @param A n x d, dense or sparse
 * @param y n class numbers, 0 .. k-1
 * @throws ArgumentError when sizes do not fit or there are fewer than two classes
 * @throws DataError when a number is not finite or a label is not a class number
 */
export function softmaxRegression(
  A: DesignMatrix,
  y: ArrayLike<number>,
  options: SoftmaxOptions = {},
): SmoothObjective & { readonly classes: number; readonly approximations: SoftmaxApproximations } {
  checkOptions("softmaxRegression", options, ["classes", "reduction"]);
  const { classes, reduction = "mean" } = options;
  const map = designMap(A);
  const { rows, columns: d } = map;
  const [labels, k] = classLabels(y, rows, classes);
  const scale = reductionScale(reduction, rows);
  const dimension = k * d;
  const point = zerosOf({ classes: k, features: d }).fill(Number.NaN);
  /** Class by class, n numbers each. */
  const probabilities = new Float64Array(k * rows);
  const p = Array.from({ length: k }, (_, c) => probabilities.subarray(c * rows, (c + 1) * rows));
  const scores = Array.from({ length: k }, () => new Float64Array(rows));
  const losses = new Float64Array(rows);
  const weights = new Float64Array(rows);
  const block = (x: Float64Array, c: number) => x.subarray(c * d, (c + 1) * d);

  function moveTo(x: Float64Array): void {
    checkPoint(x, dimension);
    let j = 0;
    while (j < dimension && x[j] === point[j]) j += 1;
    if (j === dimension) return;
    point.set(x);
    for (let c = 0; c < k; c++) map.product(block(x, c), p[c]);
    softmaxOfScores(probabilities, k, labels, losses);
  }

  function value(x: Float64Array): number {
    moveTo(x);
    return scale * compensatedSum(losses);
  }

  function gradient(x: Float64Array): Float64Array<ArrayBuffer> {
    moveTo(x);
    const result = new Float64Array(dimension);
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < rows; i++) weights[i] = scale * (p[c][i] - (labels[i] === c ? 1 : 0));
      map.adjoint(weights, block(result, c));
    }
    return result;
  }

  /** The symmetric matrix with blocks scale A^T diag(weight(i, a, b)) A; null blocks stay 0. */
  function blocks(weight: (i: number, a: number, b: number) => number, offDiagonal = true): DenseMatrix {
    const matrix = new Float64Array(dimension * dimension);
    for (let a = 0; a < k; a++)
      for (let b = offDiagonal ? 0 : a; b <= a; b++) {
        for (let i = 0; i < rows; i++) weights[i] = scale * weight(i, a, b);
        const gram = map.gram(weights);
        for (let j = 0; j < d; j++) {
          const row = gram.subarray(j * d, (j + 1) * d);
          matrix.set(row, (a * d + j) * dimension + b * d);
          if (a !== b) matrix.set(row, (b * d + j) * dimension + a * d);
        }
      }
    return { rows: dimension, columns: dimension, values: matrix };
  }

  const hot = (i: number, c: number): number => (labels[i] === c ? 1 : 0);
  function model(make: () => DenseMatrix): (x: Float64Array) => HessianModel {
    return (x) => {
      moveTo(x);
      return { kind: "dense", matrix: make() };
    };
  }

  return {
    dimension,
    classes: k,
    value,
    gradient,
    valueAndGradient: (x) => ({ value: value(x), gradient: gradient(x) }),
    hessianVectorProduct(x, v) {
      checkPoint(v, dimension, "v");
      moveTo(x);
      const mean = new Float64Array(rows);
      for (let c = 0; c < k; c++) {
        map.product(block(v, c), scores[c]);
        for (let i = 0; i < rows; i++) mean[i] += p[c][i] * scores[c][i];
      }
      const result = new Float64Array(dimension);
      for (let c = 0; c < k; c++) {
        for (let i = 0; i < rows; i++) weights[i] = scale * p[c][i] * (scores[c][i] - mean[i]);
        map.adjoint(weights, block(result, c));
      }
      return result;
    },
    hessian(x) {
      moveTo(x);
      return blocks((i, a, b) => (a === b ? p[a][i] * (1 - p[a][i]) : -p[a][i] * p[b][i]));
    },
    approximations: {
      weightedGaussNewton: model(() =>
        blocks(
          (i, a, b) => (a === b ? p[a][i] : 0) - p[a][i] * hot(i, b) - hot(i, a) * (p[b][i] - hot(i, b)),
        ),
      ),
      empiricalFisher: model(() => blocks((i, a, b) => (p[a][i] - hot(i, a)) * (p[b][i] - hot(i, b)))),
      blockDiagonal: model(() => blocks((i, a) => p[a][i], false)),
    },
  };
}
