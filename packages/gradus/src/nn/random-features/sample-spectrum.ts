import { zerosOf } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import {
  checkIntegerWithin,
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
} from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { categoricalSampler } from "../../random/categorical.ts";
import { randomStream } from "../../random/stream.ts";
import { type RidgeActivationName, ridgeActivation } from "./activations.ts";
import type { HiddenUnits } from "./hidden-units.ts";
import { gaussianRidgelet, type Ridgelet } from "./ridgelets.ts";
import { checkSamples, coefficientAt, type SampledFunction } from "./transform.ts";

export interface SampleSpectrumOptions {
  /** n, the number of units. */
  readonly width: number;
  /** Largest |a|. */
  readonly slope: number;
  /** Order 3 unless given, which the sigmoid synthesizes. */
  readonly ridgelet?: Ridgelet;
  readonly activation?: RidgeActivationName;
  /** Cells of the grid over the slopes, and for each of them over the biases. */
  readonly slopes?: number;
  readonly biases?: number;
  readonly seed?: number;
}

/** Biases are spread this far beyond the range of a x. */
const MARGIN = 5;

/**
 * Hidden units drawn from a target's ridgelet spectrum: (a, b) with a density proportional to |R[f; rho](a, b)| on a grid,
 * uniform within its cells. They lie where the target has something to say, however wide the domain is.
 *
 * @throws ArgumentError when a size is not positive or an option is unknown
 * @throws DataError when x does not increase, a number is not finite, or the spectrum is zero
 * Source: Sonoda & Murata 2014, "Sampling hidden parameters from oracle distribution".
 */
export function sampleRidgeletSpectrum(f: SampledFunction, options: SampleSpectrumOptions): HiddenUnits {
  checkGivenOptions("sampleRidgeletSpectrum", options, [
    "width",
    "slope",
    "ridgelet",
    "activation",
    "slopes",
    "biases",
    "seed",
  ]);
  const { width, slope, ridgelet = gaussianRidgelet(3), activation = "sigmoid" } = options;
  const { slopes: rows = 300, biases: columns = 400, seed = 0 } = options;
  checkPositiveInteger({ width });
  checkPositive({ slope });
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { slopes: rows, biases: columns });
  checkNonNegativeInteger({ seed });
  ridgeActivation(activation);
  const samples = checkSamples(f);
  const { x, values } = samples;
  if (values.every((value) => value === 0))
    throw new DataError("f.values must not all be 0: their ridgelet spectrum has nothing to sample");
  const step = (2 * slope) / (rows - 1);
  const place = (i: number) => {
    const a = -slope + i * step;
    const [low, high] = [a * x[0], a * x[x.length - 1]].sort((p, q) => p - q);
    return { a, low: low - MARGIN, cell: (high - low + 2 * MARGIN) / (columns - 1) };
  };
  const weights = zerosOf({ rows, columns });
  for (let i = 0; i < rows; i++) {
    const { a, low, cell } = place(i);
    for (let j = 0; j < columns; j++)
      weights[i * columns + j] = cell * Math.abs(coefficientAt(samples, ridgelet, a, low + j * cell));
  }
  const draw = categoricalSampler(weights);
  const stream = randomStream(seed);
  const [a, b] = [zerosOf({ width }), zerosOf({ width })];
  for (let k = 0; k < width; k++) {
    const index = draw(stream);
    const { a: center, low, cell } = place(Math.floor(index / columns));
    a[k] = center + (stream.uniform() - 0.5) * step;
    b[k] = low + ((index % columns) + stream.uniform() - 0.5) * cell;
  }
  return { slopes: { rows: width, columns: 1, values: a }, biases: b, activation };
}
