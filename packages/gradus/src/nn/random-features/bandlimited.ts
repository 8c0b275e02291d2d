import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { gaussLegendre } from "../../statistics/quadrature.ts";
import { gaussianRidgelet, type Ridgelet, ridgeletAdmissibility } from "./ridgelets.ts";
import { checkSamples, coefficientAt, type SampledFunction, window } from "./transform.ts";

export interface BandlimitedOptions {
  /** Slopes a of at most this size are kept; biases are not limited. */
  readonly slope: number;
  /** Analyzes and, normalized, synthesizes; order 1 unless given. */
  readonly ridgelet?: Ridgelet;
  /** Gauss-Legendre nodes over the slopes, at most 200. */
  readonly nodes?: number;
}

/** What slopes of a limited size can say of a function. */
export interface BandlimitedReconstruction extends SampledFunction {
  /** |1_V R f|^2, the energy of the spectrum inside the domain; |f|^2 in all. */
  readonly insideEnergy: number;
  /** tau = |f|^2 - insideEnergy, the energy outside. */
  readonly tailEnergy: number;
  /** tau / |f| <= |f - S[1_V R f]| <= sqrt(tau),  in L2(dx). */
  readonly lowerBound: number;
  readonly upperBound: number;
  /** |f - S[1_V R f]| as computed. */
  readonly distance: number;
}

/** Spacing of the biases: products of two ridgelets are resolved to rounding. */
const BIAS_STEP = 0.4;

/**
 * Analysis and synthesis of a function of one variable with slopes limited to [-slope, slope]: with the ridgelet of
 * order 1 that is exactly a low-pass filter,
 *
 *     f^(w) exp(-w^2 / slope^2),   convolution with a normal density of standard deviation sqrt(2) / slope.
 *
 * The energies are those of Plancherel's theorem for the ridgelet transform, K normalized to 1.
 *
 * @param f smooth and near 0 at both ends; a spacing of at most 1 / slope resolves it
 * @returns the reconstruction on f's grid, its energies and the bounds that they give
 * @throws ArgumentError when the slope is not positive or the ridgelet is not admissible in one dimension
 * @throws DataError when x does not increase or a number is not finite
 * Source: the low-pass filter and the bounds are derived from Plancherel's theorem for ridgelets.
 */
export function bandlimitedReconstruction(
  f: SampledFunction,
  options: BandlimitedOptions,
): BandlimitedReconstruction {
  checkGivenOptions("bandlimitedReconstruction", options, ["slope", "ridgelet", "nodes"]);
  const { slope, ridgelet = gaussianRidgelet(1), nodes: count = 128 } = options;
  checkPositive({ slope });
  checkIntegerWithin(1, 200, { nodes: count });
  const samples = checkSamples(f);
  const { constant, admissible, reason } = ridgeletAdmissibility(ridgelet, ridgelet, 1);
  if (!admissible) throw new ArgumentError(`ridgelet must be admissible with itself: ${reason}`);
  const { x, values, weighted } = samples;
  const { value, support } = ridgelet;
  const synthesis = new Float64Array(x.length);
  const { nodes, weights } = gaussLegendre(count);
  let insideEnergy = 0;
  for (let k = 0; k < count; k++) {
    const a = (slope / 2) * (1 + nodes[k]);
    // slopes of the other sign give the same again
    const weight = (slope * weights[k] * BIAS_STEP) / constant;
    const [first, last] = [a * x[0], a * x[x.length - 1]];
    for (let b = Math.min(first, last) - support; b <= Math.max(first, last) + support; b += BIAS_STEP) {
      const coefficient = coefficientAt(samples, ridgelet, a, b);
      insideEnergy += weight * coefficient * coefficient;
      const [from, to] = window(x, a, b, support);
      for (let j = from; j < to; j++) synthesis[j] += weight * coefficient * value(a * x[j] - b);
    }
  }
  let [energy, square] = [0, 0];
  for (let j = 0; j < x.length; j++) {
    energy += weighted[j] * values[j];
    const difference = values[j] - synthesis[j];
    const width = (x[Math.min(j + 1, x.length - 1)] - x[Math.max(j - 1, 0)]) / 2;
    square += width * difference * difference;
  }
  const tailEnergy = energy - insideEnergy;
  return {
    x,
    values: synthesis,
    insideEnergy,
    tailEnergy,
    lowerBound: energy > 0 ? Math.max(0, tailEnergy) / Math.sqrt(energy) : 0,
    upperBound: Math.sqrt(Math.max(0, tailEnergy)),
    distance: Math.sqrt(square),
  };
}
