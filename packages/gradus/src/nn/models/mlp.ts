import type { ArrayValue, Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../activations.ts";
import { type DenseParameters, dense, denseParameters } from "../dense.ts";
import type { Initializer } from "../initializers.ts";
import { checkedStart, type Model } from "../model.ts";
import { type NtkScales, ntkDense, ntkDenseParameters } from "../ntk-dense.ts";

/** The trained parameters of a multilayer perceptron. */
export type MlpParameters<T = Tensor> = {
  /** From the input to the output. */
  readonly layers: readonly DenseParameters<T>[];
};

export interface MlpOptions {
  readonly inputs: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  /** The activation after each hidden layer. */
  readonly activation?: Activation;
  /** The activation after the last layer. */
  readonly outputActivation?: Activation;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
  /** Use the NTK parametrization with these scales, which has its own initialization. */
  readonly ntk?: NtkScales;
}

/**
 * A multilayer perceptron: dense layers with an activation after each except the last, [..., inputs] to [..., outputs].
 *
 * @throws ArgumentError unless widths are integers >= 1, for an initializer together with `ntk`, or for an unknown
 *   option or activation
 */
export function mlp(options: MlpOptions): Model<MlpParameters<ArrayValue>> {
  checkGivenOptions("mlp", options, [
    "inputs",
    "hidden",
    "outputs",
    "activation",
    "outputActivation",
    "initializer",
    "biasInitializer",
    "ntk",
  ]);
  const {
    inputs,
    hidden,
    outputs,
    activation = "relu",
    outputActivation = "identity",
    initializer,
    biasInitializer,
    ntk,
  } = options;
  checkOptions("ntk", ntk, ["weightStd", "biasStd"]);
  const widths = [inputs, ...hidden, outputs];
  checkPositiveInteger({ inputs, outputs });
  checkPositiveInteger(Object.fromEntries(hidden.map((width, i) => [`hidden[${i}]`, width])));
  if (ntk && (initializer || biasInitializer))
    throw new ArgumentError(
      "ntk initializes weights and biases from the standard normal distribution; leave out the initializer",
    );
  const [between, last] = [activationOf(activation), activationOf(outputActivation)];
  const layer = (parameters: DenseParameters, x: Tensor) =>
    ntk ? ntkDense(parameters, x, ntk) : dense(parameters, x);
  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("mlp.parameters", start);
      const layers = hidden.concat(outputs).map((width, i) => {
        const sizes = { inputs: widths[i], outputs: width, stream: stream.split(i), dtype };
        return ntk ? ntkDenseParameters(sizes) : denseParameters({ ...sizes, initializer, biasInitializer });
      });
      return { layers };
    },
    apply: ({ layers }, x) =>
      layers.reduce((h, parameters, i) => (i < hidden.length ? between : last)(layer(parameters, h)), x),
  };
}
