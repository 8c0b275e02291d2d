import { type ArrayValue, add, convolution, relu, type Tensor } from "@gradus/graph";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { type BatchNormalizationParameters, batchNormalizationParameters } from "../batch-normalization.ts";
import { convolutionParameters } from "../convolution-layer.ts";
import { type DenseParameters, dense, denseParameters } from "../dense.ts";
import { groupNormalization } from "../group-normalization.ts";
import { heNormal, type Initializer } from "../initializers.ts";
import { checkedStart, type StatefulModel } from "../model.ts";
import { globalAveragePool } from "../pooling.ts";
import { normalizations, type RunningStatistics, runningStatistics } from "./normalizations.ts";

/** A convolution without bias, which the normalization after it would cancel. */
type NormalizedConvolution<T> = {
  readonly weights: T;
  readonly normalization: BatchNormalizationParameters<T>;
};

/** The trained parameters of a residual network. */
export type ResNetParameters<T = Tensor> = {
  readonly stem: NormalizedConvolution<T>;
  readonly blocks: readonly {
    readonly first: NormalizedConvolution<T>;
    readonly second: NormalizedConvolution<T>;
    /** One entry if the block changes sizes or channels, otherwise none. */
    readonly shortcut: readonly NormalizedConvolution<T>[];
  }[];
  readonly output: DenseParameters<T>;
};

export interface ResNetOptions {
  /** Channels of an image. */
  readonly channels: number;
  /** Filters and residual blocks of each stage; each stage except the first halves the sizes. */
  readonly stages?: readonly { readonly filters: number; readonly blocks: number }[];
  readonly outputs: number;
  /** Batch normalization, or group normalization, which keeps examples independent of each other. */
  readonly normalization?: "batch" | { readonly groups: number };
  readonly initializer?: Initializer;
}

/**
 * A residual network for small images: a 3x3 convolution, stages of blocks relu(x + f(x)) with two 3x3 convolutions
 * each, global average pooling and a dense layer. The defaults are a ResNet-18 for 32x32 images.
 * Source: He, Zhang, Ren & Sun 2016, section 4.2, with projections where sizes change.
 *
 * @returns a model of x [batch, channels, height, width] whose state is the running statistics, none with groups
 * @throws ArgumentError unless sizes are integers >= 1, or for an unknown option
 */
export function resNet(
  options: ResNetOptions,
): StatefulModel<ResNetParameters<ArrayValue>, RunningStatistics<ArrayValue>> {
  checkGivenOptions("resNet", options, ["channels", "stages", "outputs", "normalization", "initializer"]);
  const {
    channels,
    stages = [64, 128, 256, 512].map((filters) => ({ filters, blocks: 2 })),
    outputs,
    normalization = "batch",
    initializer = heNormal,
  } = options;
  checkPositiveInteger({ channels, outputs });
  stages.forEach((stage, i) => {
    checkOptions(`stages[${i}]`, stage, ["filters", "blocks"]);
    const { filters, blocks } = stage;
    checkPositiveInteger({ [`stages[${i}].filters`]: filters, [`stages[${i}].blocks`]: blocks });
  });
  if (normalization !== "batch") {
    checkOptions("normalization", normalization, ["groups"]);
    checkPositiveInteger({ "normalization.groups": normalization.groups });
  }
  const plan = stages.flatMap(({ filters, blocks }, stage) =>
    Array.from({ length: blocks }, (_, i) => ({ filters, strides: stage > 0 && i === 0 ? 2 : 1 })),
  );
  const width = stages[0].filters;
  const inputsOf = (i: number) => (i === 0 ? width : plan[i - 1].filters);
  const projected = (i: number) => plan[i].strides !== 1 || inputsOf(i) !== plan[i].filters;
  const features = [
    width,
    ...plan.flatMap(({ filters }, i) => new Array<number>(projected(i) ? 3 : 2).fill(filters)),
  ];

  function through(
    parameters: ResNetParameters,
    statistics: RunningStatistics,
    x: Tensor,
    training: boolean,
  ) {
    const { normalize, next } = normalizations(statistics, training);
    const normalized = (p: BatchNormalizationParameters, h: Tensor) =>
      normalization === "batch" ? normalize(p, h) : groupNormalization(p, h, normalization);
    const layer = (
      { weights, normalization: p }: NormalizedConvolution<Tensor>,
      h: Tensor,
      strides: number,
    ) => normalized(p, convolution(h, weights, { strides, padding: weights.shape[2] === 3 ? 1 : 0 }));
    let h = relu(layer(parameters.stem, x, 1));
    parameters.blocks.forEach(({ first, second, shortcut }, i) => {
      const { strides } = plan[i];
      const inner = layer(second, relu(layer(first, h, strides)), 1);
      h = relu(add(inner, shortcut.length > 0 ? layer(shortcut[0], h, strides) : h));
    });
    return { output: dense(parameters.output, globalAveragePool(h)), state: next };
  }

  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("resNet.parameters", start);
      const layer = (name: string, inputs: number, filters: number, size: number) => ({
        weights: convolutionParameters({
          inputs,
          outputs: filters,
          kernel: [size, size],
          stream: stream.split(name),
          initializer,
          dtype,
        }).weights,
        normalization: batchNormalizationParameters(filters, dtype).parameters,
      });
      return {
        stem: layer("stem", channels, width, 3),
        blocks: plan.map(({ filters }, i) => ({
          first: layer(`first ${i}`, inputsOf(i), filters, 3),
          second: layer(`second ${i}`, filters, filters, 3),
          shortcut: projected(i) ? [layer(`shortcut ${i}`, inputsOf(i), filters, 1)] : [],
        })),
        output: denseParameters({
          inputs: inputsOf(plan.length),
          outputs,
          stream: stream.split("output"),
          dtype,
        }),
      };
    },
    state(start) {
      const { dtype } = checkedStart("resNet.state", start);
      return normalization === "batch" ? runningStatistics(features, dtype) : [];
    },
    applyTraining: (parameters, state, x) => through(parameters, state, x, true),
    apply: (parameters, state, x) => through(parameters, state, x, false).output,
  };
}
