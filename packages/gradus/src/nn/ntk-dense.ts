import { type ArrayValue, add, type FloatType, matmul, mul, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkGivenOptions, checkOptions } from "../check/options.ts";
import { type DenseParameters, denseParameters } from "./dense.ts";
import { normalWeights, type Stream } from "./initializers.ts";

/** The factors of the standard normal weights and biases. */
export interface NtkScales {
  readonly weightStd?: number;
  readonly biasStd?: number;
}

export interface NtkDenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stream: Stream;
  readonly dtype?: FloatType;
}

/**
 * Initial parameters of a dense layer in the NTK parametrization: standard normal weights and biases.
 *
 * @throws ArgumentError unless inputs and outputs are integers >= 1, or for an unknown option or dtype
 */
export function ntkDenseParameters(options: NtkDenseOptions): DenseParameters<ArrayValue> {
  checkGivenOptions("ntkDenseParameters", options, ["inputs", "outputs", "stream", "dtype"]);
  const initializer = normalWeights(1);
  return denseParameters({ ...options, initializer, biasInitializer: initializer });
}

/**
 * A dense layer in the NTK parametrization: sigma_w x W / sqrt(inputs) + sigma_b b, whose tangent kernel has a limit
 * for infinitely many inputs.
 * Source: Jacot, Gabriel & Hongler 2018, section 2, with sigma_w = 1 and sigma_b = beta.
 *
 * @param x [..., inputs]
 * @throws ArgumentError unless weightStd > 0 and biasStd >= 0, or for an unknown option
 */
export function ntkDense({ weights, bias }: DenseParameters, x: Tensor, options: NtkScales = {}): Tensor {
  checkOptions("ntkDense", options, ["weightStd", "biasStd"]);
  const { weightStd = 1, biasStd = 0.1 } = options;
  if (!(weightStd > 0 && biasStd >= 0))
    throw new ArgumentError(`weightStd must be > 0 and biasStd >= 0, got ${weightStd} and ${biasStd}`);
  const inputs = Number(weights.shape[0]);
  return add(mul(matmul(x, weights), weightStd / Math.sqrt(inputs)), mul(bias, biasStd));
}
