import { concat, cos, matmul, sin, type Tensor } from "@gradus/graph";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { fourierFeatures, fourierFrequencies } from "../../nn/time-embedding.ts";
import { randomStream } from "../../random/stream.ts";
import { constantLike } from "./constant-like.ts";

/** A fixed map of locations in front of a trunk. */
export interface FeatureMap {
  /** Coordinates of a location. */
  readonly inputs: number;
  readonly outputs: number;
  /** [k, inputs] to [k, outputs] */
  apply(y: Tensor): Tensor;
}

export interface RandomFourierMapOptions {
  readonly inputs: number;
  /** Frequencies; twice as many features. */
  readonly count: number;
  /** Standard deviation of a frequency, in waves per unit. */
  readonly deviation: number;
  readonly seed: number;
}

/**
 * Random Fourier features [sin(2 pi y B), cos(2 pi y B)] with fixed normal frequencies B, for solutions with fine
 * structure (Tancik et al., 2020).
 *
 * @throws ArgumentError unless inputs and count are integers >= 1 and deviation > 0, or for an unknown option
 */
export function randomFourierMap(options: RandomFourierMapOptions): FeatureMap {
  checkGivenOptions("randomFourierMap", options, ["inputs", "count", "deviation", "seed"]);
  const { inputs, count, deviation, seed } = options;
  const stream = randomStream(seed).split("frequencies");
  const frequencies = fourierFrequencies({ inputs, count, deviation, stream, dtype: "f64" });
  return {
    inputs,
    outputs: 2 * count,
    apply: (y) =>
      fourierFeatures(y, constantLike(Float64Array.from(frequencies.data, Number), frequencies.shape, y)),
  };
}

export interface PeriodicMapOptions {
  /** The period of each coordinate. */
  readonly periods: readonly number[];
  /** Waves up to this many per period. */
  readonly harmonics: number;
}

/**
 * Sines and cosines of each coordinate, cos(2 pi k y / period) and sin(2 pi k y / period) for k = 1 .. harmonics: a
 * trunk behind them is exactly periodic.
 *
 * @throws ArgumentError unless periods are finite and > 0 and harmonics an integer >= 1, or for an unknown option
 */
export function periodicMap(options: PeriodicMapOptions): FeatureMap {
  checkGivenOptions("periodicMap", options, ["periods", "harmonics"]);
  const { periods, harmonics } = options;
  checkPositiveInteger({ periods: periods.length, harmonics });
  checkPositive(Object.fromEntries(periods.map((period, i) => [`periods[${i}]`, period])));
  const columns = periods.length * harmonics;
  const waves = new Float64Array(periods.length * columns);
  periods.forEach((period, i) => {
    for (let k = 1; k <= harmonics; k++)
      waves[i * columns + i * harmonics + k - 1] = (2 * Math.PI * k) / period;
  });
  return {
    inputs: periods.length,
    outputs: 2 * columns,
    apply(y) {
      const angles = matmul(y, constantLike(waves, [periods.length, columns], y));
      return concat([cos(angles), sin(angles)], { axis: -1 });
    },
  };
}
