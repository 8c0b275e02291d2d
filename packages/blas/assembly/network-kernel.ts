// Kernels of infinitely wide networks, row by row: all layers of a piece of a row stay in the first-level cache.
import { erfDual, rectifiedDual } from "./dual-activation";
import { add, div, loadVector, mul, splat, storeVector, WIDTH } from "./simd";

/** Numbers of a row that go through all layers before the next ones. */
const PIECE: i32 = 512;
/** Activations. */
const ERF: i32 = 1;

/** Bytes of workspace of `networkRows`. */
export function networkWorkspace(): usize {
  return <usize>(2 * PIECE + 4) << 3;
}

/** values_i = (weight values_i) / divisor + bias. */
export function firstLayer(n: i32, weight: f64, divisor: f64, bias: f64, values: usize, copy: usize): void {
  const end = values + (<usize>n << 3);
  for (; values < end; values += WIDTH) {
    const value = add(div(mul(splat(weight), loadVector(values)), splat(divisor)), splat(bias));
    storeVector(values, value);
    storeVector(copy, value);
    copy += WIDTH;
  }
}

/** sigma = weight covariance + bias,  theta = weight theta derivative + sigma. */
export function nextLayer(
  n: i32, weight: f64, bias: f64, covariance: usize, derivative: usize, sigma: usize, theta: usize,
): void {
  const end = covariance + (<usize>n << 3);
  const w = splat(weight);
  const b = splat(bias);
  for (; covariance < end; covariance += WIDTH) {
    const next = add(mul(w, loadVector(covariance)), b);
    storeVector(sigma, next);
    storeVector(theta, add(mul(mul(w, loadVector(theta)), loadVector(derivative)), next));
    derivative += WIDTH;
    sigma += WIDTH;
    theta += WIDTH;
  }
}

/**
 * Covariance and tangent kernel of some rows from their inner products, by the recursion over the layers. Rows have gaps,
 * so that each is padded to two vectors.
 *
 * @param first the first row's index where row i has only columns 0 .. i - 1, else -1
 * @param dimension numbers of a point
 * @param layers layers of weights
 * @param weights weight variances, then bias variances, a number a layer
 * @param variances of the rows' points, `rows` numbers for each layer but the last
 * @param others of the columns' points, padded to `stride` bytes for each layer but the last
 * @param sigma rows x columns inner products, `stride` bytes apart; overwritten by the covariance
 * @param theta the tangent kernel, overwritten
 * @param work `networkWorkspace()` bytes
 */
export function networkRows(
  activation: i32, slope: f64, first: i32, rows: i32, columns: i32, dimension: i32, layers: i32, weights: usize,
  variances: usize, others: usize, sigma: usize, theta: usize, stride: usize, work: usize,
): void {
  const covariance = work + 32;
  const derivative = covariance + (PIECE << 3);
  const biases = weights + (<usize>layers << 3);
  for (let i = 0; i < rows; i++) {
    const width = first < 0 ? columns : first + i;
    for (let j = 0; j < width; j += PIECE) {
      const count = min(PIECE, width - j);
      const at = <usize>j << 3;
      const k12 = sigma + at;
      firstLayer(count, load<f64>(weights), <f64>dimension, load<f64>(biases), k12, theta + at);
      for (let l = 1; l < layers; l++) {
        const variance = load<f64>(variances + (<usize>((l - 1) * rows + i) << 3));
        store<f64>(work, variance);
        store<f64>(work, variance, 8);
        const k22 = others + <usize>(l - 1) * stride + at;
        if (activation == ERF) erfDual(count, work, 1, k22, k12, covariance, derivative);
        else rectifiedDual(count, work, 1, k22, k12, slope, covariance, derivative);
        const along = <usize>l << 3;
        nextLayer(count, load<f64>(weights + along), load<f64>(biases + along), covariance, derivative, k12, theta + at);
      }
    }
    sigma += stride;
    theta += stride;
  }
}
