import { checkPositiveInteger } from "../../check/numbers.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { type RandomStream, randomStream } from "../../random/stream.ts";
import { baselineOf } from "../baseline.ts";
import { checkModel, checkRows, type ExplainableModel } from "../models/contract.ts";

/** Options of the eight explainers; each takes those that concern it. */
export interface ExplainerOptions {
  /**
   * `approximation` fits the explainer's surrogate on its neighborhood by `explain`; `formula` is its usual formula. By
   * default the former for LIME, C-LIME and KernelSHAP, the latter for the others.
   */
  readonly by?: "approximation" | "formula";
  /**
   * Standard deviation of the noise: C-LIME and SmoothGrad, 0.1; the approximation of vanilla gradients, 0.01. The same
   * number for all features: 0.1 is of standardized ones. For features in different units, `explain` with a
   * `gaussianNeighborhood` takes one for each.
   */
  readonly sigma?: number;
  /** Draws noise in pairs xi, -xi: SmoothGrad; true by default. */
  readonly antithetic?: boolean;
  /** nu of LIME's kernel exp(-||x - x0||^2 / nu^2); 1 by default. */
  readonly width?: number;
  /** Lower end of the factors in the approximation of Gradient x Input; 0.95 by default. */
  readonly low?: number;
  /** Nodes of the Gauss-Legendre rule of Integrated Gradients; 64 by default. */
  readonly nodes?: number;
  /** How KernelSHAP draws masks of more than 12 features; `paired` by default. */
  readonly sampling?: "paired" | "uniform";
  /** Perturbations of a row, about; 1000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /** r, what a removed feature is set to; zeros by default. */
  readonly baseline?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

/** What a formula is given: checked. */
export interface FormulaCall {
  readonly model: ExplainableModel;
  /** n x d. */
  readonly x: DenseMatrix;
  readonly baseline: Float64Array;
  readonly samples: number;
  readonly stream: RandomStream;
  readonly signal?: AbortSignal;
}

/** @throws ArgumentError, DataError as `explain` does of model, rows, baseline, samples and signal */
export function formulaCall(model: ExplainableModel, x: DenseMatrix, options: ExplainerOptions): FormulaCall {
  const { samples = 1000, seed = 1, signal } = options;
  checkModel(model);
  checkRows("x", x, model.features);
  checkPositiveInteger({ samples });
  return {
    model,
    x,
    baseline: baselineOf(options.baseline, x.columns),
    samples,
    stream: randomStream(seed),
    signal,
  };
}
