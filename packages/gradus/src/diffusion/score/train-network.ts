import { ResidentReluNetwork } from "@gradus/blas/networks";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { twoLayerKernel } from "../../kernels/two-layer-kernel.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import type { ImmediatePointFunction } from "../processes/contract.ts";
import { estimateOf, type ScoreEstimate } from "./estimate.ts";
import { weightedKernel } from "./kernel-score.ts";
import { checkRegression, regressionLoss, type ScoreRegression } from "./regression.ts";
import { checkInputs, type TwoLayerNetwork, twoLayerOutputs } from "./two-layer-network.ts";

/** Losses beyond this multiple of the first mean that training diverges. */
const DIVERGED = 1e6;
/** Of Adam (Kingma & Ba 2015). */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export interface TrainScoreNetworkOptions extends MethodOptions<ScoreNetworkState> {
  /** "auto" is 1 / lambda_max(K/n) of the tangent kernel for gradient descent, and 0.001 for Adam. */
  readonly learningRate?: number | "auto";
  readonly optimizer?: "gradient-descent" | "adam";
  /** Draws of other clean points: the loss on them is measured at every step, and the best weights are kept. */
  readonly validation?: ScoreRegression;
}

/** The weights with the least validation loss so far. */
export interface BestWeights {
  readonly iteration: number;
  readonly loss: number;
  readonly weights: Float32Array;
}

/** Plain data from which training continues bit for bit. */
export interface ScoreNetworkState {
  /** m x D. */
  readonly weights: Float32Array;
  /** f - X_0 on the data, n x d. */
  readonly residuals: Float32Array;
  readonly loss: number;
  readonly firstLoss: number;
  readonly learningRate: number;
  readonly validationLoss: number | null;
  readonly best: BestWeights | null;
  /** Adam's means of the gradient and its square; empty for gradient descent. */
  readonly moments: readonly Float32Array[];
}

/** An iterate of training a score network. */
export interface ScoreNetworkIterate extends Iterate<ScoreNetworkState> {
  /** Mean of the weighted squared errors of the clean points, summed over coordinates. */
  readonly loss: number;
  readonly validationLoss: number | null;
  readonly best: BestWeights | null;
  /** Hidden weights, m x D. */
  readonly weights: Float32Array;
}

/**
 * 1 / lambda_max of the tangent kernel unless a rate is given.
 *
 * @throws ArgumentError when the rate is not below 2 / lambda_max
 */
async function stableRate(
  data: ScoreRegression,
  learningRate: number | "auto",
  signal?: AbortSignal,
): Promise<number> {
  const K = weightedKernel(await twoLayerKernel(data.inputs, undefined, { signal }), data.weights);
  const largest = symmetricEigenvalues(K)[0] / K.rows;
  if (learningRate === "auto") return 1 / largest;
  if (!(learningRate * largest < 2))
    throw new ArgumentError(
      `learningRate must be below 2 / lambda_max(K/n) = ${2 / largest}, got ${learningRate}: training diverges`,
    );
  return learningRate;
}

/**
 * Full-batch gradient descent on the hidden weights of a two-layer network, L = 1/(2n) sum_j weight_j |f(z_j) - X_0j|^2, one
 * iterate a step; Adam instead on request. Passes over the data are compiled float32, with the same bits on every machine.
 *
 * @throws ArgumentError when sizes do not match, the learning rate is not positive or, for gradient descent, not
 *   below 2 / lambda_max(K/n) of the tangent kernel, or an option is unknown
 * @throws ConvergenceError when the loss exceeds 1e6 times the first, or is not finite
 */
