import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf, checkOptions } from "../../check/options.ts";
import { type KernelPath, kernelPath } from "../../kernels/kernel-path.ts";
import {
  discrepancyStop,
  estimateNoise,
  localComplexityStop,
  stepGrid,
  sureStop,
} from "../../kernels/stopping.ts";
import { twoLayerKernel } from "../../kernels/two-layer-kernel.ts";
import { matrixProduct } from "../../linalg/dense-product.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { PointFunction, Times } from "../processes/contract.ts";
import { scoreFromDenoised } from "../processes/marginals.ts";
import { type ScoreEstimate, truncateEstimates } from "./estimate.ts";
import { checkRegression, regressionLoss, type ScoreRegression } from "./regression.ts";
import { type TwoLayerNetwork, twoLayerOutputs } from "./two-layer-network.ts";

/** D^(1/2) K D^(1/2) of weights of the rows; K itself where all are 1. */
export function weightedKernel(K: DenseMatrix, weights: Float64Array): DenseMatrix {
  if (weights.every((weight) => weight === 1)) return K;
  const roots = weights.map(Math.sqrt);
  const { rows, columns } = K;
  const values = K.values.slice();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * columns + j] *= roots[i] * roots[j];
  return { rows, columns, values };
}

/** Rows times factors. */
function scaleRows(values: Float64Array, factors: Float64Array, columns: number): Float64Array<ArrayBuffer> {
  const scaled = values.slice();
  for (let k = 0; k < scaled.length; k++) scaled[k] *= factors[Math.floor(k / columns)];
  return scaled;
}

export interface KernelScoreOptions {
  /** eta, below 2 / lambda_max(K/n); 1 / lambda_max by default. */
  readonly learningRate?: number;
  /** A network whose function training starts from; 0 by default. */
  readonly network?: TwoLayerNetwork;
  readonly signal?: AbortSignal;
}

/** How the number of steps is chosen. */
export type ScoreStop =
  /** By a rule that needs the noise of one coordinate: a number, the data's largest norm ("support"), or "estimate". */
  | {
      readonly rule: "local-complexity" | "sure" | "discrepancy";
      readonly noise: number | "support" | "estimate";
      readonly maxSteps?: number;
    }
  /** By the loss on draws of other clean points. */
  | { readonly rule: "holdout"; readonly validation: ScoreRegression; readonly maxSteps?: number };

/** Score estimates by kernel gradient descent after every number of steps. */
export interface KernelScore {
  readonly path: KernelPath;
  /** The number of steps that a rule chooses. */
  stop(stop: ScoreStop): Promise<number>;
  /** Estimates of the clean points after each number of steps, n x d each. */
  denoised(times: Times, points: DenseMatrix, steps: readonly number[]): Promise<Float64Array[]>;
  /** The loss on further draws after each number of steps. */
  losses(validation: ScoreRegression, steps: readonly number[]): Promise<number[]>;
  /** The estimate after a number of steps. */
  estimate(steps: number): ScoreEstimate;
}

/**
 * Score estimation by kernel gradient descent with the tangent kernel of a two-layer network: what training the hidden layer
 * of an infinitely wide one gives, after every number of steps, from one eigendecomposition. Weights of the regression are
 * part of the descent.
 * Source: Han, Razaviyayn & Xu 2024, the coupling of network and kernel.
 *
 * @throws ArgumentError when sizes do not match, the learning rate is not in (0, 2 / lambda_max), or an option is unknown
 */
