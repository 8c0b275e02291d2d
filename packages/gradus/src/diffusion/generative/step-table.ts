import type { ForwardProcess } from "../processes/contract.ts";
import { levelNumbers } from "./model.ts";

/**
 * How a step moves points: by Euler-Maruyama of the reverse-time equation in the space of the process (Dale-Langevin
 * sampling, for multiplicative noise), by the same in the space of the points, which may leave the positive numbers, by the
 * exact solution for a held score, or by Heun's method on the deterministic flow.
 */
export const samplerNames = ["euler-maruyama", "ambient", "exponential", "probability-flow"] as const;
/** One of `samplerNames`. */
export type SamplerName = (typeof samplerNames)[number];

/**
 * The numbers of a step from Y and the noise eps that the model sees in it: the change of Y is
 *
 *     d = rate Y + shift + noise eps + deviation Z,
 *
 * and for the ambient sampler x becomes x (1 + d + correction), with Ito's correction.
 */
export interface StepNumbers {
  readonly rate: number;
  readonly shift: number;
  readonly noise: number;
  readonly deviation: number;
  readonly correction: number;
}

/** Where a step goes, and what the settings make of it. */
export interface StepPlace {
  readonly from: number;
  readonly to: number;
  /** The length of the step at the noise level of `from`; from - to unless a schedule says otherwise. */
  readonly length: number;
  /** Factor of its noise. */
  readonly noiseFactor: number;
}

/**
 * The numbers of a step of a sampler. With mu and sigma of geometric Brownian motion, delta = from - to, and
 * h = -1 - eps / (sigma sqrt(t)), the samplers are
 *
 *     euler-maruyama:  x <- x exp(delta (sigma^2 h - mu + 3/2 sigma^2) + sqrt(delta) sigma Z)
 *     ambient:         x <- x (1 + delta (sigma^2 h - mu + 2 sigma^2) + sqrt(delta) sigma Z).
 *
 * The flow is the exact solution of d(Y - shift)/scale = eps d(deviation / scale), to which Heun's method gives the mean of
 * eps at both ends.
 * Source: Shetty, Prasath & Seelamantula 2025 (samplers); Karras et al. 2022, algorithm 1 (flow).
 */
export function stepNumbers(
  process: ForwardProcess,
  sampler: SamplerName,
  { from, to, length: delta, noiseFactor }: StepPlace,
): StepNumbers {
  const deviation = Math.sqrt(process.variance(from));
  if (sampler === "probability-flow") {
    const [a, b] = [process.scale(from), process.scale(to)];
    const ratio = Math.sqrt(process.variance(to)) / b - deviation / a;
    return {
      rate: b / a - 1,
      shift: process.shift(to) - (process.shift(from) * b) / a,
      noise: b * ratio,
      deviation: 0,
      correction: 0,
    };
  }
  if (sampler === "exponential") {
    const step = process.reverseStep(from, to);
    return {
      rate: step.factor - 1,
      shift: step.shift,
      noise: -step.score / deviation,
      deviation: step.deviation * noiseFactor,
      correction: 0,
    };
  }
  const diffusion = process.diffusion(from);
  return {
    rate: -delta * process.rate(from),
    shift: -delta * process.drift(from),
    noise: (-delta * diffusion) / deviation,
    deviation: Math.sqrt(delta * diffusion) * noiseFactor,
    correction: sampler === "ambient" ? (delta * diffusion) / 2 : 0,
  };
}

/** Columns of a row: the level before the step, the numbers of the step, the level after it. */
export const STEP_COLUMNS = { before: 0, numbers: 5, after: 10, all: 15 } as const;

/** In place of the level after a step that does not look there. */
const NO_LEVEL = [0, 0, 0, 0, 0];

/** Rows of steps for a compiled sampler, row-major. */
export function stepTable(
  process: ForwardProcess,
  sampler: SamplerName,
  places: readonly StepPlace[],
): Float32Array {
  return Float32Array.from(
    places.flatMap((place) => {
      const { rate, shift, noise, deviation, correction } = stepNumbers(process, sampler, place);
      return [
        ...levelNumbers(process, place.from),
        ...[rate, shift, noise, deviation, correction],
        ...(sampler === "probability-flow" ? levelNumbers(process, place.to) : NO_LEVEL),
      ];
    }),
  );
}
