import {
  type ExactTarget,
  mixtureTarget,
  ringTarget,
  type ScoreRegression,
  scoreRegression,
  variancePreservingProcess,
} from "gradus/diffusion";
import { randomStream } from "gradus/random";

/** Four atoms with weights 0.1 to 0.4 at the corners of a square, times in [0.05, 1]. */
export function fourAtoms(): ExactTarget {
  return mixtureTarget(variancePreservingProcess({ startTime: 0.05, endTime: 1 }), {
    centers: { rows: 4, columns: 2, values: Float64Array.of(0.8, 0.8, -0.8, 0.8, -0.8, -0.8, 0.8, -0.8) },
    weights: [0.1, 0.2, 0.3, 0.4],
  });
}

/** Points uniform on the unit circle, times in [0.05, 3]. */
export function circle(): ExactTarget {
  return ringTarget(variancePreservingProcess({ startTime: 0.05, endTime: 3 }));
}

/** The regression of n fresh clean points, one time and one noise each. */
export function drawRegression(
  target: ExactTarget,
  n: number,
  seed: number,
  options: { readonly weighting?: "clean" | "noise" } = {},
): ScoreRegression {
  const clean = target.sample(n, randomStream(seed).split("clean"));
  return scoreRegression(target.process, clean, { seed, ...options });
}

/** Mean of the squared distances between two n x d tables. */
export function meanSquare(f: Float64Array, g: Float64Array, rows: number): number {
  let sum = 0;
  for (let k = 0; k < f.length; k++) sum += (f[k] - g[k]) ** 2;
  return sum / rows;
}

/** Fresh times and points with the true posterior means, and the noise of a label's coordinate. */
export interface TestSet {
  readonly draws: ScoreRegression;
  /** f*(t, x). */
  readonly truth: Float64Array;
  /** The square root of the mean conditional variance of a coordinate. */
  readonly noise: number;
  /** mean |f - f*|^2, summed over coordinates. */
  excess(f: Float64Array): number;
}

export function testSet(target: ExactTarget, n: number, seed: number): TestSet {
  const draws = drawRegression(target, n, seed);
  const truth = target.posteriorMean(draws.times, draws.points).values;
  const variance = target.posteriorVariance(draws.times, draws.points).values;
  const noise = Math.sqrt(variance.reduce((sum, one) => sum + one, 0) / variance.length);
  return { draws, truth, noise, excess: (f) => meanSquare(f, truth, n) };
}

/** The same regression with the true posterior means as labels. */
export function withCleanLabels(target: ExactTarget, data: ScoreRegression): ScoreRegression {
  return { ...data, clean: target.posteriorMean(data.times, data.points) };
}

/** A curve counts as overfitted by its excess error after this many steps. */
export const LAST = 1_000_000;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
