import { denseMultiply } from "../../linalg/dense.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { SignedSamples } from "./signed-samples.ts";

/** How a batch method stores theta: as itself, or as weights alpha of the samples. */
export interface Representation {
  readonly form: "primal" | "dual";
  readonly length: number;
  /** The vector of the starting theta. */
  start(): Float64Array;
  /** Writes the margins y_i <a_i, theta>. */
  margins(vector: Float64Array, out: Float64Array, iteration: number): void;
  /** Writes the vector of sum_i weights_i y_i a_i. */
  direction(weights: Float64Array, out: Float64Array): void;
  /** ||theta||, given the margins of the same vector. */
  thetaNorm(vector: Float64Array, margins: Float64Array): number;
  theta(vector: Float64Array): Float64Array;
}

/** theta itself: two passes over the samples per step, 4 n d operations. */
export function primal(samples: SignedSamples, theta0: Float64Array): Representation {
  return {
    form: "primal",
    length: samples.dimension,
    start: () => theta0,
    margins: samples.products,
    direction: samples.combine,
    thetaNorm: norm2,
    theta: (theta) => theta,
  };
}

/**
 * theta = theta0 + sum_i alpha_i y_i a_i through alpha and the Gram matrix K_ij = y_i y_j <a_i, a_j>: the margins are
 * M theta0 + K alpha, 2 n^2 operations per step, and a step adds the sample weights to alpha. Until the Gram matrix
 * would have paid for itself, K alpha is two passes over the samples; the iteration's number decides, so that a resumed
 * method computes the same.
 */
export function dual(samples: SignedSamples, theta0: Float64Array): Representation {
  const n = samples.count;
  const sum = new Float64Array(samples.dimension);
  // two passes of `entries` a step against one of n^2
  const firstWithGram = Math.ceil((samples.gramPasses * samples.entries) / (2 * samples.entries - n * n));
  let gram: Float64Array | undefined;
  const margins0 = new Float64Array(n);
  samples.products(theta0, margins0);
  const square0 = norm2(theta0) ** 2;
  return {
    form: "dual",
    length: n,
    start: () => new Float64Array(n),
    margins(alpha, out, iteration) {
      if (iteration < firstWithGram) {
        samples.combine(alpha, sum);
        samples.products(sum, out);
      } else {
        gram ??= samples.gram();
        denseMultiply(gram, n, n, alpha, out);
      }
      for (let i = 0; i < n; i++) out[i] += margins0[i];
    },
    direction: (weights, out) => out.set(weights),
    thetaNorm(alpha, margins) {
      let square = square0;
      for (let i = 0; i < n; i++) square += alpha[i] * (margins[i] + margins0[i]);
      return Math.sqrt(Math.max(0, square));
    },
    theta(alpha) {
      const theta = new Float64Array(samples.dimension);
      samples.combine(alpha, theta);
      for (let j = 0; j < theta.length; j++) theta[j] += theta0[j];
      return theta;
    },
  };
}
