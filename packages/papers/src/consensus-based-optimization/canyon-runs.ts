import { canyon } from "gradus/objectives";
import { fixedStep, gradientDescent } from "gradus/optimize";
import {
  annealedNoise,
  consensusBasedOptimization,
  consensusHopping,
  langevinDynamics,
} from "gradus/optimize/derivative-free";
import type { ExperimentRun, Show } from "../experiment.ts";

export const landscape = canyon();
const CONSENSUS_STEPS = 250;
const GRADIENT_STEPS = 10_000;
const STEP_SIZE = 0.001;
const PARTICLES = 200;
/** Where all runs start, in both coordinates. */
export const START = 8;

/** Distance along q from the floor of the valley. */
export const aboveFloor = (p: number, q: number): number => q - (((p - 1) * (p - 4) ** 2) / 8 + 2);

/** The ends of many runs, and their points on the way. */
export interface CanyonRuns {
  /** Runs x 2. */
  readonly ends: readonly number[];
  /** The runs' points at every tenth step (consensus) or every 400th (gradients), runs x 2 each. */
  readonly times: readonly number[];
  readonly points: readonly (readonly number[])[];
}

/** A snapshot of the runs: the points of all of them, and the particles of the first. */
export interface Look {
  readonly step: number;
  readonly points: Float64Array;
  readonly particles?: Float64Array;
}

const SHOWN_EVERY = 10;

interface Setting {
  readonly runs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly show?: Show<Look>;
}

/** Consensus-based optimization as in Figure 1(b), with the noise given. */
export async function* consensusRuns(
  noise: number,
  { runs, seed, signal, show = () => [] }: Setting,
): ExperimentRun<CanyonRuns> {
  const method = consensusBasedOptimization(landscape, {
    particles: { count: PARTICLES, mean: START, deviation: 0.5 },
    noise,
    inverseTemperature: 100,
    runs,
    seed,
    signal,
  });
  const times: number[] = [];
  const points: number[][] = [];
  for await (const iterate of method) {
    const step = iterate.iteration;
    if (step % SHOWN_EVERY === 0) {
      times.push(step);
      points.push([...iterate.consensus]);
      yield* show({
        step,
        points: iterate.consensus,
        particles: iterate.particles.subarray(0, 2 * PARTICLES),
      });
    }
    if (step === CONSENSUS_STEPS) break;
  }
  return { ends: points[points.length - 1], times, points };
}

/** Consensus hopping as in Figure 2(a), with the width given. */
export async function* hoppingRuns(
  width: number,
  { runs, seed, signal, show = () => [] }: Setting,
): ExperimentRun<CanyonRuns> {
  const method = consensusHopping(landscape, START, {
    width,
    samples: PARTICLES,
    inverseTemperature: 100,
    runs,
    seed,
    signal,
  });
  const times: number[] = [];
  const points: number[][] = [];
  for await (const { iteration, consensus } of method) {
    if (iteration % SHOWN_EVERY === 0) {
      times.push(iteration);
      points.push([...consensus]);
      yield* show({ step: iteration, points: consensus });
    }
    if (iteration === CONSENSUS_STEPS) break;
  }
  return { ends: points[points.length - 1], times, points };
}

/** Annealed Langevin dynamics as in Figure 2(c). */
export async function* langevinRuns({
  runs,
  seed,
  signal,
  show = () => [],
}: Setting): ExperimentRun<CanyonRuns> {
  const method = langevinDynamics(landscape, START, {
    timeStep: STEP_SIZE,
    noise: annealedNoise(10),
    runs,
    seed,
    signal,
  });
  const times: number[] = [];
  const points: number[][] = [];
  for await (const { iteration, x } of method) {
    if (iteration % 400 === 0) {
      times.push(iteration);
      points.push([...x]);
      yield* show({ step: iteration, points: x });
    }
    if (iteration === GRADIENT_STEPS) break;
  }
  return { ends: points[points.length - 1], times, points };
}

/** Gradient descent as in Figure 2(b). */
export async function descentRun(signal: AbortSignal): Promise<CanyonRuns> {
  const method = gradientDescent(landscape, Float64Array.of(START, START), {
    search: fixedStep(STEP_SIZE),
    signal,
  });
  const times: number[] = [];
  const points: number[][] = [];
  let end: Float64Array = Float64Array.of(START, START);
  for await (const { iteration, x } of method) {
    end = x;
    if (iteration % 400 === 0) {
      times.push(iteration);
      points.push([...x]);
    }
    if (iteration === GRADIENT_STEPS) break;
  }
  return { ends: [...end], times, points };
}

/** Distances to the global minimum at 0. */
export function distances(points: readonly number[]): number[] {
  return Array.from({ length: points.length / 2 }, (_, m) => Math.hypot(points[2 * m], points[2 * m + 1]));
}

/** The share of runs that end within a radius of the global minimum. */
export const shareWithin = ({ ends }: CanyonRuns, radius: number): number =>
  distances(ends).filter((distance) => distance < radius).length / (ends.length / 2);