export async function kernelScore(
  data: ScoreRegression,
  options: KernelScoreOptions = {},
): Promise<KernelScore> {
  checkOptions("kernelScore", options, ["learningRate", "network", "signal"]);
  checkRegression("data", data);
  const { learningRate, network, signal } = options;
  const { inputs, clean, weights, truncationRadius, features, process } = data;
  const { columns: d } = clean;
  if (network && network.outputs !== d)
    throw new ArgumentError(`network must have d = ${d} outputs like the data, got ${network.outputs}`);
  const roots = weights.map(Math.sqrt);
  const f0 = network && twoLayerOutputs(network, inputs);
  const K = weightedKernel(await twoLayerKernel(inputs, undefined, { signal }), weights);
  // in the errors times the roots of the weights, the descent is that of the weighted kernel
  const path = kernelPath(K, scaleRows(clean.values, roots, d), {
    learningRate,
    f0: f0 && scaleRows(f0, roots, d),
  });

  async function outputs(z: DenseMatrix, steps: readonly number[]): Promise<Float64Array[]> {
    const cross = await twoLayerKernel(z, inputs);
    for (let k = 0; k < cross.values.length; k++) cross.values[k] *= roots[k % roots.length];
    return path.predict(cross, steps, network && twoLayerOutputs(network, z));
  }
  const truncated = (points: DenseMatrix, all: Float64Array[]) =>
    all.map((f) => truncateEstimates(truncationRadius, points, f));
  const denoised = async (times: Times, points: DenseMatrix, steps: readonly number[]) =>
    truncated(points, await outputs(features(times, points), steps));
  async function losses(validation: ScoreRegression, steps: readonly number[]): Promise<number[]> {
    checkRegression("validation", validation);
    const all = await denoised(validation.times, validation.points, steps);
    return all.map((f) => regressionLoss(validation, f));
  }

  function noiseOf(noise: number | "support" | "estimate"): number {
    if (noise === "estimate") return estimateNoise(path);
    if (noise !== "support") return noise;
    let largest = 0;
    for (let i = 0; i < clean.rows; i++) {
      let square = 0;
      for (let k = i * d; k < (i + 1) * d; k++) square += clean.values[k] ** 2;
      largest = Math.max(largest, square);
    }
    return Math.sqrt(largest);
  }

  return {
    path,
    async stop(stop) {
      if (typeof stop !== "object" || stop === null)
        throw new ArgumentError(`stop must be an object with a rule, got ${shown(stop)}`);
      if (stop.rule === "holdout") {
        checkGivenOptions("stop", stop, ["rule", "validation", "maxSteps"]);
        checkRegression("validation", stop.validation);
        const grid = [0, ...stepGrid(stop.maxSteps ?? 1_000_000, 1.1)];
        const all = await losses(stop.validation, grid);
        return grid[all.indexOf(Math.min(...all))];
      }
      checkGivenOptions("stop", stop, ["rule", "noise", "maxSteps"]);
      const { rule, maxSteps = 1_000_000 } = stop;
      checkOneOf(["local-complexity", "sure", "discrepancy", "holdout"], { rule });
      checkPositiveInteger({ maxSteps });
      const named = stop.noise === "estimate" || stop.noise === "support";
      if (!named && !(Number.isFinite(stop.noise) && stop.noise >= 0))
        throw new ArgumentError(
          `noise must be "estimate", "support" or a non-negative number, got ${shown(stop.noise)}`,
        );
      const noise = noiseOf(stop.noise);
      if (rule === "sure") return sureStop(path, { noise, maxSteps }).steps;
      if (rule === "discrepancy") return discrepancyStop(path, { noise, maxSteps });
      const { eigenvalues, learningRate: rate } = path;
      return localComplexityStop(eigenvalues, { noise, learningRate: rate, maxSteps });
    },
    denoised,
    losses,
    estimate(steps) {
      // the coefficients of the function, so that a further evaluation is one product
      const dual = scaleRows(path.dual([steps]).values, roots, d);
      const f: PointFunction = async (times, points) => {
        const z = features(times, points);
        const values = matrixProduct((await twoLayerKernel(z, inputs)).values, dual, inputs.rows);
        const start = network && twoLayerOutputs(network, z);
        if (start) for (let k = 0; k < values.length; k++) values[k] += start[k];
        return { rows: points.rows, columns: d, values: truncateEstimates(truncationRadius, points, values) };
      };
      return {
        denoised: f,
        score: async (times, points) => scoreFromDenoised(process, await f(times, points), times, points),
      };
    },
  };
}
