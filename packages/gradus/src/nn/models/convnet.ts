import { type ArrayValue, averagePool, full, maxPool, type Tensor } from "@gradus/graph";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf, checkOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../activations.ts";
import {
  type ConvolutionLayerOptions,
  type ConvolutionParameters,
  convolutionLayer,
  convolutionParameters,
} from "../convolution-layer.ts";
import type { Initializer } from "../initializers.ts";
import { checkedStart, type Model } from "../model.ts";
import { flatten } from "../pooling.ts";
import { type MlpParameters, mlp } from "./mlp.ts";

/** A convolution and the activation, followed by pooling over tiles of size `pool` if that is given. */
export interface ConvolutionStage
  extends Pick<ConvolutionLayerOptions, "padding" | "paddingMode" | "strides"> {
  readonly filters: number;
  /** Size of the kernel along every axis. */
  readonly kernel: number;
  readonly pool?: number;
}

/** The trained parameters of a convolutional network. */
export type ConvnetParameters<T = Tensor> = {
  readonly stages: readonly ConvolutionParameters<T>[];
  readonly head: MlpParameters<T>;
};

export interface ConvnetOptions {
  /** Shape of an example: channels and 1 to 3 sizes. */
  readonly input: readonly number[];
  readonly stages: readonly ConvolutionStage[];
  /** Widths of the dense hidden layers after the stages. */
  readonly hidden?: readonly number[];
  readonly outputs: number;
  readonly activation?: Activation;
  readonly pooling?: "max" | "average";
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/**
 * A convolutional network for images (or signals, or volumes): stages of convolution, activation and pooling, then
 * dense layers. LeNet-5 is `{ input: [1, 28, 28], stages: [{ filters: 6, kernel: 5, padding: 2, pool: 2 },
 * { filters: 16, kernel: 5, pool: 2 }], hidden: [120, 84], outputs: 10 }`.
 * Source: LeCun, Bottou, Bengio & Haffner 1998.
 *
 * @returns a model of x [batch, ...input]
 * @throws ArgumentError unless sizes are integers >= 1, or for an unknown option, activation or pooling
 * @throws ShapeError when a kernel or a tile does not fit
 */
export function convnet(options: ConvnetOptions): Model<ConvnetParameters<ArrayValue>> {
  checkGivenOptions("convnet", options, [
    "input",
    "stages",
    "hidden",
    "outputs",
    "activation",
    "pooling",
    "initializer",
    "biasInitializer",
  ]);
  const {
    input,
    stages,
    hidden = [],
    outputs,
    activation = "relu",
    pooling = "max",
    initializer,
    biasInitializer,
  } = options;
  checkOneOf(["max", "average"], { pooling });
  stages.forEach((stage, i) => {
    checkOptions(`stages[${i}]`, stage, ["filters", "kernel", "pool", "padding", "paddingMode", "strides"]);
  });
  checkPositiveInteger(Object.fromEntries(input.map((size, i) => [`input[${i}]`, size])));
  const rank = input.length - 1;
  const s = activationOf(activation);
  const kernelOf = ({ kernel }: ConvolutionStage) => new Array<number>(rank).fill(kernel);
  const channels = [input[0], ...stages.map(({ filters }) => filters)];
  const through = (parameters: readonly ConvolutionParameters[], x: Tensor) =>
    stages.reduce((h, { pool, padding, paddingMode, strides }, i) => {
      const y = s(convolutionLayer(parameters[i], h, { padding, paddingMode, strides }));
      if (pool === undefined) return y;
      return (pooling === "max" ? maxPool : averagePool)(y, { size: new Array<number>(rank).fill(pool) });
    }, x);
  // The output shape of the stages, from tracing a pass over zeros.
  const zeros = stages.map((stage, i) => ({
    weights: full([stage.filters, channels[i], ...kernelOf(stage)], 0, "f32"),
    bias: full([stage.filters], 0, "f32"),
  }));
  const features = Number(flatten(through(zeros, full([1, ...input], 0, "f32"))).shape[1]);
  const head = mlp({ inputs: features, hidden, outputs, activation, initializer, biasInitializer });
  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("convnet.parameters", start);
      return {
        stages: stages.map((stage, i) =>
          convolutionParameters({
            inputs: channels[i],
            outputs: stage.filters,
            kernel: kernelOf(stage),
            stream: stream.split(i),
            initializer,
            biasInitializer,
            dtype,
          }),
        ),
        head: head.parameters({ stream: stream.split("head"), dtype }),
      };
    },
    apply: (parameters, x) => head.apply(parameters.head, flatten(through(parameters.stages, x))),
  };
}
