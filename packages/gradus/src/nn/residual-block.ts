import { type ArrayValue, add, type FloatType, reshape, type Tensor } from "@gradus/graph";
import { checkGivenOptions } from "../check/options.ts";
import { activationOf } from "./activations.ts";
import { type ConvolutionParameters, convolutionLayer, convolutionParameters } from "./convolution-layer.ts";
import { type DenseParameters, dense, denseParameters } from "./dense.ts";
import {
  type GroupNormalizationParameters,
  groupNormalization,
  groupNormalizationParameters,
} from "./group-normalization.ts";
import type { Initializer, Stream } from "./initializers.ts";

/** The trained parameters of a residual block. */
export type ResidualBlockParameters<T = Tensor> = {
  readonly firstNormalization: GroupNormalizationParameters<T>;
  readonly first: ConvolutionParameters<T>;
  /** One entry, from the features of a condition to the outputs; none without a condition. */
  readonly condition: readonly DenseParameters<T>[];
  readonly secondNormalization: GroupNormalizationParameters<T>;
  readonly second: ConvolutionParameters<T>;
  /** One entry if the numbers of inputs and outputs differ, otherwise none. */
  readonly shortcut: readonly ConvolutionParameters<T>[];
};

export interface ResidualBlockParametersOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Spatial axes, 1 to 3. */
  readonly dimension: number;
  /** Number of features of the block's condition; 0 for none. */
  readonly conditionFeatures: number;
  readonly stream: Stream;
  readonly initializer?: Initializer;
  readonly dtype?: FloatType;
}

/**
 * Initial parameters of a residual block: convolutions from the initializer, with a shortcut if the numbers of channels
 * differ.
 *
 * @throws ArgumentError unless sizes are integers >= 1 and dimension is 1 to 3, or for an unknown option
 */
export function residualBlockParameters(
  options: ResidualBlockParametersOptions,
): ResidualBlockParameters<ArrayValue> {
  checkGivenOptions("residualBlockParameters", options, [
    "inputs",
    "outputs",
    "dimension",
    "conditionFeatures",
    "stream",
    "initializer",
    "dtype",
  ]);
  const { inputs, outputs, dimension, conditionFeatures, stream, initializer, dtype } = options;
  const convolution = (name: string, from: number, size: number) =>
    convolutionParameters({
      inputs: from,
      outputs,
      kernel: new Array<number>(dimension).fill(size),
      stream: stream.split(name),
      initializer,
      dtype,
    });
  const condition = () =>
    denseParameters({
      inputs: conditionFeatures,
      outputs,
      stream: stream.split("condition"),
      initializer,
      dtype,
    });
  return {
    firstNormalization: groupNormalizationParameters(inputs, dtype),
    first: convolution("first", inputs, 3),
    condition: conditionFeatures > 0 ? [condition()] : [],
    secondNormalization: groupNormalizationParameters(outputs, dtype),
    second: convolution("second", outputs, 3),
    shortcut: inputs === outputs ? [] : [convolution("shortcut", inputs, 1)],
  };
}

export interface ResidualBlockOptions {
  readonly groups: number;
  readonly paddingMode?: "zero" | "circular";
}

/**
 * A residual block that preserves sizes: x' + C_2 s(N_2(C_1 s(N_1 x) + D s(e))), with convolutions C of width 3, group
 * normalizations N, s(x) = x sigmoid(x), and the features e of a condition, which a dense layer D adds at every
 * position; x' is x, or its convolution of width 1 if the number of channels changes.
 * Source: He et al. 2016, "Identity mappings in deep residual networks"; with a condition, Ho, Jain & Abbeel 2020,
 * appendix B.
 *
 * @param x [batch, inputs, ...sizes]
 * @param condition [batch, features]
 * @throws ArgumentError unless groups divide the channels, or for an unknown option
 */
export function residualBlock(
  parameters: ResidualBlockParameters,
  x: Tensor,
  condition: Tensor | undefined,
  options: ResidualBlockOptions,
): Tensor {
  checkGivenOptions("residualBlock", options, ["groups", "paddingMode"]);
  const { groups, paddingMode } = options;
  const s = activationOf("silu");
  const same = { padding: "same", paddingMode } as const;
  let h = convolutionLayer(
    parameters.first,
    s(groupNormalization(parameters.firstNormalization, x, { groups })),
    same,
  );
  if (condition) {
    const shift = dense(parameters.condition[0], s(condition));
    h = add(h, reshape(shift, [...shift.shape, ...h.shape.slice(2).map(() => 1)]));
  }
  h = convolutionLayer(
    parameters.second,
    s(groupNormalization(parameters.secondNormalization, h, { groups })),
    same,
  );
  const { shortcut } = parameters;
  return add(shortcut.length > 0 ? convolutionLayer(shortcut[0], x) : x, h);
}
