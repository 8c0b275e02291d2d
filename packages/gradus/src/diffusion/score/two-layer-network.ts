import { reluNetworkOutputs } from "@gradus/blas/networks";
import { checkSingleMatrix, zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";

export interface TwoLayerNetworkOptions {
  /** D, the numbers of an input z. */
  readonly inputs: number;
  /** d. */
  readonly outputs: number;
  /** m. */
  readonly width: number;
  /** Starts as the function 0: the second half repeats the first with opposite signs; the limit kernel is the same. */
  readonly antisymmetric?: boolean;
  /** kappa of the initial weights N(0, kappa^2). */
  readonly scale?: number;
  readonly seed: number;
}

/** A two-layer ReLU network whose output layer is fixed, with the hidden weights that it begins with; float32. */
export interface TwoLayerNetwork {
  readonly inputs: number;
  readonly outputs: number;
  readonly width: number;
  /** w, m x D. */
  readonly weights: Float32Array;
  /** a / sqrt(m), m x d. */
  readonly outputWeights: Float32Array;
}

/**
 * A network  f_i(z) = (1/sqrt(m)) sum_r a_ri max(w_r . z, 0)  with a uniform on {-1, 1}, fixed, and w standard normal.
 * Source: Han, Razaviyayn & Xu 2024; Du, Zhai, Poczos & Singh 2019.
 *
 * @throws ArgumentError when a size is not a positive integer, scale is not positive, or the width of an antisymmetric
 *   network is odd
 */
export function twoLayerNetwork(options: TwoLayerNetworkOptions): TwoLayerNetwork {
  checkGivenOptions("twoLayerNetwork", options, [
    "inputs",
    "outputs",
    "width",
    "antisymmetric",
    "scale",
    "seed",
  ]);
  const { inputs, outputs, width, antisymmetric = true, scale = 1, seed } = options;
  checkPositiveInteger({ inputs, outputs, width });
  checkBoolean({ antisymmetric });
  checkPositive({ scale });
  if (antisymmetric && width % 2 === 1)
    throw new ArgumentError(`width must be even for an antisymmetric network, got ${width}`);
  const stream = randomStream(seed);
  const drawn = antisymmetric ? width / 2 : width;
  const normal = stream.split("weights").fillNormal(zerosOf({ units: drawn, inputs }));
  const weights = new Float32Array(width * inputs);
  const outputWeights = new Float32Array(width * outputs);
  for (let k = 0; k < normal.length; k++) weights[k] = scale * normal[k];
  const signs = stream.split("signs");
  for (let k = 0; k < drawn * outputs; k++)
    outputWeights[k] = (signs.integer(2) === 0 ? -1 : 1) / Math.sqrt(width);
  if (antisymmetric) {
    weights.copyWithin(drawn * inputs, 0, drawn * inputs);
    for (let k = 0; k < drawn * outputs; k++) outputWeights[drawn * outputs + k] = -outputWeights[k];
  }
  return { inputs, outputs, width, weights, outputWeights };
}

/**
 * The network's outputs, n x d.
 *
 * @param z n x D
 * @param weights hidden weights other than the initial ones, m x D
 * @throws ArgumentError when sizes do not match
 * @throws DataError when a number of z is not finite in float32
 */
export function twoLayerOutputs(
  network: TwoLayerNetwork,
  z: DenseMatrix,
  weights: Float32Array = network.weights,
): Float64Array<ArrayBuffer> {
  checkInputs(network, z);
  if (weights.length !== network.weights.length)
    throw new ArgumentError(`weights must have ${network.weights.length} numbers, got ${weights.length}`);
  const { inputs: dimension, outputs, outputWeights } = network;
  const inputs = Float32Array.from(z.values);
  return Float64Array.from(reluNetworkOutputs({ inputs, weights, outputWeights, dimension, outputs }));
}

/** @throws ArgumentError unless inputs have the network's number of columns; DataError unless they are finite in float32 */
export function checkInputs({ inputs }: TwoLayerNetwork, z: DenseMatrix): void {
  checkFiniteDense("z", z);
  if (z.columns !== inputs) throw new ArgumentError(`z must have D = ${inputs} columns, got ${z.columns}`);
  checkSingleMatrix("z", z.values, z.columns);
}
