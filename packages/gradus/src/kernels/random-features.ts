import { zerosOf } from "../check/arrays.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import type { Stream } from "../nn/initializers.ts";
import { kernelSpectrum } from "./kernel-spectrum.ts";

/** Functions drawn from a Gaussian process, evaluated at its points. */
export interface RandomFeatures {
  /** count x N, one function per row. */
  readonly features: DenseMatrix;
  /**
   * The tangent kernel of  f = count^(-1/2) sum_p theta_p f^(p):  (1/count) sum_p f^(p)(x_i) f^(p)(x_j), N x N. It does
   * not depend on theta and converges to K with an error of order count^(-1/2).
   */
  readonly kernel: DenseMatrix;
}

/**
 * Random features of a kernel: functions f^(p) drawn with covariance K. Gradient descent on the coefficients of their
 * sum is kernel gradient descent with a kernel that converges to K: a linear model that behaves like a wide network.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 3.1; Rahimi & Recht 2008.
 *
 * @param K N x N
 * @throws ArgumentError unless K is square and count is an integer >= 1
 * @throws DataError when K is not finite, symmetric and positive semidefinite
 */
export function randomFeatures(
  K: DenseMatrix,
  options: { readonly count: number; readonly stream: Stream },
): RandomFeatures {
  checkGivenOptions("randomFeatures", options, ["count", "stream"]);
  const { count, stream } = options;
  checkPositiveInteger({ count });
  const { values, vectors } = kernelSpectrum("K", K);
  const n = values.length;
  const features = zerosOf({ count, n });
  const kernel = new Float64Array(n * n);
  const coefficients = new Float64Array(n);
  for (let p = 0; p < count; p++) {
    const f = features.subarray(p * n, (p + 1) * n);
    stream.fillNormal(coefficients);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        f[i] += vectors.values[i * n + j] * Math.sqrt(Math.max(values[j], 0)) * coefficients[j];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) kernel[i * n + j] += (f[i] * f[j]) / count;
  }
  return {
    features: { rows: count, columns: n, values: features },
    kernel: { rows: n, columns: n, values: kernel },
  };
}
