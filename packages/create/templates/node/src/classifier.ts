import { type ArrayValue, array, div, exportOnnx, f32, softmax, sub } from "@gradus/graph";
import {
  adam,
  loadDataset,
  mlp,
  randomStream,
  softmaxCrossEntropy,
  standardize,
  train,
  trainTestSplit,
} from "gradus";
import { selectRows } from "gradus/data";
import { accuracy } from "gradus/losses";
import type { MlpParameters } from "gradus/nn";

/** Rows of features with the class of each. */
export interface Rows {
  /** [rows, features], standardized. */
  readonly x: ArrayValue;
  /** [rows]: class numbers, from 0. */
  readonly y: ArrayValue;
}

export interface Problem {
  readonly classNames: readonly string[];
  readonly features: number;
  readonly training: Rows;
  /** Rows that training never sees. */
  readonly test: Rows;
  /** Mean and standard deviation of each feature over the training rows. */
  readonly scaling: { readonly mean: ArrayValue; readonly deviation: ArrayValue };
}

const floats = (values: Float64Array, shape?: readonly number[]) => array(Float32Array.from(values), shape);

/** Loads 569 tumors, each with 30 measurements of its cells, and holds a fifth of them out. */
export async function loadTumors({ seed }: { seed: number }): Promise<Problem> {
  const { x, y, classNames } = await loadDataset("breast-cancer");
  const split = trainTestSplit(x.rows, { testShare: 0.2, labels: y, seed });
  const { mean, scale, apply } = standardize(x, { rows: split.train });
  const part = (rows: Int32Array): Rows => ({
    x: floats(apply(selectRows(x, rows)).values, [rows.length, x.columns]),
    y: array(BigInt64Array.from(selectRows(y, rows), BigInt)),
  });
  return {
    classNames,
    features: x.columns,
    training: part(split.train),
    test: part(split.test),
    scaling: { mean: floats(mean), deviation: floats(scale) },
  };
}

/** One hidden layer: 30 measurements, 16 units, a score for each class. */
function network({ features, classNames }: Problem) {
  return mlp({ inputs: features, hidden: [16], outputs: classNames.length });
}

/** Trains the network: an async iterator with one iterate an epoch. The same seed gives the same numbers. */
export function trainClassifier(problem: Problem, { seed, epochs }: { seed: number; epochs: number }) {
  const { parameters, apply } = network(problem);
  return train({
    loss: (parameters, batch) => softmaxCrossEntropy(apply(parameters, batch.x), batch.y),
    parameters: parameters({ stream: randomStream(seed) }),
    optimizer: adam({ learningRate: 0.001 }),
    data: problem.training,
    batchSize: 32,
    epochs,
    seed,
    metrics: { accuracy: (parameters, rows) => accuracy(apply(parameters, rows.x), rows.y) },
    evaluation: { data: problem.test },
  });
}

/** The trained network as an ONNX file: from measurements as they are in the data set to class probabilities. */
export function exportClassifier(problem: Problem, parameters: MlpParameters<ArrayValue>): Uint8Array {
  const { apply } = network(problem);
  return exportOnnx(
    ({ parameters, mean, deviation, x }) => ({
      probabilities: softmax(apply(parameters, div(sub(x, mean), deviation))),
    }),
    { x: f32("rows", problem.features) },
    {
      constants: { parameters, ...problem.scaling },
      description: `Probabilities of ${problem.classNames.join(", ")} from 30 measurements of cells`,
    },
  );
}

/** The share of rows of the most common class: what always answering with it would get right. */
export function majorityShare({ y }: Rows): number {
  const counts = new Map<number, number>();
  for (const label of y.data) counts.set(Number(label), (counts.get(Number(label)) ?? 0) + 1);
  return Math.max(...counts.values()) / y.data.length;
}
