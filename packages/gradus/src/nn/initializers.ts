import { type ArrayValue, array, type FloatType } from "@gradus/graph";
import { checkPositive } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf, checkOptions } from "../check/options.ts";
import type { randomStream } from "../random/stream.ts";
import { zerosOfShape } from "./filled-array.ts";

/** A seeded stream from `randomStream`. */
export type Stream = ReturnType<typeof randomStream>;

/** The weights that an initializer fills. */
export interface Weights {
  readonly shape: readonly number[];
  /** Number of inputs that contribute to an output. */
  readonly fanIn: number;
  /** Number of outputs to which an input contributes. */
  readonly fanOut: number;
  readonly dtype: FloatType;
}

/** Draws an array of weights from a stream. */
export type Initializer = (stream: Stream, weights: Weights) => ArrayValue;

function filled({ shape, dtype }: Weights, next: () => number): ArrayValue {
  const data = zerosOfShape(shape, dtype);
  for (let i = 0; i < data.length; i++) data[i] = next();
  return array(data, shape);
}

export interface VarianceScalingOptions {
  readonly scale: number;
  /** The divisor of the variance: fanIn, fanOut, or their mean. */
  readonly fan: "in" | "out" | "average";
  /** "truncatedNormal" is a normal distribution truncated at two standard deviations, rescaled to the variance. */
  readonly distribution: "normal" | "truncatedNormal" | "uniform";
}

/** The standard deviation of the standard normal distribution truncated to [-2, 2]. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

function scaled({ scale, fan, distribution }: VarianceScalingOptions): Initializer {
  return (stream, weights) => {
    const { fanIn, fanOut } = weights;
    const count = fan === "in" ? fanIn : fan === "out" ? fanOut : (fanIn + fanOut) / 2;
    const deviation = Math.sqrt(scale / count);
    if (distribution === "normal") return filled(weights, () => deviation * stream.normal());
    if (distribution === "uniform") {
      const limit = Math.sqrt((3 * scale) / count);
      return filled(weights, () => stream.uniform(-limit, limit));
    }
    return filled(weights, () => (deviation / TRUNCATED_DEVIATION) * stream.truncatedNormal(-2, 2));
  };
}

/**
 * Weights with mean 0 and variance scale / fan.
 *
 * @throws ArgumentError unless scale is finite and > 0, or for an unknown option, fan or distribution
 */
export function varianceScaling(options: VarianceScalingOptions): Initializer {
  checkGivenOptions("varianceScaling", options, ["scale", "fan", "distribution"]);
  const { scale, fan, distribution } = options;
  checkPositive({ scale });
  checkOneOf(["in", "out", "average"], { fan });
  checkOneOf(["normal", "truncatedNormal", "uniform"], { distribution });
  return scaled(options);
}

/** Normal with variance 2/fanIn, for ReLUs (He et al. 2015, eq. 10). */
export const heNormal = /* @__PURE__ */ scaled({ scale: 2, fan: "in", distribution: "normal" });
/** Uniform with variance 2/fanIn. */
export const heUniform = /* @__PURE__ */ scaled({ scale: 2, fan: "in", distribution: "uniform" });
/** Normal with variance 2/(fanIn + fanOut) (Glorot & Bengio 2010, eq. 12). */
export const glorotNormal = /* @__PURE__ */ scaled({ scale: 1, fan: "average", distribution: "normal" });
/** Glorot's variance, normal without what lies beyond two standard deviations: TensorFlow's `glorot_normal`. */
export const truncatedGlorotNormal = /* @__PURE__ */ scaled({
  scale: 1,
  fan: "average",
  distribution: "truncatedNormal",
});
/** Uniform with variance 2/(fanIn + fanOut) (Glorot & Bengio 2010, eq. 16). */
export const glorotUniform = /* @__PURE__ */ scaled({ scale: 1, fan: "average", distribution: "uniform" });
/** Normal with variance 1/fanIn (LeCun, Bottou, Orr & Müller 1998, eq. 16). */
export const lecunNormal = /* @__PURE__ */ scaled({ scale: 1, fan: "in", distribution: "normal" });
/** Uniform with variance 1/fanIn. */
export const lecunUniform = /* @__PURE__ */ scaled({ scale: 1, fan: "in", distribution: "uniform" });

/** Normal with the given standard deviation, independent of the fans. */
export function normalWeights(deviation: number): Initializer {
  checkPositive({ deviation });
  return (stream, weights) => filled(weights, () => deviation * stream.normal());
}

/** Uniform on [-1, 1]/sqrt(fanIn), for weights and biases. */
export const uniformByInputs = /* @__PURE__ */ scaled({ scale: 1 / 3, fan: "in", distribution: "uniform" });

/**
 * `gain` times a random matrix with orthonormal rows or columns (whichever are fewer). A convolution kernel is treated
 * as a matrix from the receptive field of an output to the outputs.
 * Source: Saxe, McClelland & Ganguli 2014.
 *
 * @throws ArgumentError unless gain is finite and > 0, or for an unknown option
 */
export function orthogonalWeights(options: { readonly gain?: number } = {}): Initializer {
  checkOptions("orthogonalWeights", options, ["gain"]);
  const { gain = 1 } = options;
  checkPositive({ gain });
  return (stream, weights) => {
    const [rows, ...rest] = weights.shape;
    const { values: frame } = stream.orthogonal(
      rows,
      rest.reduce((product, size) => product * size, 1),
    );
    let at = 0;
    return filled(weights, () => gain * frame[at++]);
  };
}

/** All weights equal to `value`. */
export function constantWeights(value: number): Initializer {
  return (_, weights) => filled(weights, () => value);
}

/** All weights 0: the layer's output initially does not depend on its input. */
export const zeroWeights = /* @__PURE__ */ constantWeights(0);
