import { type ArrayValue, item, toNumbers } from "@gradus/graph";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { type DenseParameters, dense, denseParameters } from "../../nn/dense.ts";
import { zeroWeights } from "../../nn/initializers.ts";
import { randomStream } from "../../random/stream.ts";
import type { LinearModel } from "./model.ts";
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

type Stateless = Record<string, never>;

export interface LinearClassifierOptions extends ClassifierOptions {
  /** d, the number of columns. */
  readonly features: number;
}

function linearNetwork(features: number): Network<DenseParameters<ArrayValue>, Stateless, LinearModel> {
  return {
    features,
    initial: (seed, dtype) => ({
      parameters: denseParameters({
        inputs: features,
        outputs: 1,
        stream: randomStream(seed),
        initializer: zeroWeights,
        dtype,
      }),
      state: {},
    }),
    scores: (parameters, state, x) => ({ scores: dense(parameters, x), state }),
    model: ({ weights, bias }, _, threshold) => ({
      kind: "linear",
      weights: Float64Array.from(toNumbers(weights)),
      bias: item(bias),
      threshold,
    }),
  };
}

/**
 * Compiles the training of a linear classifier (single-layer perceptron) p = sigma(x . w + b) from w = 0 and
 * b = 0, where p = 1/2 and metric losses have their gradient.
 *
 * @throws ArgumentError when an option is out of range
 */
export async function compileLinearClassifier(
  given: LinearClassifierOptions,
): Promise<ClassifierTrainer<LinearModel>> {
  checkClassifierOptions("compileLinearClassifier", given, ["features"]);
  const { features, ...options } = given;
  return compileClassifier(linearNetwork(features), options);
}

/**
 * Trains a linear classifier once; `compileLinearClassifier` keeps the compiled program for many fits.
 *
 * @param x n x d; standardize it on the training rows first
 * @param y 0 or 1 per row
 * @throws what `ClassifierTrainer.fit` throws
 */
export async function fitLinearClassifier(
  x: DenseMatrix,
  y: ArrayLike<number>,
  options: ClassifierOptions & FitOptions,
): Promise<Fit<LinearModel>> {
  const { fit, rest } = splitFitOptions("fitLinearClassifier", options);
  checkFiniteDense("x", x);
  using trainer = await compileLinearClassifier({ ...rest, features: x.columns });
  return await trainer.fit(x, y, fit);
}
