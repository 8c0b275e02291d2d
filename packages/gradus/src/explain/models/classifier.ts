import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { type ClassifierModel, probabilitiesOf, scoresOf } from "../../train/classifiers/model.ts";
import type { ExplainableModel, ScoresAndGradients } from "./contract.ts";

export interface ClassifierModelOptions {
  /** The probability of the positive class, or its log-odds. */
  readonly score?: "probability" | "logOdds";
}

const logistic = (u: number) => 1 / (1 + Math.exp(-u));

/** dz/dx of the log-odds z of each row, times `factors`. */
function scaledGradients(
  model: ClassifierModel,
  x: DenseMatrix,
  factors: Float64Array,
): Float64Array<ArrayBuffer> {
  const { rows, columns: d, values } = x;
  const gradients = new Float64Array(rows * d);
  if (model.kind === "linear") {
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < d; j++) gradients[i * d + j] = factors[i] * model.weights[j];
    return gradients;
  }
  const { hiddenBias, outputWeights, hiddenWeights } = model;
  const units = hiddenBias.length;
  const slopes = new Float64Array(units);
  for (let i = 0; i < rows; i++) {
    for (let u = 0; u < units; u++) {
      let activation = hiddenBias[u];
      for (let j = 0; j < d; j++) activation += values[i * d + j] * hiddenWeights.values[j * units + u];
      const h = logistic(activation);
      slopes[u] = factors[i] * outputWeights[u] * h * (1 - h);
    }
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let u = 0; u < units; u++) sum += slopes[u] * hiddenWeights.values[j * units + u];
      gradients[i * d + j] = sum;
    }
  }
  return gradients;
}

/**
 * A trained two-class classifier of `gradus/train` as a model to explain, with gradients in closed form:
 * dp/dx = p (1 - p) dz/dx.
 *
 * @param model of `fitLinearClassifier` or `fitTwoLayerClassifier`
 * @throws ArgumentError when it is no such model, or for an unknown option or value
 */
export function classifierModel(
  model: ClassifierModel,
  options: ClassifierModelOptions = {},
): ExplainableModel & Required<Pick<ExplainableModel, "valuesAndGradients">> {
  checkOptions("classifierModel", options, ["score"]);
  const { score = "probability" } = options;
  checkOneOf(["probability", "logOdds"], { score });
  if (model?.kind !== "linear" && model?.kind !== "two-layer")
    throw new ArgumentError(`model must be a trained classifier, got ${shown(model)}`);
  const values = (x: DenseMatrix) =>
    score === "probability" ? probabilitiesOf(model, x) : scoresOf(model, x);
  return {
    features: model.kind === "linear" ? model.weights.length : model.hiddenWeights.rows,
    values,
    valuesAndGradients(x): ScoresAndGradients {
      const result = values(x);
      const factors = score === "probability" ? result.map((p) => p * (1 - p)) : result.map(() => 1);
      return { values: result, gradients: scaledGradients(model, x, factors) };
    },
  };
}
