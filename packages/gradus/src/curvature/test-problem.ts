import { type ArrayValue, array, mul, type Tensor } from "@gradus/graph";
import { softmaxCrossEntropy } from "../losses/traced/cross-entropy.ts";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { type MlpParameters, mlp } from "../nn/models/mlp.ts";
import { randomStream } from "../random/stream.ts";

export type Labeled<T> = {
  readonly x: T;
  readonly y: T;
};

export interface TestProblemOptions {
  readonly rows?: number;
  readonly inputs?: number;
  readonly hidden?: readonly number[];
  readonly classes?: number;
  readonly seed?: number;
  readonly dtype?: "f32" | "f64";
}

/** A small classifier on Gaussian rows with labels 0, 1, 2, ... cyclically. */
export function classifier({
  rows = 7,
  inputs = 3,
  hidden = [4],
  classes = 3,
  seed = 1,
  dtype = "f64",
}: TestProblemOptions = {}) {
  const stream = randomStream(seed);
  const network = mlp({ inputs, hidden, outputs: classes, activation: "tanh" });
  const numbers = stream.fillNormal(new Float64Array(rows * inputs));
  const x = array(dtype === "f64" ? numbers : Float32Array.from(numbers), [rows, inputs]);
  const y = array(BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % classes)));
  const data: Labeled<ArrayValue> = { x, y };
  const model = (parameters: MlpParameters, batch: Labeled<Tensor>) => network.apply(parameters, batch.x);
  return {
    parameters: network.parameters({ stream: stream.split("parameters"), dtype }),
    data,
    model,
    loss: (parameters: MlpParameters, batch: Labeled<Tensor>) =>
      softmaxCrossEntropy(model(parameters, batch), batch.y),
  };
}

/** A small network with the loss (1/2)(f - y)^2 of a row, on Gaussian rows and targets. */
export function regressor({ rows = 7, inputs = 3, hidden = [4], seed = 1 }: TestProblemOptions = {}) {
  const stream = randomStream(seed);
  const network = mlp({ inputs, hidden, outputs: 1, activation: "tanh" });
  const data: Labeled<ArrayValue> = {
    x: array(stream.fillNormal(new Float64Array(rows * inputs)), [rows, inputs]),
    y: array(stream.fillNormal(new Float64Array(rows)), [rows, 1]),
  };
  const model = (parameters: MlpParameters, batch: Labeled<Tensor>) => network.apply(parameters, batch.x);
  return {
    parameters: network.parameters({ stream: stream.split("parameters"), dtype: "f64" }),
    data,
    model,
    loss: (parameters: MlpParameters, batch: Labeled<Tensor>) =>
      mul(meanSquaredError(model(parameters, batch), batch.y), 0.5),
  };
}
