import { add, array, exportOnnx, f32, f64, matmul, relu, sub } from "@gradus/graph";
import { checkFiniteVector, checkLength, firstBeyondSingle } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { checkObject } from "./check.ts";
import { checkNetwork, type ReluNetwork } from "./network.ts";

export interface NetworkToOnnxOptions {
  /** A standardization (x - mean) / scale of the training inputs: the file then takes raw inputs. */
  readonly standardization?: { readonly mean: ArrayLike<number>; readonly scale: ArrayLike<number> };
  readonly dtype?: "f32" | "f64";
  /** For people. */
  readonly description?: string;
}

/**
 * Weights and biases that do to raw inputs less their center what the network does to standardized ones. The center is the
 * mean as the file's numbers have it: folded into the biases, a mean of many scales would take their digits.
 */
function unscaled(
  { hidden, biases }: ReluNetwork,
  { mean, center, scale }: Record<"mean" | "center" | "scale", ArrayLike<number>>,
) {
  const m = hidden.columns;
  const shifted = biases.slice();
  const weights = hidden.values.map((weight, at) => {
    const i = Math.floor(at / m);
    const scaled = weight / scale[i];
    shifted[at % m] -= (mean[i] - center[i]) * scaled;
    return scaled;
  });
  return { weights, biases: shifted };
}

/**
 * An ONNX model of a network: input `x` [batch, d], output `outputs` [batch, 1].
 *
 * @throws ArgumentError when an option does not fit, or a scale is 0
 * @throws DataError naming the place of a number that is not finite, or a mean or a weight over a scale that float32 does
 *   not hold
 */
export function networkToOnnx(
  network: ReluNetwork,
  options: NetworkToOnnxOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("networkToOnnx", options, ["standardization", "dtype", "description"]);
  const { standardization, dtype = "f32", description = "A two-layer ReLU network" } = options;
  checkOneOf(["f32", "f64"], { dtype });
  checkNetwork(network);
  const { rows: d, columns: m } = network.hidden;
  if (standardization !== undefined) checkObject("standardization", standardization, "{ mean, scale }");
  const { mean, scale } = standardization ?? {
    mean: new Float64Array(d),
    scale: new Float64Array(d).fill(1),
  };
  for (const [name, values] of [
    ["mean", mean],
    ["scale", scale],
  ] as const) {
    checkLength(`standardization.${name}`, values, d);
    checkFiniteVector(`standardization.${name}`, values);
  }
  for (let i = 0; i < d; i++)
    if (scale[i] === 0) throw new ArgumentError(`standardization.scale must not be 0, got 0 at index ${i}`);
  const center = Float64Array.from(mean, (value) => (dtype === "f32" ? Math.fround(value) : value));
  const { weights, biases } = unscaled(network, { mean, center, scale });
  const centered = center.some((value) => value !== 0);
  for (const [name, values] of Object.entries({ center, weights, biases, outputs: network.outputs })) {
    const k = dtype === "f32" ? firstBeyondSingle(values) : -1;
    if (k >= 0)
      throw new DataError(
        `${name} of raw inputs must be within ±3.4e38, the range of float32, got ${values[k]} at index ${k}; use dtype "f64"`,
      );
  }
  const numbers = (values: Float64Array, shape: readonly number[]) =>
    array(dtype === "f32" ? Float32Array.from(values) : values, shape);
  return exportOnnx(
    (given) => {
      const x = given.center ? sub(given.x, given.center) : given.x;
      return { outputs: matmul(relu(add(matmul(x, given.hidden), given.biases)), given.weights) };
    },
    { x: (dtype === "f32" ? f32 : f64)("batch", d) },
    {
      constants: {
        ...(centered && { center: numbers(center, [d]) }),
        hidden: numbers(weights, [d, m]),
        biases: numbers(biases, [m]),
        weights: numbers(network.outputs, [m, 1]),
      },
      description,
    },
  );
}
