import { type ArrayValue, add, concat, expandDims, matmul, split, squeeze, type Tensor } from "@gradus/graph";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../../nn/activations.ts";
import { dense } from "../../nn/dense.ts";
import { type Initializer, truncatedGlorotNormal } from "../../nn/initializers.ts";
import { type MlpParameters, mlp } from "../../nn/models/mlp.ts";
import type { OperatorNetwork } from "./operator-network.ts";

export interface ConcatenatedNetworkOptions {
  /** m. */
  readonly sensors: number;
  /** d, the coordinates of a location. */
  readonly dimension?: number;
  /** Widths of the hidden layers. */
  readonly hidden?: readonly number[];
  readonly activation?: Activation;
  readonly initializer?: Initializer;
}

/**
 * The fully connected baseline: a multilayer perceptron on the sensors' values and a location together, [u(x_1), ..,
 * u(x_m), y]. On a grid, the part of its first layer that sees u is computed once a function.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 4.1.1.
 *
 * @throws ArgumentError unless sizes are integers >= 1, or for an unknown option or activation
 */
export function concatenatedNetwork(
  options: ConcatenatedNetworkOptions,
): OperatorNetwork<MlpParameters<ArrayValue>> {
  checkGivenOptions("concatenatedNetwork", options, [
    "sensors",
    "dimension",
    "hidden",
    "activation",
    "initializer",
  ]);
  const {
    sensors,
    dimension = 1,
    hidden = [40, 40],
    activation = "relu",
    initializer = truncatedGlorotNormal,
  } = options;
  checkPositiveInteger({ sensors, dimension, hidden: hidden.length });
  const network = mlp({ inputs: sensors + dimension, hidden, outputs: 1, activation, initializer });
  const act = activationOf(activation);

  /** The layers behind the first, whose sums are u-part [n, 1, w] + y-part [.., P, w]. */
  function onSums({ layers }: MlpParameters, u: Tensor, y: Tensor): Tensor {
    const [first, ...rest] = layers;
    const [ofSensors, ofLocation] = split(first.weights, [sensors, dimension], { axis: 0 });
    const sums = add(expandDims(add(matmul(u, ofSensors), first.bias), 1), matmul(y, ofLocation));
    const h = rest.reduce((x, layer) => dense(layer, act(x)), sums);
    return squeeze(h, 2);
  }

  return {
    sensors,
    dimension,
    outputs: 1,
    parameters: (start) => network.parameters(start),
    applyGrid: (parameters, u, y) => onSums(parameters, u, expandDims(y, 0)),
    applyScattered: (parameters, u, y) =>
      y.shape[1] === 1
        ? network.apply(parameters, concat([u, squeeze(y, 1)], { axis: 1 }))
        : onSums(parameters, u, y),
  };
}
