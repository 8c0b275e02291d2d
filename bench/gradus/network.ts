import { type ArrayValue, array, type Tensor } from "@gradus/graph";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import type { Inputs } from "../input-files.ts";
import { widened } from "./context.ts";

/** A tanh network of the inputs in float64, its loss, its data, and a vector over its parameters. */
export function loadNetwork(inputs: Inputs, name: string, layers: number) {
  const parameters = {
    layers: Array.from({ length: layers }, (_, i) => ({
      weights: widened(inputs[`${name}.w${i}`]),
      bias: widened(inputs[`${name}.b${i}`]),
    })),
  };
  const widths = parameters.layers.map(({ bias }) => bias.shape[0]);
  const options = {
    inputs: parameters.layers[0].weights.shape[0],
    hidden: widths.slice(0, -1),
    outputs: widths[layers - 1],
    activation: "tanh",
  } as const;
  const network = mlp(options);
  type Batch = { readonly x: Tensor; readonly y: Tensor };
  const data: Record<keyof Batch, ArrayValue> = {
    x: widened(inputs[`${name}.x`]),
    y: inputs[`${name}.y`],
  };
  const model = (p: Parameters<typeof network.apply>[0], { x }: Batch) => network.apply(p, x);
  return {
    options,
    network,
    parameters,
    data,
    model,
    loss: (p: Parameters<typeof network.apply>[0], batch: Batch) =>
      softmaxCrossEntropy(model(p, batch), batch.y),
  };
}

/** Numbers of the inputs as a float64 vector. */
export const vectorOf = (inputs: Inputs, name: string) => Float64Array.from(inputs[name].data, Number);

/** The first rows of an array. */
export function firstRows({ data, shape: [rows, ...rest] }: ArrayValue, count: number): ArrayValue {
  const numbers = Float64Array.from(data, Number);
  return array(numbers.slice(0, (numbers.length / rows) * count), [count, ...rest]);
}
