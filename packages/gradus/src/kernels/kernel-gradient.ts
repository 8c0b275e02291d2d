import { matrixProduct } from "../linalg/dense-product.ts";
import { checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { outputsOf } from "./kernel-gradient-descent.ts";

/** A cost of the outputs on the data: the mean over N rows of a loss of k outputs. */
export interface FunctionalCost {
  /** C(f), f N x k. */
  value(f: Float64Array, y: Float64Array, n: number): number;
  /** The functional derivative d, N x k: the derivative of each row's loss in its outputs, without the factor 1/N. */
  gradient(f: Float64Array, y: Float64Array, n: number): Float64Array;
}

/** Half the squared distance, averaged over rows: d = f - y. */
export const squaredCost: FunctionalCost = {
  value: (f, y, n) => f.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / (2 * n),
  gradient: (f, y) => f.map((value, i) => value - y[i]),
};

function rowSoftmax(f: Float64Array, n: number): { p: Float64Array; logSums: Float64Array } {
  const k = f.length / n;
  const p = new Float64Array(n * k);
  const logSums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = f.subarray(i * k, (i + 1) * k);
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let c = 0; c < k; c++) {
      p[i * k + c] = Math.exp(row[c] - largest);
      sum += p[i * k + c];
    }
    for (let c = 0; c < k; c++) p[i * k + c] /= sum;
    logSums[i] = largest + Math.log(sum);
  }
  return { p, logSums };
}

/** Softmax cross-entropy, averaged over rows; y are probabilities, one-hot for classes: d = softmax(f) - y. */
export const crossEntropyCost: FunctionalCost = {
  value(f, y, n) {
    const k = f.length / n;
    const { logSums } = rowSoftmax(f, n);
    let sum = 0;
    for (let i = 0; i < n * k; i++) sum += y[i] * (logSums[Math.floor(i / k)] - f[i]);
    return sum / n;
  },
  gradient: (f, y, n) => rowSoftmax(f, n).p.map((probability, i) => probability - y[i]),
};

/**
 * The kernel gradient of a cost at M points,  (grad_K C)(x) = (1/N) sum_j K(x, x_j) d(x_j).
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 3.
 *
 * @param K M x N
 * @param d the functional derivative on the data, N x k
 * @throws ArgumentError when sizes do not match
 * @throws DataError when a number is not finite
 */
export function kernelGradient(K: DenseMatrix, d: Float64Array): Float64Array<ArrayBuffer> {
  checkFiniteDense("K", K);
  const n = K.columns;
  outputsOf("d", d, n);
  return matrixProduct(K.values, d, n).map((value) => value / n);
}
