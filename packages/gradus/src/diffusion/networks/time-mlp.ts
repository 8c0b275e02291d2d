import { type ArrayValue, add, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../../nn/activations.ts";
import { type DenseParameters, dense, denseParameters } from "../../nn/dense.ts";
import type { Initializer } from "../../nn/initializers.ts";
import { checkedStart, type Model } from "../../nn/model.ts";
import { type SinusoidalEmbeddingOptions, sinusoidalEmbedding } from "../../nn/time-embedding.ts";

/** The trained parameters of a perceptron with times. */
export type TimeMlpParameters<T = Tensor> = {
  /** From the features of a time to the first hidden layer. */
  readonly time: DenseParameters<T>;
  /** From the input to the output. */
  readonly layers: readonly DenseParameters<T>[];
};

export interface TimeMlpOptions {
  readonly inputs: number;
  /** Widths of the hidden layers; three of 128 by default. */
  readonly hidden?: readonly number[];
  readonly outputs?: number;
  readonly activation?: Activation;
  readonly initializer?: Initializer;
  /** Features of a time, as `sinusoidalEmbedding` makes them. */
  readonly time?: SinusoidalEmbeddingOptions;
}

/** Wavelengths from 2 to 42 logarithmic units of a ratio of noise to signal. */
export const logRatioFeatures: SinusoidalEmbeddingOptions = { dimension: 16, maxPeriod: 20, scale: 3 };

/**
 * A multilayer perceptron of points and times: dense layers with an activation after each except the last, where the
 * first hidden layer is s(W x + b + V e(t)) with features e of the time.
 *
 * @returns a model of x [batch, inputs] and t [batch] or [1]
 * @throws ArgumentError unless widths are integers >= 1 and there is a hidden layer, for an unknown option or activation,
 *   or, when it is applied, for points of another size
 */
export function timeMlp(
  options: TimeMlpOptions,
): Model<TimeMlpParameters<ArrayValue>, readonly [x: Tensor, t: Tensor]> {
  checkGivenOptions("timeMlp", options, ["inputs", "hidden", "outputs", "activation", "initializer", "time"]);
  const { inputs, hidden = [128, 128, 128], outputs = inputs, activation = "silu", initializer } = options;
  const { time = logRatioFeatures } = options;
  checkPositiveInteger({ inputs, outputs });
  if (hidden.length === 0) throw new ArgumentError("hidden must have at least one width, got none");
  checkPositiveInteger(Object.fromEntries(hidden.map((width, i) => [`hidden[${i}]`, width])));
  const widths = [inputs, ...hidden, outputs];
  const s = activationOf(activation);
  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("timeMlp.parameters", start);
      const layer = (label: string | number, from: number, to: number) =>
        denseParameters({ inputs: from, outputs: to, stream: stream.split(label), initializer, dtype });
      return {
        time: layer("time", time.dimension, hidden[0]),
        layers: widths.slice(1).map((width, i) => layer(i, widths[i], width)),
      };
    },
    apply({ time: fromTime, layers }, x, t) {
      const numbers = x.shape.slice(1);
      if (numbers.length !== 1 || numbers[0] !== inputs)
        throw new ArgumentError(
          `timeMlp takes points [batch, ${inputs}], got [${x.shape.join(", ")}]; ${
            numbers.length === 1
              ? `make it with inputs: ${numbers[0]}`
              : "give the data as the rows of a matrix, or take a network of images, such as uNet"
          }`,
        );
      const first = s(add(dense(layers[0], x), dense(fromTime, sinusoidalEmbedding(t, time))));
      return layers
        .slice(1)
        .reduce((h, layer, i) => (i < hidden.length - 1 ? s : (z: Tensor) => z)(dense(layer, h)), first);
    },
  };
}
