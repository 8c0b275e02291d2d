import { zerosOf } from "../../check/arrays.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { checkInputs, checkParameters, checkRegression, type HostNetwork } from "./contract.ts";
import { hiddenInputs, reluStepper } from "./two-layer-relu-step.ts";

/** Sizes of a two-layer ReLU network. */
export interface TwoLayerReluShape {
  /** d. */
  readonly features: number;
  /** m. */
  readonly hidden: number;
}

/** How a two-layer ReLU network starts. */
export interface TwoLayerReluStart {
  readonly seed: number;
  /** Factor on all weights. */
  readonly scale?: number;
}

/**
 * Where a two-layer ReLU network starts: w_j ~ N(0, I / sqrt(d)) and a_j ~ N(0, 1), so that the layers are balanced for
 * inputs of length sqrt(d); the path norm is about 0.8 d^(1/4) m.
 *
 * @returns (W, a), m d + m numbers
 * @throws ArgumentError unless the sizes are integers >= 1 and the scale is finite and > 0
 */
export function twoLayerReluStart(
  { features: d, hidden: m }: TwoLayerReluShape,
  options: TwoLayerReluStart,
): Float64Array<ArrayBuffer> {
  checkGivenOptions("twoLayerReluStart", options, ["seed", "scale"]);
  const { seed, scale = 1 } = options;
  checkPositiveInteger({ features: d, hidden: m });
  checkPositive({ scale });
  const stream = randomStream(seed);
  const theta = zerosOf({ hidden: m, inputs: d + 1 });
  stream.split("W").fillNormal(theta.subarray(0, m * d));
  stream.split("a").fillNormal(theta.subarray(m * d));
  for (let k = 0; k < theta.length; k++) theta[k] *= k < m * d ? scale * d ** -0.25 : scale;
  return theta;
}

/**
 * The two-layer ReLU network without biases f(x) = sum_j a_j relu(<w_j, x>), theta = (W, a), with the slope of the
 * rectifier 0 at 0. Inner products of its gradients:
 *
 *     <g_i, g_k> = sum_j relu(z_ij) relu(z_kj) + <x_i, x_k> sum_j a_j^2 1[z_ij > 0] 1[z_kj > 0],  z_ij = <w_j, x_i>.
 *
 * @throws ArgumentError unless the sizes are integers >= 1
 */
export function twoLayerReLU({ features: d, hidden: m }: TwoLayerReluShape): HostNetwork {
  checkPositiveInteger({ features: d, hidden: m });
  const dimension = m * d + m;

  /** z_ij, n x m. */
  function inputsOf(theta: Float64Array, { rows: n, values: x }: DenseMatrix): Float64Array<ArrayBuffer> {
    checkParameters(theta, dimension);
    const z = new Float64Array(n * m);
    for (let i = 0; i < n; i++) hiddenInputs(theta, m, d, x, i * d, z, i * m);
    return z;
  }

  function outputs(theta: Float64Array, x: DenseMatrix): Float64Array<ArrayBuffer> {
    const z = inputsOf(theta, x);
    const f = new Float64Array(x.rows);
    for (let i = 0; i < f.length; i++)
      for (let j = 0; j < m; j++) if (z[i * m + j] > 0) f[i] += theta[m * d + j] * z[i * m + j];
    return f;
  }

  return {
    dimension,
    features: d,
    outputs(theta, x) {
      checkInputs(x, d);
      return outputs(theta, x);
    },
    on(data) {
      checkRegression(data, d);
      const { y } = data;
      const { rows: n, values: x } = data.x;
      let inner: Float64Array | undefined;

      /** <x_i, x_k> for k <= i, computed when first needed. */
      function inputProducts(): Float64Array {
        if (inner) return inner;
        inner = new Float64Array(n * n);
        addLowerProducts(inner, x, x, n, d);
        return inner;
      }

      return {
        n,
        dimension,
        residuals: (theta) => outputs(theta, data.x).map((f, i) => f - y[i]),
        jacobian(theta) {
          const z = inputsOf(theta, data.x);
          const values = new Float64Array(n * dimension);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < m; j++) {
              if (!(z[i * m + j] > 0)) continue;
              values[i * dimension + m * d + j] = z[i * m + j];
              for (let k = 0; k < d; k++) values[i * dimension + j * d + k] = theta[m * d + j] * x[i * d + k];
            }
          return { rows: n, columns: dimension, values };
        },
        gram(theta) {
          const z = inputsOf(theta, data.x);
          const slopes = new Float64Array(n * m);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < m; j++) {
              const at = i * m + j;
              if (z[at] > 0) slopes[at] = theta[m * d + j];
              else z[at] = 0;
            }
          const gram = new Float64Array(n * n);
          addLowerProducts(gram, slopes, slopes, n, m);
          const products = inputProducts();
          for (let k = 0; k < gram.length; k++) gram[k] *= products[k];
          addLowerProducts(gram, z, z, n, m);
          mirrorLower(gram, n);
          return { rows: n, columns: n, values: gram };
        },
        step: reluStepper({ x, y, n, d, m }),
      };
    },
  };
}
