import { type Fold, type LabeledRows, selectRows, standardize } from "gradus/data";
import type { DenseMatrix } from "gradus/linalg";
import { metricByName } from "gradus/losses";
import { confusionMatrix } from "gradus/statistics";
import {
  anyLoss,
  type ClassifierLoss,
  type ClassifierModel,
  type ClassifierTrainer,
  compileLinearClassifier,
  crossEntropyLoss,
  type LinearModel,
  predictionsOf,
  squaredErrorLoss,
} from "gradus/train";
import { criterion } from "../ground.ts";

/** The metrics that the paper trains for, and how figures name them. */
export const metricLabels = {
  accuracy: "accuracy",
  f1: "F1",
  "f0.5": "F0.5",
  f2: "F2",
  geometricMean: "G-mean",
  balancedAccuracy: "balanced accuracy",
} as const;

export type TargetMetric = keyof typeof metricLabels;

export const targetMetrics: readonly TargetMetric[] = [
  "accuracy",
  "f1",
  "f0.5",
  "f2",
  "geometricMean",
  "balancedAccuracy",
];

/** Differences up to this count as practically zero, as in the paper's sign test. */
export const rope = 0.01;
export const moreThanRope = { atLeast: rope };
export const notWorse = { atLeast: -rope };
export const practical = criterion(
  "a gain counts if it is at least 0.01, the rope of the paper’s own sign test",
);
export const asGood = criterion("as good is at most 0.01 lower, the rope of the paper’s own sign test");
export const paperTest = criterion("the paper’s own test, rope 0.01, at the usual level of 0.95");

/** A baseline, or the AnyLoss of a metric. */
export type Method = "BCE" | "MSE" | TargetMetric;

function lossOf(method: Method): ClassifierLoss {
  if (method === "BCE") return crossEntropyLoss();
  if (method === "MSE") return squaredErrorLoss();
  return anyLoss(method);
}

/** The paper's step sizes of the single-layer perceptron on its 102 sets. */
export function stepOf(method: Method): number {
  if (method === "BCE") return 0.1;
  return method === "MSE" || method === "f1" ? 0.01 : 0.005;
}

export type Scores = Record<TargetMetric, number>;

/** The figures of hard predictions; 0/0 counts as 0. */
export function scoresOfModel(model: ClassifierModel, x: DenseMatrix, y: Int32Array): Scores {
  const matrix = confusionMatrix(y, predictionsOf(model, x));
  return scoreEach((metric) => metricByName(metric).score(matrix));
}

export function scoreEach(score: (metric: TargetMetric) => number): Scores {
  return {
    accuracy: score("accuracy"),
    f1: score("f1"),
    "f0.5": score("f0.5"),
    f2: score("f2"),
    geometricMean: score("geometricMean"),
    balancedAccuracy: score("balancedAccuracy"),
  };
}

/** The mean of each figure over folds. */
export function meanScores(folds: readonly Scores[]): Scores {
  return scoreEach((metric) => folds.reduce((total, scores) => total + scores[metric], 0) / folds.length);
}

export type Rows = LabeledRows<Int32Array>;

export interface Split {
  readonly train: Rows;
  readonly test: Rows;
}

/** The rows of a fold, by default standardized with the mean and deviation of its training part. */
export function splitRows({ x, y }: Rows, { train, test }: Fold, { scale = true } = {}): Split {
  const features = scale ? standardize(x, { rows: train }).apply(x) : x;
  return {
    train: { x: selectRows(features, train), y: selectRows(y, train) },
    test: { x: selectRows(features, test), y: selectRows(y, test) },
  };
}

/** Compiled training loops of linear classifiers, one per loss and number of features, compiled on first use. */
export class LinearTrainers implements Disposable {
  readonly #made = new Map<string, ClassifierTrainer<LinearModel>>();

  async get(
    name: string,
    features: number,
    loss: () => ClassifierLoss,
  ): Promise<ClassifierTrainer<LinearModel>> {
    const key = `${name}/${features}`;
    const known = this.#made.get(key);
    if (known) return known;
    const trainer = await compileLinearClassifier({ features, loss: loss() });
    this.#made.set(key, trainer);
    return trainer;
  }

  [Symbol.dispose](): void {
    for (const trainer of this.#made.values()) trainer.dispose();
  }
}

interface FoldOptions {
  readonly epochs: number;
  readonly learningRate?: number;
  readonly signal: AbortSignal;
}

/** Test figures of the paper's single-layer perceptron on one fold, with fresh weights. */
export async function foldScores(
  trainers: LinearTrainers,
  method: Method,
  { train, test }: Split,
  { epochs, learningRate = stepOf(method), signal }: FoldOptions,
): Promise<Scores> {
  const trainer = await trainers.get(method, train.x.columns, () => lossOf(method));
  const { model } = await trainer.fit(train.x, train.y, { epochs, learningRate, signal });
  return scoresOfModel(model, test.x, test.y);
}

/** Mean test figures over folds. */
export async function crossValidate(
  trainers: LinearTrainers,
  method: Method,
  splits: readonly Split[],
  options: FoldOptions,
): Promise<Scores> {
  const folds: Scores[] = [];
  for (const split of splits) folds.push(await foldScores(trainers, method, split, options));
  return meanScores(folds);
}
