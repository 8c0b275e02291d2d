import { checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";
import type { Neighborhood, Perturbations } from "./contract.ts";

/** Masks are enumerated where there are at most this many. */
const MOST_ENUMERATED_MASKS = 4096;

/** Whether all masks of d features are enumerated. */
export const isEnumerated = (d: number) => 2 ** d <= MOST_ENUMERATED_MASKS;

/** All 2^d masks; that of row k has the bits of k. */
export function allMasks(d: number): DenseMatrix {
  const rows = 2 ** d;
  const values = new Float64Array(rows * d);
  for (let k = 0; k < rows; k++) for (let j = 0; j < d; j++) values[k * d + j] = (k >> j) & 1;
  return { rows, columns: d, values };
}

function onesOf({ values, columns: d }: DenseMatrix, row: number): number {
  let ones = 0;
  for (let j = 0; j < d; j++) ones += values[row * d + j];
  return ones;
}

function bernoulliMasks(d: number, samples: number, probability: number, stream: RandomStream): DenseMatrix {
  const values = stream.fillUniform(new Float64Array(samples * d));
  for (let k = 0; k < values.length; k++) values[k] = values[k] < probability ? 1 : 0;
  return { rows: samples, columns: d, values };
}

export interface MaskOptions {
  /** The chance that a feature keeps its value. */
  readonly probability?: number;
  /** nu of the kernel. */
  readonly width?: number;
  /**
   * `input`: weights exp(-||x0 - x||^2 / nu^2) with distances in units of the features; `cosine`:
   * exp(-(1 - sqrt(k / d))^2 / nu^2) with the number k of kept features, as LIME has for text and images.
   */
  readonly kernel?: "input" | "cosine";
}

/**
 * Random masks, xi in {0, 1}^d, weighted by how close they stay to x0: the neighborhood of LIME (Ribeiro, Singh & Guestrin
 * 2016). Up to 12 features all masks are enumerated, with their probabilities.
 *
 * @throws ArgumentError unless 0 < probability < 1 and width > 0, or for an unknown option or value
 */
export function maskNeighborhood(options: MaskOptions = {}): Neighborhood {
  checkOptions("maskNeighborhood", options, ["probability", "width", "kernel"]);
  const { probability = 0.5, kernel = "input" } = options;
  const { width = kernel === "input" ? 1 : 0.25 } = options;
  checkWithin("(0, 1)", { probability });
  checkPositive({ width });
  checkOneOf(["input", "cosine"], { kernel });
  // a width whose square underflows or overflows is as good as the least or largest one, and never 0 / 0
  const square = Math.min(Math.max(width * width, Number.MIN_VALUE), Number.MAX_VALUE);
  const weightOf = (d: number, ones: number, enumerated: boolean): number => {
    const chance = enumerated ? probability ** ones * (1 - probability) ** (d - ones) : 1;
    const away = 1 - Math.sqrt(ones / d);
    return chance * (kernel === "cosine" ? Math.exp(-(away * away) / square) : 1);
  };
  return {
    name: "LIME masks",
    composition: "multiplicative",
    ...(kernel === "input" ? { kernel: (squared: number) => Math.exp(-squared / square) } : {}),
    draw(d, samples, stream): Perturbations {
      const enumerated = isEnumerated(d);
      const xi = enumerated ? allMasks(d) : bernoulliMasks(d, samples, probability, stream);
      return {
        xi,
        weights: Float64Array.from({ length: xi.rows }, (_, k) => weightOf(d, onesOf(xi, k), enumerated)),
      };
    },
  };
}

/** ln(n!) for n = 0 .. most. */
function logFactorials(most: number): Float64Array<ArrayBuffer> {
  const table = new Float64Array(most + 1);
  for (let n = 2; n <= most; n++) table[n] = table[n - 1] + Math.log(n);
  return table;
}

/** (d - 1) / (C(d, k) k (d - k)) for k = 1 .. d - 1, scaled to the largest 1; 0 at both ends. */
export function shapleyKernel(d: number): Float64Array<ArrayBuffer> {
  const factorials = logFactorials(d);
  const logs = Float64Array.from({ length: d + 1 }, (_, k) =>
    k === 0 || k === d
      ? Number.NEGATIVE_INFINITY
      : -(factorials[d] - factorials[k] - factorials[d - k]) - Math.log(k * (d - k)),
  );
  const largest = logs.reduce((one, other) => Math.max(one, other));
  return logs.map((log) => Math.exp(log - largest));
}

/** Sizes k with p(k) proportional to 1 / (k (d - k)), a uniform subset of that size, and its complement. */
function pairedMasks(d: number, samples: number, stream: RandomStream): DenseMatrix {
  const pairs = Math.ceil(samples / 2);
  const values = new Float64Array(2 * pairs * d);
  const sizes = Float64Array.from({ length: d - 1 }, (_, k) => 1 / ((k + 1) * (d - k - 1)));
  const cumulative = sizes.slice();
  for (let k = 1; k < cumulative.length; k++) cumulative[k] += cumulative[k - 1];
  const total = cumulative[cumulative.length - 1];
  const order = Int32Array.from({ length: d }, (_, j) => j);
  for (let p = 0; p < pairs; p++) {
    const u = stream.uniform() * total;
    let size = 1;
    while (size < d - 1 && cumulative[size - 1] <= u) size += 1;
    // the first `size` places of a shuffle: a partial one suffices
    for (let j = 0; j < size; j++) {
      const other = j + stream.integer(d - j);
      [order[j], order[other]] = [order[other], order[j]];
    }
    const at = 2 * p * d;
    for (let j = 0; j < size; j++) values[at + order[j]] = 1;
    for (let j = 0; j < d; j++) values[at + d + j] = 1 - values[at + j];
  }
  return { rows: 2 * pairs, columns: d, values };
}

export interface ShapleyMaskOptions {
  /**
   * `paired`: sizes by their weight, each mask with its complement (Covert & Lee 2021); `uniform`: masks of independent
   * coin flips with the weights of the kernel, much noisier.
   */
  readonly sampling?: "paired" | "uniform";
}

/**
 * Masks with the Shapley kernel, (d - 1) / (C(d, k) k (d - k)) for k kept features, and a surrogate that is exact where all
 * or none are kept: the neighborhood of KernelSHAP (Lundberg & Lee 2017), whose weights are the Shapley values. Up to 12
 * features all masks are enumerated.
 *
 * @throws ArgumentError for an unknown option or value
 */
export function shapleyNeighborhood(options: ShapleyMaskOptions = {}): Neighborhood {
  checkOptions("shapleyNeighborhood", options, ["sampling"]);
  const { sampling = "paired" } = options;
  checkOneOf(["paired", "uniform"], { sampling });
  return {
    name: "Shapley masks",
    composition: "multiplicative",
    anchored: true,
    draw(d, samples, stream): Perturbations {
      if (d === 1) return { xi: { rows: 0, columns: 1, values: new Float64Array(0) } };
      if (!isEnumerated(d) && sampling === "paired") return { xi: pairedMasks(d, samples, stream) };
      const masks = isEnumerated(d) ? allMasks(d) : bernoulliMasks(d, samples, 0.5, stream);
      const kernel = shapleyKernel(d);
      return {
        xi: masks,
        weights: Float64Array.from({ length: masks.rows }, (_, k) => kernel[onesOf(masks, k)]),
      };
    },
  };
}

/**
 * One feature removed at a time, xi a unit vector e_i, each as likely: the neighborhood of Occlusion (Zeiler & Fergus
 * 2014), whose weights are f(x0) - f(x0 without feature i).
 */
export function removalNeighborhood(): Neighborhood {
  return {
    name: "single removal",
    composition: "multiplicative",
    response: "difference",
    draw(d) {
      const values = new Float64Array(d * d);
      for (let j = 0; j < d; j++) values[j * d + j] = 1;
      return { xi: { rows: d, columns: d, values } };
    },
  };
}
