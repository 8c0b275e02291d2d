import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { checkInputs, checkParameters, checkRegression, type HostNetwork } from "./contract.ts";

/** How a diagonal linear network starts. */
export interface DiagonalStart {
  readonly seed: number;
  /** Standard deviation of the entries of a, and of b where no balance is given. */
  readonly deviation?: number;
  /** r_0 >= 1: then b = (r_0 + sqrt(r_0^2 - 1)) s a with random signs s, so that the balance ratio is r_0. */
  readonly balance?: number;
}

/**
 * Where a diagonal linear network starts: normal a and b, or unbalanced b = c s a.
 *
 * @param d features
 * @returns (a, b), 2 d numbers
 * @throws ArgumentError unless d is an integer >= 1, the deviation finite and > 0, and the balance finite and >= 1
 */
export function diagonalStart(d: number, options: DiagonalStart): Float64Array<ArrayBuffer> {
  checkGivenOptions("diagonalStart", options, ["seed", "deviation", "balance"]);
  const { seed, deviation = 1, balance } = options;
  checkPositiveInteger({ d });
  checkPositive({ deviation });
  if (balance !== undefined && !(balance >= 1 && balance < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`balance must be a finite number >= 1, got ${balance}`);
  const stream = randomStream(seed);
  const theta = zerosOf({ layers: 2, d });
  stream.split("a").fillNormal(theta.subarray(0, d));
  stream.split("b").fillNormal(theta.subarray(d));
  for (let k = 0; k < 2 * d; k++) theta[k] *= deviation;
  if (balance === undefined) return theta;
  const factor = balance + Math.sqrt(balance ** 2 - 1);
  for (let k = 0; k < d; k++) theta[d + k] = factor * (theta[d + k] < 0 ? -theta[k] : theta[k]);
  return theta;
}

/**
 * The diagonal linear network f(x) = <a b, x>, with the entrywise product beta = a b and theta = (a, b). Its gradients
 * are g_i = (x_i b, x_i a); for inputs of covariance I and many examples Tr G = |a|^2 + |b|^2.
 *
 * @param features d
 * @throws ArgumentError unless it is an integer >= 1
 */
export function diagonalLinearNetwork(features: number): HostNetwork {
  checkPositiveInteger({ features });
  const d = features;

  function outputs(theta: Float64Array, { rows: n, values: x }: DenseMatrix): Float64Array<ArrayBuffer> {
    checkParameters(theta, 2 * d);
    const f = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) f[i] += theta[k] * theta[d + k] * x[i * d + k];
    return f;
  }

  return {
    dimension: 2 * d,
    features,
    outputs(theta, x) {
      checkInputs(x, d);
      return outputs(theta, x);
    },
    on(data) {
      checkRegression(data, d);
      const { y } = data;
      const { rows: n, values: x } = data.x;
      const slope = new Float64Array(d);

      /** The slope in beta: (1/B) sum_i r_i x_i. */
      function fillSlope(theta: Float64Array, batch: Int32Array, B: number): void {
        slope.fill(0);
        for (let k = 0; k < B; k++) {
          const at = batch[k] * d;
          let r = -y[batch[k]];
          for (let j = 0; j < d; j++) r += theta[j] * theta[d + j] * x[at + j];
          r /= B;
          for (let j = 0; j < d; j++) slope[j] += r * x[at + j];
        }
      }

      return {
        n,
        dimension: 2 * d,
        residuals: (theta) => outputs(theta, data.x).map((f, i) => f - y[i]),
        jacobian(theta) {
          const values = new Float64Array(n * 2 * d);
          for (let i = 0; i < n; i++)
            for (let k = 0; k < d; k++) {
              values[i * 2 * d + k] = x[i * d + k] * theta[d + k];
              values[i * 2 * d + d + k] = x[i * d + k] * theta[k];
            }
          return { rows: n, columns: 2 * d, values };
        },
        gram(theta) {
          const weighted = new Float64Array(n * d);
          for (let i = 0; i < n; i++)
            for (let k = 0; k < d; k++)
              weighted[i * d + k] = (theta[k] ** 2 + theta[d + k] ** 2) * x[i * d + k];
          const gram = new Float64Array(n * n);
          addLowerProducts(gram, weighted, x, n, d);
          mirrorLower(gram, n);
          return { rows: n, columns: n, values: gram };
        },
        step(theta, batch, B, { learningRate, clip }) {
          fillSlope(theta, batch, B);
          let square = 0;
          for (let j = 0; j < d; j++) {
            const s = slope[j];
            square += s * s * (theta[j] * theta[j] + theta[d + j] * theta[d + j]);
          }
          const length = Math.sqrt(square);
          const scale = length > clip ? (learningRate * clip) / length : learningRate;
          for (let j = 0; j < d; j++) {
            const s = scale * slope[j];
            const a = theta[j];
            const b = theta[d + j];
            theta[j] = a - s * b;
            theta[d + j] = b - s * a;
          }
          return length;
        },
      };
    },
  };
}
