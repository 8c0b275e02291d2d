import { type ArrayValue, maxPool, relu, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type BatchNormalizationParameters, batchNormalizationParameters } from "../batch-normalization.ts";
import { type ConvolutionParameters, convolutionLayer, convolutionParameters } from "../convolution-layer.ts";
import { type DenseParameters, dense, denseParameters } from "../dense.ts";
import { type DropoutState, dropout, dropoutState, nextDropoutState } from "../dropout.ts";
import { heNormal, type Initializer } from "../initializers.ts";
import { checkedStart, type StatefulModel } from "../model.ts";
import { flatten } from "../pooling.ts";
import { normalizations, type RunningStatistics, runningStatistics } from "./normalizations.ts";

type Block<T> = {
  readonly convolution: ConvolutionParameters<T>;
  readonly normalization: BatchNormalizationParameters<T>;
};

/** The trained parameters of a VGG network. */
export type VggParameters<T = Tensor> = {
  readonly stages: readonly (readonly Block<T>[])[];
  readonly hidden: readonly DenseParameters<T>[];
  readonly output: DenseParameters<T>;
};

/** The state of a VGG network. */
export type VggState<T = Tensor> = {
  readonly statistics: RunningStatistics<T>;
  readonly dropout: DropoutState<T>;
};

export interface VggOptions {
  /** Shape of an image; each stage halves its height and width. */
  readonly input: readonly [channels: number, height: number, width: number];
  /** Filters of the convolutions of each stage. */
  readonly stages: readonly (readonly number[])[];
  /** Widths of the dense hidden layers. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  /** The probability that a unit is dropped after each stage and each hidden layer. */
  readonly dropoutRate?: number;
  readonly initializer?: Initializer;
}

/**
 * A VGG network: stages of 3x3 convolutions, each followed by ReLU and batch normalization, with 2x2 max pooling at the
 * end of a stage; then dense layers with ReLU; with dropout after stages and hidden layers.
 * Source: after Simonyan & Zisserman 2015.
 *
 * @returns a model of x [batch, ...input] whose state is the running statistics and dropout's counter
 * @throws ArgumentError unless sizes are integers >= 1 and divisible by 2 to the number of stages, or for an unknown
 *   option
 */
export function vgg(options: VggOptions): StatefulModel<VggParameters<ArrayValue>, VggState<ArrayValue>> {
  checkGivenOptions("vgg", options, ["input", "stages", "hidden", "outputs", "dropoutRate", "initializer"]);
  const { input, stages, hidden, outputs, dropoutRate = 0.25, initializer = heNormal } = options;
  const [channels, height, width] = input;
  checkPositiveInteger({ "input[0]": channels, "input[1]": height, "input[2]": width, outputs });
  const tile = 2 ** stages.length;
  if (height % tile !== 0 || width % tile !== 0)
    throw new ArgumentError(
      `input must be divisible by ${tile} for ${stages.length} stages, got ${height} x ${width}`,
    );
  const filters = stages.flat();
  const last = filters.at(-1) ?? channels;
  const widths = [(last * height * width) / tile ** 2, ...hidden];

  function through(parameters: VggParameters, state: VggState, x: Tensor, training: boolean) {
    const { normalize, next } = normalizations(state.statistics, training);
    let drops = 0;
    const drop = (h: Tensor) =>
      training ? dropout(state.dropout, h, { rate: dropoutRate, seed: drops++ }) : h;
    let h = x;
    for (const stage of parameters.stages) {
      for (const { convolution, normalization } of stage)
        h = normalize(normalization, relu(convolutionLayer(convolution, h, { padding: 1 })));
      h = drop(maxPool(h, { size: [2, 2] }));
    }
    h = flatten(h);
    for (const layer of parameters.hidden) h = drop(relu(dense(layer, h)));
    return {
      output: dense(parameters.output, h),
      state: { statistics: next, dropout: nextDropoutState(state.dropout) },
    };
  }

  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("vgg.parameters", start);
      let inputs = channels;
      let index = 0;
      const block = (count: number): Block<ArrayValue> => {
        const convolution = convolutionParameters({
          inputs,
          outputs: count,
          kernel: [3, 3],
          stream: stream.split(`convolution ${index++}`),
          initializer,
          dtype,
        });
        inputs = count;
        return { convolution, normalization: batchNormalizationParameters(count, dtype).parameters };
      };
      const layer = (i: number, to: number) =>
        denseParameters({
          inputs: widths[i],
          outputs: to,
          stream: stream.split(`dense ${i}`),
          initializer,
          dtype,
        });
      return {
        stages: stages.map((stage) => stage.map(block)),
        hidden: hidden.map((to, i) => layer(i, to)),
        output: layer(hidden.length, outputs),
      };
    },
    state(start) {
      const { stream, dtype } = checkedStart("vgg.state", start);
      return {
        statistics: runningStatistics(filters, dtype),
        dropout: dropoutState(stream.split("dropout")),
      };
    },
    applyTraining: (parameters, state, x) => through(parameters, state, x, true),
    apply: (parameters, state, x) => through(parameters, state, x, false).output,
  };
}
