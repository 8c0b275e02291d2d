import { type ArrayValue, item, sigmoid, toNumbers } from "@gradus/graph";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFiniteDense, type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import {
  type BatchNormalizationParameters,
  type BatchNormalizationState,
  batchNormalization,
  batchNormalizationParameters,
} from "../../nn/batch-normalization.ts";
import { type DenseParameters, dense, denseParameters } from "../../nn/dense.ts";
import { heNormal, zeroWeights } from "../../nn/initializers.ts";
import { randomStream } from "../../random/stream.ts";
import type { TwoLayerModel } from "./model.ts";
import {
  type ClassifierOptions,
  type ClassifierTrainer,
  checkClassifierOptions,
  compileClassifier,
  type Fit,
  type FitOptions,
  type Network,
  splitFitOptions,
} from "./trainer.ts";

type Parameters = {
  readonly hidden: DenseParameters<ArrayValue>;
  readonly normalization: BatchNormalizationParameters<ArrayValue>;
  readonly output: DenseParameters<ArrayValue>;
};

type State = BatchNormalizationState<ArrayValue>;

const EPSILON = 1e-3;

export interface TwoLayerOptions {
  /** Hidden units. */
  readonly units?: number;
  /**
   * The output layer's weights at the start: zero makes p = 1/2 for every row, so that metric losses have their
   * gradient; random (He normal) can start, and stay, in a corner where every row is of one class.
   */
  readonly outputInit?: "zero" | "random";
}

export interface TwoLayerClassifierOptions extends ClassifierOptions, TwoLayerOptions {
  /** d, the number of columns. */
  readonly features: number;
}

/** Batch normalization at inference is affine, so the trained model holds it inside the hidden layer. */
function folded(
  { hidden, normalization, output }: Parameters,
  state: State,
): Omit<TwoLayerModel, "threshold"> {
  const [scale, shift] = [toNumbers(normalization.scale), toNumbers(normalization.shift)];
  const [mean, variance] = [toNumbers(state.mean), toNumbers(state.variance)];
  const units = scale.length;
  const factor = scale.map((s, u) => s / Math.sqrt(variance[u] + EPSILON));
  return {
    kind: "two-layer",
    hiddenWeights: denseMatrix(
      Float64Array.from(toNumbers(hidden.weights), (w, k) => w * factor[k % units]),
      hidden.weights.shape[0],
      units,
    ),
    hiddenBias: Float64Array.from(toNumbers(hidden.bias), (b, u) => (b - mean[u]) * factor[u] + shift[u]),
    outputWeights: Float64Array.from(toNumbers(output.weights)),
    outputBias: item(output.bias),
  };
}

function twoLayerNetwork(
  features: number,
  { units = 2, outputInit = "zero" }: TwoLayerOptions,
): Network<Parameters, State, TwoLayerModel> {
  checkPositiveInteger({ units });
  return {
    features,
    initial: (seed, dtype) => {
      const stream = randomStream(seed).split("weights");
      const layer = (inputs: number, outputs: number, name: string, zero: boolean) =>
        denseParameters({
          inputs,
          outputs,
          stream: stream.split(name),
          initializer: zero ? zeroWeights : heNormal,
          dtype,
        });
      const { parameters, state } = batchNormalizationParameters(units, dtype);
      return {
        parameters: {
          hidden: layer(features, units, "hidden", false),
          normalization: parameters,
          output: layer(units, 1, "output", outputInit === "zero"),
        },
        state,
      };
    },
    scores: ({ hidden, normalization, output }, state, x) => {
      const normalized = batchNormalization(normalization, state, dense(hidden, x), { epsilon: EPSILON });
      return { scores: dense(output, sigmoid(normalized.output)), state: normalized.state };
    },
    model: (parameters, state, threshold) => ({ ...folded(parameters, state), threshold }),
  };
}

/**
 * Compiles the training of a two-layer perceptron: dense (He normal), batch normalization, sigmoid, dense.
 *
 * @throws ArgumentError when an option is out of range
 */
export async function compileTwoLayerClassifier(
  given: TwoLayerClassifierOptions,
): Promise<ClassifierTrainer<TwoLayerModel>> {
  checkClassifierOptions("compileTwoLayerClassifier", given, ["features", "units", "outputInit"]);
  const { features, units, outputInit, ...options } = given;
  return compileClassifier(twoLayerNetwork(features, { units, outputInit }), options);
}

/**
 * Trains a two-layer perceptron once; `compileTwoLayerClassifier` keeps the compiled program for many fits.
 *
 * @param x n x d; standardize it on the training rows first
 * @param y 0 or 1 per row
 * @throws what `ClassifierTrainer.fit` throws
 */
export async function fitTwoLayerClassifier(
  x: DenseMatrix,
  y: ArrayLike<number>,
  options: ClassifierOptions & TwoLayerOptions & FitOptions,
): Promise<Fit<TwoLayerModel>> {
  const { fit, rest } = splitFitOptions("fitTwoLayerClassifier", options, ["units", "outputInit"]);
  checkFiniteDense("x", x);
  using trainer = await compileTwoLayerClassifier({ ...rest, features: x.columns });
  return await trainer.fit(x, y, fit);
}
