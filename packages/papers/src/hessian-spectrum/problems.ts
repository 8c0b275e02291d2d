import { type ArrayValue, array, mul, type Tensor } from "@gradus/graph";
import { blobs, standardize } from "gradus/data";
import { norm2 } from "gradus/linalg";
import { meanSquaredError, softmaxCrossEntropy } from "gradus/losses";
import {
  type Activation,
  type Initializer,
  lecunNormal,
  type MlpParameters,
  mlp,
  normalWeights,
} from "gradus/nn";
import { randomStream } from "gradus/random";
import { parameterLayout } from "gradus/tree";

/** Rows and their targets. */
export type Labeled<T> = {
  readonly x: T;
  readonly y: T;
};

export type Parameters = MlpParameters<ArrayValue>;

/** A network, its data and its loss, as the curvature operators take them. */
export interface NetworkProblem {
  readonly parameters: Parameters;
  readonly data: Labeled<ArrayValue>;
  /** The outputs of a batch. */
  readonly model: (parameters: MlpParameters, batch: Labeled<Tensor>) => Tensor;
  /** The mean of the rows' losses. */
  readonly loss: (parameters: MlpParameters, batch: Labeled<Tensor>) => Tensor;
}

/** How many parameters a problem has. */
export function parameterCount({ parameters }: NetworkProblem): number {
  return parameterLayout(parameters).dimension;
}

interface NetworkOptions {
  readonly widths: readonly number[];
  readonly activation: Activation;
  readonly initializer: Initializer;
  readonly biasInitializer?: Initializer;
  readonly data: Labeled<ArrayValue>;
  readonly seed: number;
  readonly lossOf: (outputs: Tensor, y: Tensor) => Tensor;
}

function networkProblem({ widths, data, seed, lossOf, ...options }: NetworkOptions): NetworkProblem {
  const [inputs, ...rest] = widths;
  const hidden = rest.slice(0, -1);
  const network = mlp({ inputs, hidden, outputs: rest[rest.length - 1], ...options });
  const model: NetworkProblem["model"] = (parameters, batch) => network.apply(parameters, batch.x);
  const stream = randomStream(seed).split("parameters");
  return {
    parameters: network.parameters({ stream, dtype: "f64" }),
    data,
    model,
    loss: (parameters, batch) => lossOf(model(parameters, batch), batch.y),
  };
}

export interface ClusteredRegressionOptions {
  readonly clusters: number;
  /** Standard deviation of a row around its center, in every coordinate. */
  readonly spread: number;
  readonly rows?: number;
  readonly inputs?: number;
  readonly seed: number;
}

/** Rows around centers of norm 2 in Gaussian directions, row i in cluster i mod c, with the target +1 or -1 by the cluster's parity. */
export function clusteredRegression({
  clusters,
  spread,
  rows = 200,
  inputs = 20,
  seed,
}: ClusteredRegressionOptions): Labeled<ArrayValue> {
  const stream = randomStream(seed);
  const centers = stream.split("centers").fillNormal(new Float64Array(clusters * inputs));
  for (let k = 0; k < clusters; k++) {
    const center = centers.subarray(k * inputs, (k + 1) * inputs);
    const length = norm2(center);
    for (let j = 0; j < inputs; j++) center[j] *= 2 / length;
  }
  const x = stream.split("noise").fillNormal(new Float64Array(rows * inputs));
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < inputs; j++)
      x[i * inputs + j] = centers[(i % clusters) * inputs + j] + spread * x[i * inputs + j];
  const y = Float64Array.from({ length: rows }, (_, i) => ((i % clusters) % 2 === 0 ? 1 : -1));
  return { x: array(x, [rows, inputs]), y: array(y, [rows, 1]) };
}

/** A scalar network with one tanh layer and the loss (1/2)(f - y)^2 on clustered rows. */
export function clusterProblem(hidden: number, options: ClusteredRegressionOptions): NetworkProblem {
  const data = clusteredRegression(options);
  return networkProblem({
    widths: [data.x.shape[1], hidden, 1],
    activation: "tanh",
    initializer: lecunNormal,
    data,
    seed: options.seed,
    lossOf: (outputs, y) => mul(meanSquaredError(outputs, y), 0.5),
  });
}

export interface BlobProblemOptions {
  readonly rows: number;
  readonly inputs: number;
  readonly classes: number;
  /** Standard deviation of the clusters. */
  readonly deviation?: number;
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly seed: number;
}

/**
 * A softmax classifier as in the authors' code: Gaussian clusters of which half the rows are kept, features
 * standardized over all of them, weights and biases normal times 0.1.
 */
export function blobProblem({
  rows,
  inputs,
  classes,
  deviation = 1,
  hidden,
  activation,
  seed,
}: BlobProblemOptions): NetworkProblem {
  const all = blobs({ n: 2 * rows, d: inputs, centers: classes, deviation, seed });
  const x = standardize(all.x, { deviation: "population" }).apply(all.x);
  return networkProblem({
    widths: [inputs, ...hidden, classes],
    activation,
    initializer: normalWeights(0.1),
    biasInitializer: normalWeights(0.1),
    data: {
      x: array(x.values.subarray(0, rows * inputs), [rows, inputs]),
      y: array(BigInt64Array.from(all.y.subarray(0, rows), BigInt)),
    },
    seed,
    lossOf: softmaxCrossEntropy,
  });
}
