import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import {
  checkBoolean,
  checkFunction,
  checkGivenOptions,
  checkOneOf,
  checkOptions,
} from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";
import type { Composition, Neighborhood, Perturbations } from "./contract.ts";

export interface GaussianOptions {
  /** Standard deviation, one for all features or one for each. */
  readonly sigma?: number | Float64Array;
  /** Draws pairs xi, -xi, which cancel errors of odd order. */
  readonly antithetic?: boolean;
  /** nu: weights exp(-||xi / sigma||^2 / nu^2), as LIME has for tables; all alike without it. */
  readonly width?: number;
}

/**
 * Additive normal noise, xi ~ N(0, diag(sigma^2)): the neighborhood of SmoothGrad and C-LIME.
 *
 * @throws ArgumentError when sigma or the width is not positive, or for an unknown option
 */
export function gaussianNeighborhood(options: GaussianOptions = {}): Neighborhood {
  checkOptions("gaussianNeighborhood", options, ["sigma", "antithetic", "width"]);
  const { sigma = 0.1, antithetic = false, width } = options;
  checkBoolean({ antithetic });
  if (typeof sigma === "number") checkPositive({ sigma });
  else {
    checkFiniteVector("sigma", sigma);
    for (const [j, scale] of sigma.entries()) checkPositive({ [`sigma[${j}]`]: scale });
  }
  if (width !== undefined) checkPositive({ width });
  return {
    name: `N(0, ${typeof sigma === "number" ? sigma : "sigma"}²)`,
    composition: "additive",
    draw(d, samples, stream): Perturbations {
      if (typeof sigma !== "number") checkLength("sigma", sigma, d);
      const count = antithetic ? 2 * Math.ceil(samples / 2) : samples;
      const values = new Float64Array(count * d);
      const drawn = antithetic ? values.subarray(0, values.length / 2) : values;
      stream.fillNormalZiggurat(drawn);
      if (antithetic) for (let k = 0; k < drawn.length; k++) values[drawn.length + k] = -drawn[k];
      const weights = width === undefined ? undefined : normalWeights(values, d, width);
      for (let k = 0; k < values.length; k += d)
        for (let j = 0; j < d; j++) values[k + j] *= typeof sigma === "number" ? sigma : sigma[j];
      const xi = { rows: count, columns: d, values };
      return weights ? { xi, weights } : { xi };
    },
  };
}

function normalWeights(values: Float64Array, d: number, width: number): Float64Array<ArrayBuffer> {
  const weights = new Float64Array(values.length / d);
  for (let k = 0; k < weights.length; k++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += values[k * d + j] ** 2;
    weights[k] = Math.exp(-sum / (width * width));
  }
  return weights;
}

export interface ScalingOptions {
  /** The lower end a of the factors, from 0 to below `high`. */
  readonly low?: number;
  readonly high?: number;
  /** Draws at random, or takes the midpoints of as many equal parts. */
  readonly sampling?: "random" | "midpoint";
}

/**
 * One factor for all features, xi = alpha (1, ..., 1) with alpha ~ U(low, high): the neighborhood of Integrated Gradients
 * (0 to 1), and of Gradient x Input as low approaches 1.
 *
 * @throws ArgumentError unless 0 <= low < high, or for an unknown option or value
 */
export function scalingNeighborhood(options: ScalingOptions = {}): Neighborhood {
  checkOptions("scalingNeighborhood", options, ["low", "high", "sampling"]);
  const { low = 0, high = 1, sampling = "random" } = options;
  checkOneOf(["random", "midpoint"], { sampling });
  if (!(low >= 0 && low < high && high < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`low and high must be numbers with 0 <= low < high, got ${low} and ${high}`);
  return {
    name: `U(${low}, ${high})`,
    composition: "multiplicative",
    draw(d, samples, stream) {
      const values = new Float64Array(samples * d);
      for (let k = 0; k < samples; k++) {
        const alpha =
          sampling === "random" ? stream.uniform(low, high) : low + ((high - low) * (k + 0.5)) / samples;
        values.fill(alpha, k * d, (k + 1) * d);
      }
      return { xi: { rows: samples, columns: d, values } };
    },
  };
}

export interface CustomNeighborhoodOptions {
  readonly name?: string;
  readonly composition: Composition;
  /** Perturbations from a seeded stream: a matrix with a perturbation of d numbers in each row. */
  readonly draw: (d: number, samples: number, stream: RandomStream) => DenseMatrix;
  /** Importance of a perturbation by ||x - x0||^2. */
  readonly kernel?: (squaredDistance: number) => number;
}

/**
 * A neighborhood of one's own.
 *
 * @throws ArgumentError when draw is no function, the composition is neither additive nor multiplicative, or for an
 *   unknown option
 */
export function customNeighborhood(options: CustomNeighborhoodOptions): Neighborhood {
  checkGivenOptions("customNeighborhood", options, ["name", "composition", "draw", "kernel"]);
  const { name = "custom", composition, draw, kernel } = options;
  checkOneOf(["additive", "multiplicative"], { composition });
  checkFunction({ draw });
  if (kernel !== undefined) checkFunction({ kernel });
  return {
    name,
    composition,
    ...(kernel ? { kernel } : {}),
    draw: (d, samples, stream) => ({ xi: draw(d, samples, stream) }),
  };
}
