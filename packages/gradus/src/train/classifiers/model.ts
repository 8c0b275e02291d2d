import { ArgumentError } from "../../check/errors.ts";
import { checkDense, type DenseMatrix } from "../../linalg/matrix.ts";

interface Thresholded {
  /** A row is predicted positive when its probability sigma(z) is above this. */
  readonly threshold: number;
}

/** z = x . weights + bias. */
export interface LinearModel extends Thresholded {
  readonly kind: "linear";
  /** d numbers. */
  readonly weights: Float64Array;
  readonly bias: number;
}

/** z = sigma(x . hiddenWeights + hiddenBias) . outputWeights + outputBias. */
export interface TwoLayerModel extends Thresholded {
  readonly kind: "two-layer";
  /** d x units. */
  readonly hiddenWeights: DenseMatrix;
  /** One number per hidden unit. */
  readonly hiddenBias: Float64Array;
  readonly outputWeights: Float64Array;
  readonly outputBias: number;
}

/** A trained two-class model as plain data. */
export type ClassifierModel = LinearModel | TwoLayerModel;

const logistic = (u: number) => 1 / (1 + Math.exp(-u));

function featuresOf(model: ClassifierModel): number {
  return model.kind === "linear" ? model.weights.length : model.hiddenWeights.rows;
}

/**
 * The scores z of rows, the log-odds of the positive class.
 *
 * @param x n x d
 * @throws ArgumentError when x is no dense matrix of the model's d columns
 */
export function scoresOf(model: ClassifierModel, x: DenseMatrix): Float64Array<ArrayBuffer> {
  const d = featuresOf(model);
  checkDense("x", x);
  if (x.columns !== d) throw new ArgumentError(`x must have the model's ${d} columns, got ${x.columns}`);
  const { rows: n, values } = x;
  const scores = new Float64Array(n);
  if (model.kind === "linear") {
    const { weights, bias } = model;
    for (let i = 0; i < n; i++) {
      let score = bias;
      for (let j = 0; j < d; j++) score += values[i * d + j] * weights[j];
      scores[i] = score;
    }
    return scores;
  }
  const { hiddenBias, outputWeights, outputBias } = model;
  const { values: hiddenWeights } = model.hiddenWeights;
  const units = hiddenBias.length;
  for (let i = 0; i < n; i++) {
    let score = outputBias;
    for (let u = 0; u < units; u++) {
      let activation = hiddenBias[u];
      for (let j = 0; j < d; j++) activation += values[i * d + j] * hiddenWeights[j * units + u];
      score += outputWeights[u] * logistic(activation);
    }
    scores[i] = score;
  }
  return scores;
}

/** The probabilities sigma(z) of the positive class; arguments as for `scoresOf`. */
export function probabilitiesOf(model: ClassifierModel, x: DenseMatrix): Float64Array<ArrayBuffer> {
  return scoresOf(model, x).map(logistic);
}

/** 1 for rows whose probability is above the model's threshold, else 0; arguments as for `scoresOf`. */
export function predictionsOf(model: ClassifierModel, x: DenseMatrix): Int32Array {
  return Int32Array.from(probabilitiesOf(model, x), (p) => (p > model.threshold ? 1 : 0));
}
