import {
  type ArrayValue,
  array,
  concat,
  constant,
  cos,
  type FloatType,
  matmul,
  mul,
  reshape,
  sin,
  type Tensor,
} from "@gradus/graph";
import { zerosOf } from "../check/arrays.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import type { Stream } from "./initializers.ts";

export interface SinusoidalEmbeddingOptions {
  /** Number of features per time: half of them sines, half cosines. */
  readonly dimension: number;
  /** The longest wavelength is 2 pi maxPeriod; the shortest is 2 pi. */
  readonly maxPeriod?: number;
  /** Factor s of the times: 1000 for times in [0, 1] where a paper counts 1000 steps. */
  readonly scale?: number;
}

/**
 * Times as sines and cosines with frequencies in geometric progression from 1 to 1/maxPeriod:
 *
 *     [sin(w_k s t), cos(w_k s t)],   w_k = maxPeriod^(-k / (h - 1)),   k = 0 .. h - 1,   h = dimension / 2.
 *
 * Source: Vaswani et al. 2017, section 3.5; order and exponent as in Ho, Jain & Abbeel 2020.
 *
 * @param t [batch], in f32 or f64
 * @returns [batch, dimension]
 * @throws ArgumentError unless dimension is an even number >= 4 and t has one dimension, or for an unknown option
 */
export function sinusoidalEmbedding(t: Tensor, options: SinusoidalEmbeddingOptions): Tensor {
  checkGivenOptions("sinusoidalEmbedding", options, ["dimension", "maxPeriod", "scale"]);
  const { dimension, maxPeriod = 10_000, scale = 1 } = options;
  if (!Number.isInteger(dimension) || dimension < 4 || dimension % 2 !== 0)
    throw new ArgumentError(`dimension must be an even number >= 4, got ${dimension}`);
  if (t.shape.length !== 1) throw new ArgumentError(`t must have one dimension, got [${t.shape.join(", ")}]`);
  const half = dimension / 2;
  const frequencies = Array.from({ length: half }, (_, k) => scale * maxPeriod ** (-k / (half - 1)));
  const row = t.dtype === "f32" ? Float32Array.from(frequencies) : Float64Array.from(frequencies);
  const angles = mul(reshape(t, [t.shape[0], 1]), constant(row, [1, half]));
  return concat([sin(angles), cos(angles)], { axis: 1 });
}

export interface FourierFrequenciesOptions {
  readonly inputs: number;
  /** Number of frequencies, half the number of features. */
  readonly count: number;
  /** Standard deviation of a frequency. */
  readonly deviation: number;
  readonly stream: Stream;
  readonly dtype?: FloatType;
}

/**
 * Random frequencies [inputs, count], normal with mean 0.
 *
 * @throws ArgumentError unless inputs and count are integers >= 1 and deviation > 0, or for an unknown option or dtype
 */
export function fourierFrequencies(options: FourierFrequenciesOptions): ArrayValue {
  checkGivenOptions("fourierFrequencies", options, ["inputs", "count", "deviation", "stream", "dtype"]);
  const { inputs, count, deviation, stream, dtype = "f32" } = options;
  checkPositiveInteger({ inputs, count });
  checkOneOf(["f32", "f64"], { dtype });
  if (!(deviation > 0)) throw new ArgumentError(`deviation must be > 0, got ${deviation}`);
  const data = zerosOf({ inputs, count }, dtype);
  for (let i = 0; i < data.length; i++) data[i] = deviation * stream.normal();
  return array(data, [inputs, count]);
}

/**
 * Gaussian Fourier features [sin(2 pi x B), cos(2 pi x B)]. To keep the frequencies fixed in training, pass them as a
 * constant or an input rather than as parameters.
 * Source: Rahimi & Recht 2007; Tancik et al. 2020.
 *
 * @param x [..., inputs]
 * @param frequencies B [inputs, count]
 * @returns [..., 2 count]
 */
export function fourierFeatures(x: Tensor, frequencies: Tensor): Tensor {
  const angles = mul(matmul(x, frequencies), 2 * Math.PI);
  return concat([sin(angles), cos(angles)], { axis: -1 });
}
