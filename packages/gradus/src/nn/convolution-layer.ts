import {
  type ArrayValue,
  add,
  type ConvolutionOptions,
  type ConvolutionTransposeOptions,
  convolution,
  convolutionTranspose,
  type FloatType,
  reshape,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { glorotUniform, type Initializer, type Stream, zeroWeights } from "./initializers.ts";

/** The trained parameters of a convolution. */
export type ConvolutionParameters<T = Tensor> = {
  /** [outputs, inputs / groups, ...kernel]; for a transposed convolution [inputs, outputs / groups, ...kernel]. */
  readonly weights: T;
  /** [outputs] */
  readonly bias: T;
};

export interface ConvolutionParametersOptions {
  /** Channels of the input. */
  readonly inputs: number;
  /** Channels of the output. */
  readonly outputs: number;
  /** Sizes of the kernel, one per spatial axis (1 to 3). */
  readonly kernel: readonly number[];
  readonly groups?: number;
  readonly stream: Stream;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
  readonly dtype?: FloatType;
}

function parametersOf(
  of: string,
  options: ConvolutionParametersOptions,
  channels: readonly [first: number, second: number],
): ConvolutionParameters<ArrayValue> {
  checkOptions(of, options, [
    "inputs",
    "outputs",
    "kernel",
    "groups",
    "stream",
    "initializer",
    "biasInitializer",
    "dtype",
  ]);
  const {
    inputs,
    outputs,
    kernel,
    groups = 1,
    stream,
    initializer = glorotUniform,
    biasInitializer = zeroWeights,
    dtype = "f32",
  } = options;
  checkOneOf(["f32", "f64"], { dtype });
  checkPositiveInteger({ inputs, outputs, groups });
  checkPositiveInteger(Object.fromEntries(kernel.map((size, i) => [`kernel[${i}]`, size])));
  if (kernel.length < 1 || kernel.length > 3)
    throw new ArgumentError(`kernel must have 1 to 3 sizes, got ${kernel.length}`);
  if (inputs % groups !== 0 || outputs % groups !== 0)
    throw new ArgumentError(`groups must divide inputs and outputs, got ${groups}, ${inputs} and ${outputs}`);
  const places = kernel.reduce((product, size) => product * size, 1);
  const fans = { fanIn: (inputs / groups) * places, fanOut: (outputs / groups) * places, dtype };
  return {
    weights: initializer(stream, { shape: [...channels, ...kernel], ...fans }),
    bias: biasInitializer(stream, { shape: [outputs], ...fans }),
  };
}

/**
 * Initial parameters of a convolution: weights from the initializer, with a fan-in of inputs / groups channels times
 * the size of the kernel; bias 0 unless it has its own initializer.
 *
 * @throws ArgumentError unless sizes are integers >= 1 and groups divide the channels, or for an unknown option or
 *   dtype
 */
export function convolutionParameters(
  options: ConvolutionParametersOptions,
): ConvolutionParameters<ArrayValue> {
  return parametersOf("convolutionParameters", options, [
    options.outputs,
    options.inputs / (options.groups ?? 1),
  ]);
}

/**
 * Initial parameters of a transposed convolution.
 *
 * @throws ArgumentError as `convolutionParameters`
 */
export function convolutionTransposeParameters(
  options: ConvolutionParametersOptions,
): ConvolutionParameters<ArrayValue> {
  return parametersOf("convolutionTransposeParameters", options, [
    options.inputs,
    options.outputs / (options.groups ?? 1),
  ]);
}

/** y [batch, channels, ...sizes] plus one number per channel, [channels]. */
function withBias(y: Tensor, bias: Tensor, rank: number): Tensor {
  return add(y, reshape(bias, [bias.shape[0], ...new Array<number>(rank).fill(1)]));
}

export interface ConvolutionLayerOptions extends Omit<ConvolutionOptions, "padding"> {
  /** "same" pads to ceil(size / stride) output entries; an odd amount has the extra entry at the end. */
  readonly padding?: ConvolutionOptions["padding"] | "same";
}

/** The padding with which every stride starts a window. */
function samePadding(
  x: Tensor,
  kernel: readonly number[],
  { strides = 1, dilations = 1 }: ConvolutionLayerOptions,
) {
  const sizes = x.shape.slice(-kernel.length);
  const along = (values: number | readonly number[], axis: number) =>
    typeof values === "number" ? values : values[axis];
  return kernel.map((places, axis): [number, number] => {
    const size = sizes[axis];
    if (typeof size !== "number")
      throw new ArgumentError(`padding "same" needs sizes known at trace time, got [${x.shape.join(", ")}]`);
    const stride = along(strides, axis);
    const reach = (Math.ceil(size / stride) - 1) * stride + along(dilations, axis) * (places - 1) + 1;
    const total = Math.max(0, reach - size);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

/**
 * Convolution over 1 to 3 spatial axes plus a bias per channel: [batch, inputs, ...sizes] to
 * [batch, outputs, ...sizes], with strides, dilations, groups, zero, circular or "same" padding.
 *
 * @throws ArgumentError for an unknown option
 * @throws ShapeError when channels do not match, or no window fits
 */
export function convolutionLayer(
  { weights, bias }: ConvolutionParameters,
  x: Tensor,
  options: ConvolutionLayerOptions = {},
): Tensor {
  checkOptions("convolutionLayer", options, ["strides", "dilations", "groups", "padding", "paddingMode"]);
  const kernel = weights.shape.slice(2).map(Number);
  const padding = options.padding === "same" ? samePadding(x, kernel, options) : options.padding;
  return withBias(convolution(x, weights, { ...options, padding }), bias, kernel.length);
}

/**
 * Transposed convolution over 1 to 3 spatial axes plus a bias per channel: stride s makes sizes about s times as large.
 *
 * @throws ArgumentError for an unknown option
 * @throws ShapeError when channels do not match or the padding leaves no output
 */
export function convolutionTransposeLayer(
  { weights, bias }: ConvolutionParameters,
  x: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  checkOptions("convolutionTransposeLayer", options, [
    "strides",
    "dilations",
    "groups",
    "padding",
    "outputPadding",
  ]);
  return withBias(convolutionTranspose(x, weights, options), bias, weights.shape.length - 2);
}
