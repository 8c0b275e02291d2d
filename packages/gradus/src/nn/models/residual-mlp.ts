import { type ArrayValue, add, type Tensor } from "@gradus/graph";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../activations.ts";
import { type DenseParameters, dense, denseParameters } from "../dense.ts";
import type { Initializer } from "../initializers.ts";
import { checkedStart, type Model } from "../model.ts";
import { type TimeOptions, timeFeatures } from "./time-features.ts";

/** The trained parameters of a residual perceptron. */
export type ResidualMlpParameters<T = Tensor> = {
  readonly first: DenseParameters<T>;
  readonly blocks: readonly {
    readonly inner: DenseParameters<T>;
    /** One entry, from the time features; none without time. */
    readonly time: readonly DenseParameters<T>[];
    readonly outer: DenseParameters<T>;
  }[];
  readonly last: DenseParameters<T>;
};

export interface ResidualMlpOptions {
  readonly inputs: number;
  readonly width: number;
  readonly blocks: number;
  readonly outputs: number;
  readonly activation?: Activation;
  readonly initializer?: Initializer;
  /** If given, the model takes times in addition to its inputs. */
  readonly time?: TimeOptions;
}

/**
 * A perceptron of residual blocks, h + W_2 s(W_1 s(h) + b_1 + V e(t)) + b_2 with activation s and the features e of a
 * time, between an input layer and an output layer.
 * Source: He et al. 2016, without normalization.
 *
 * @returns a model of x [batch, inputs] and, with `time`, of t [batch]
 * @throws ArgumentError unless sizes are integers >= 1, or for an unknown option
 */
export function residualMlp(
  options: ResidualMlpOptions,
): Model<ResidualMlpParameters<ArrayValue>, readonly [x: Tensor, t?: Tensor]> {
  checkGivenOptions("residualMlp", options, [
    "inputs",
    "width",
    "blocks",
    "outputs",
    "activation",
    "initializer",
    "time",
  ]);
  const { inputs, width, blocks, outputs, activation = "silu", initializer, time } = options;
  checkPositiveInteger({ inputs, width, blocks, outputs });
  checkOptions("time", time, ["features", "maxPeriod", "scale"]);
  const s = activationOf(activation);
  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("residualMlp.parameters", start);
      const layer = (name: string, from: number, to: number) =>
        denseParameters({ inputs: from, outputs: to, stream: stream.split(name), initializer, dtype });
      return {
        first: layer("first", inputs, width),
        blocks: Array.from({ length: blocks }, (_, i) => ({
          inner: layer(`inner ${i}`, width, width),
          time: time ? [layer(`time ${i}`, time.features, width)] : [],
          outer: layer(`outer ${i}`, width, width),
        })),
        last: layer("last", width, outputs),
      };
    },
    apply(parameters, x, t) {
      const features = timeFeatures(t, time);
      let h = dense(parameters.first, x);
      for (const { inner, time: fromTime, outer } of parameters.blocks) {
        let z = dense(inner, s(h));
        if (features) z = add(z, dense(fromTime[0], features));
        h = add(h, dense(outer, s(z)));
      }
      return dense(parameters.last, s(h));
    },
  };
}