export async function* trainScoreNetwork(
  network: TwoLayerNetwork,
  data: ScoreRegression,
  options: TrainScoreNetworkOptions = {},
): Method<ScoreNetworkIterate> {
  checkGivenOptions("trainScoreNetwork", options, [
    "learningRate",
    "optimizer",
    "validation",
    "resume",
    "signal",
  ]);
  const { learningRate = "auto", optimizer = "gradient-descent", validation, resume, signal } = options;
  checkOneOf(["gradient-descent", "adam"], { optimizer });
  if (learningRate !== "auto") checkPositive({ learningRate });
  checkRegression("data", data);
  if (validation !== undefined) checkRegression("validation", validation);
  checkInputs(network, data.inputs);
  if (validation) checkInputs(network, validation.inputs);
  const { rows: n, columns: d } = data.clean;
  if (network.outputs !== d)
    throw new ArgumentError(`network must have d = ${d} outputs like the data, got ${network.outputs}`);
  const { inputs: dimension, outputs, outputWeights } = network;
  const inputs = Float32Array.from(data.inputs.values);
  const labels = Float32Array.from(data.clean.values);
  const adam = optimizer === "adam";
  using passes = new ResidentReluNetwork({ inputs, outputWeights, dimension, outputs });
  /** The weights at which the passes know which units are active. */
  let evaluated: Float32Array | undefined;
  const evaluate = (weights: Float32Array) => {
    evaluated = weights;
    return passes.evaluate(weights);
  };

  /** What a state says of weights. */
  function measured(weights: Float32Array, iteration: number, before: BestWeights | null) {
    const residuals = evaluate(weights);
    for (let k = 0; k < residuals.length; k++) residuals[k] -= labels[k];
    let loss = 0;
    for (let j = 0; j < n; j++) {
      let square = 0;
      for (let k = j * d; k < (j + 1) * d; k++) square += residuals[k] * residuals[k];
      loss += data.weights[j] * square;
    }
    loss /= n;
    const validationLoss = validation
      ? regressionLoss(validation, twoLayerOutputs(network, validation.inputs, weights))
      : null;
    const better = validationLoss !== null && (before === null || validationLoss < before.loss);
    const best = better ? { iteration, loss: validationLoss, weights } : before;
    return { weights, residuals, loss, validationLoss, best };
  }

  yield* iterates<ScoreNetworkState, Omit<ScoreNetworkIterate, "iteration" | "state">>(
    {
      fields: {
        weights: network.weights.length,
        residuals: n * d,
        learningRate: undefined,
        moments: adam ? 2 : 0,
      },
      async start() {
        const rate = adam
          ? learningRate === "auto"
            ? 1e-3
            : learningRate
          : await stableRate(data, learningRate, signal);
        const { weights } = network;
        const zeros = () => new Float32Array(weights.length);
        const first = measured(weights, 0, null);
        return {
          ...first,
          firstLoss: first.loss,
          learningRate: rate,
          moments: adam ? [zeros(), zeros()] : [],
        };
      },
      step(state, iteration) {
        const { learningRate: rate, firstLoss } = state;
        const residuals = new Float32Array(n * d);
        for (let j = 0; j < n; j++)
          for (let k = j * d; k < (j + 1) * d; k++) residuals[k] = (data.weights[j] * state.residuals[k]) / n;
        // States are never modified: only the first of a resumed run has weights that were not just evaluated.
        if (evaluated !== state.weights) evaluate(state.weights);
        const gradient = passes.gradient(residuals);
        const weights = state.weights.slice();
        const moments = state.moments.map((moment) => moment.slice());
        if (adam) adamStep(weights, gradient, moments, rate, iteration + 1);
        else for (let k = 0; k < weights.length; k++) weights[k] -= rate * gradient[k];
        const next = measured(weights, iteration + 1, state.best);
        if (!(next.loss <= DIVERGED * Math.max(firstLoss, Number.MIN_VALUE)))
          throw new ConvergenceError(
            `training diverged: the loss is ${next.loss} after ${iteration + 1} steps and was ${firstLoss} at first; take a learning rate below ${rate}`,
          );
        return { ...next, firstLoss, learningRate: rate, moments };
      },
      view: ({ loss, validationLoss, best, weights }) => ({ loss, validationLoss, best, weights }),
    },
    { resume, signal },
  );
}

/** One step of Adam, in place. */
function adamStep(
  weights: Float32Array,
  gradient: Float32Array,
  [mean, square]: readonly Float32Array[],
  rate: number,
  step: number,
): void {
  const [first, second] = [1 - BETA1 ** step, 1 - BETA2 ** step];
  for (let k = 0; k < weights.length; k++) {
    const g = gradient[k];
    mean[k] = BETA1 * mean[k] + (1 - BETA1) * g;
    square[k] = BETA2 * square[k] + (1 - BETA2) * g * g;
    weights[k] -= (rate * (mean[k] / first)) / (Math.sqrt(square[k] / second) + EPSILON);
  }
}

/** The score of a network with the given hidden weights. */
export function networkScore(
  network: TwoLayerNetwork,
  data: ScoreRegression,
  weights: Float32Array = network.weights,
): ScoreEstimate<ImmediatePointFunction> {
  return estimateOf(data, (inputs) => twoLayerOutputs(network, inputs, weights));
}
