import { array, constants, mean, reshape, sigmoid, square, sub, type Tensor } from "@gradus/graph";
import { loadDataset, rowsWithLabel, selectRows, trainTestSplit } from "gradus/data";
import { type TracedExplainableModel, tracedModel } from "gradus/explain";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { sigmoidCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { adam, train } from "gradus/train";
import type { ExperimentRun } from "../experiment.ts";

export const regressionSets = ["synthetic", "diabetes"] as const;
export const classificationSets = ["breast-cancer", "digits"] as const;
export type SetName = (typeof regressionSets)[number] | (typeof classificationSets)[number];

/** Widths of the hidden layers of the paper's networks; none for the linear and the logistic model. */
const architectures = {
  linear: [],
  A: [8, 8],
  B: [8, 8, 8, 8],
  C: [8, 8, 8, 8, 8, 8, 8],
} as const;
export type Architecture = keyof typeof architectures;

export const isRegression = (set: SetName) => regressionSets.some((name) => name === set);

/** Rows with features and target in [0, 1]. */
interface Rows {
  readonly x: DenseMatrix;
  readonly y: Float64Array;
}

/** Least and largest value of a column. */
type Range = readonly [low: number, high: number];

function rangesOf({ rows, columns, values }: DenseMatrix): Range[] {
  return Array.from({ length: columns }, (_, j) => {
    const column = Float64Array.from({ length: rows }, (__, i) => values[i * columns + j]);
    return [Math.min(...column), Math.max(...column)];
  });
}

/** Where a value is in a range, from 0 to 1 within it; 0 where the column is constant. */
export const shareOf = (value: number, [low, high]: Range): number =>
  high > low ? (value - low) / (high - low) : 0;

function scaledBy(ranges: readonly Range[], { rows, columns, values }: DenseMatrix): DenseMatrix {
  return { rows, columns, values: values.map((value, k) => shareOf(value, ranges[k % columns])) };
}

/** 500 rows of 19 features uniform on [0, 1], y = tanh(u . (x - 1/2)) + tanh(2 v . (x - 1/2)) / 2, u and v normal. */
function syntheticRows(seed: number): Rows {
  const [n, d] = [500, 19];
  const stream = randomStream(seed).split("synthetic");
  const x = denseMatrix(stream.fillUniform(new Float64Array(n * d)), n, d);
  const [u, v] = [0, 1].map(() => stream.fillNormal(new Float64Array(d)));
  const y = Float64Array.from({ length: n }, (_, i) => {
    let [a, b] = [0, 0];
    for (let j = 0; j < d; j++) {
      a += u[j] * (x.values[i * d + j] - 0.5);
      b += v[j] * (x.values[i * d + j] - 0.5);
    }
    return Math.tanh(a) + Math.tanh(2 * b) / 2;
  });
  return { x, y };
}

async function rowsOf(set: SetName, seed: number): Promise<Rows> {
  if (set === "synthetic") return syntheticRows(seed);
  const { x, y } = await loadDataset(set);
  if (set !== "digits") return { x, y: Float64Array.from(y) };
  const chosen = Int32Array.from([...rowsWithLabel(y, 3), ...rowsWithLabel(y, 8)]);
  return { x: selectRows(x, chosen), y: Float64Array.from(chosen, (i) => (y[i] === 8 ? 1 : 0)) };
}

/** A set split into rows to train on and rows to explain. */
export interface SplitSet {
  readonly train: Rows;
  readonly explained: DenseMatrix;
  readonly test: Rows;
  /** Of each feature before it was scaled. */
  readonly ranges: readonly Range[];
}

/** Scales a set and splits off 100 rows, of which `count` are explained. */
export async function splitSet(set: SetName, count: number, seed: number): Promise<SplitSet> {
  const { x: raw, y: targets } = await rowsOf(set, seed);
  const ranges = rangesOf(raw);
  const x = scaledBy(ranges, raw);
  const column = denseMatrix(targets, targets.length, 1);
  const y = scaledBy(rangesOf(column), column).values;
  const split = trainTestSplit(x.rows, { testShare: 100 / x.rows, seed });
  const part = (rows: Int32Array): Rows => ({
    x: selectRows(x, rows),
    y: Float64Array.from(rows, (i) => y[i]),
  });
  const test = part(split.test);
  const order = randomStream(seed).split("explained").permutation(test.x.rows);
  return { train: part(split.train), test, ranges, explained: selectRows(test.x, order.subarray(0, count)) };
}

const networkOf = (set: SetName, architecture: Architecture, inputs: number) =>
  mlp({
    inputs,
    hidden: architectures[architecture],
    outputs: 1,
    activation: isRegression(set) ? "tanh" : "relu",
  });

/** A trained network as plain data. */
export interface TrainedNetwork {
  readonly set: SetName;
  readonly architecture: Architecture;
  readonly inputs: number;
  readonly parameters: ReturnType<ReturnType<typeof mlp>["parameters"]>;
  /** Mean squared error, or the share of wrong decisions, on the rows that were split off. */
  readonly testError: number;
}

/** Trains one of the networks by Adam, on squared error or cross-entropy. */
export async function trainNetwork(
  set: SetName,
  architecture: Architecture,
  { train: rows, test }: SplitSet,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<TrainedNetwork> {
  const inputs = rows.x.columns;
  const network = networkOf(set, architecture, inputs);
  const regression = isRegression(set);
  // longer, and the classifiers are certain of every row: their gradients vanish
  const epochs = regression ? 200 : 50;
  const training = train({
    loss: (parameters, batch) => {
      const scores = network.apply(parameters, batch.x);
      return regression ? mean(square(sub(scores, batch.y))) : sigmoidCrossEntropy(scores, batch.y);
    },
    parameters: network.parameters({
      stream: randomStream(seed).split(`${set} ${architecture}`),
      dtype: "f64",
    }),
    data: { x: array(rows.x), y: array(rows.y, [rows.x.rows, 1]) },
    optimizer: adam({ learningRate: 0.01 }),
    batchSize: 64,
    seed,
    epochs,
    epochsPerIterate: epochs,
    signal,
  });
  let trained: TrainedNetwork | undefined;
  for await (const { parameters } of training)
    trained = { set, architecture, inputs, parameters, testError: Number.NaN };
  if (!trained) throw new Error("training gave no iterate");
  using model = await explainable(trained);
  const scores = await model.values(test.x);
  const errors = Array.from(test.y, (y, i) =>
    regression ? (scores[i] - y) ** 2 : Number(scores[i] > 0.5 !== y > 0.5),
  );
  return { ...trained, testError: errors.reduce((sum, error) => sum + error, 0) / errors.length };
}

/** The network as a model to explain: its output, or its probability. */
export function explainable({
  set,
  architecture,
  inputs,
  parameters,
}: TrainedNetwork): Promise<TracedExplainableModel> {
  const network = networkOf(set, architecture, inputs);
  const score = (x: Tensor) => {
    const outputs = reshape(network.apply(constants(parameters), x), [x.shape[0]]);
    return isRegression(set) ? outputs : sigmoid(outputs);
  };
  return tracedModel(score, { features: inputs });
}

/** w and b of a linear or logistic model. */
export function linearPart({ parameters }: TrainedNetwork): {
  readonly weights: Float64Array;
  readonly bias: number;
} {
  const [layer] = parameters.layers;
  return { weights: Float64Array.from(layer.weights.data, Number), bias: Number(layer.bias.data[0]) };
}

/** nu of LIME: 1 at the paper's about 20 features, so that the exponent of the kernel does not grow with their number. */
export const limeWidth = (features: number) => Math.sqrt(features / 20);

/** Trains what an experiment asks for, one stage a network. */
export async function* trainedNetworks(
  wanted: readonly (readonly [SetName, Architecture])[],
  sets: ReadonlyMap<SetName, SplitSet>,
  {
    seed,
    signal,
    stage,
  }: {
    readonly seed: number;
    readonly signal: AbortSignal;
    stage<T>(key: string, body: () => ExperimentRun<T>): ExperimentRun<T>;
  },
): ExperimentRun<TrainedNetwork[]> {
  const networks: TrainedNetwork[] = [];
  for (const [set, architecture] of wanted) {
    const rows = sets.get(set);
    if (!rows) throw new Error(`the set ${set} was not split`);
    networks.push(
      // biome-ignore lint/correctness/useYield: a network shows nothing on the way
      yield* stage(`train ${set} ${architecture}`, async function* () {
        return trainNetwork(set, architecture, rows, { seed, signal });
      }),
    );
  }
  return networks;
}
