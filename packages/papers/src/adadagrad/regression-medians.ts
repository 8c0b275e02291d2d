import { logLogSlope } from "gradus/statistics";
import type { RegressionPath } from "./regression-path.ts";

/** The squared norm of the true gradient at which a run ends. */
export const TARGET = 1e-4;
/** Steps of batches of one size over which the slope is taken. */
const SLOPE_STEPS = [5, 300] as const;

/** The figures kept from a run. */
export interface Outcome {
  /** Steps until |grad F|^2 <= 1e-4; infinite where the run ended before. */
  readonly steps: number;
  readonly samples: number;
  /** Steps until |grad F|^2 <= 1e-3. */
  readonly coarse: number;
  /** Of ln min |grad F|^2 on ln k. */
  readonly slope: number;
  readonly finalBatch: number;
}

/**
 * What is kept of a run.
 *
 * @param maximum the largest batch of an adaptive scheme: the slope is taken until it is reached
 */
export function outcomeOf({ gradient, samples, batches }: RegressionPath, maximum?: number): Outcome {
  const reached = (level: number) => {
    const k = gradient.findIndex((g) => g <= level);
    return k < 0 ? Number.POSITIVE_INFINITY : k;
  };
  const full = maximum === undefined ? SLOPE_STEPS[1] : batches.findIndex((b) => b >= maximum);
  const last = full < 0 ? gradient.length - 1 : full;
  const steps: number[] = [];
  const least: number[] = [];
  let smallest = Number.POSITIVE_INFINITY;
  for (const [k, g] of gradient.entries()) {
    smallest = Math.min(smallest, g);
    if (k < SLOPE_STEPS[0] || k > last) continue;
    steps.push(k);
    least.push(smallest);
  }
  const done = gradient[gradient.length - 1] <= TARGET;
  return {
    steps: reached(TARGET),
    samples: done ? samples[samples.length - 1] : Number.POSITIVE_INFINITY,
    coarse: reached(1e-3),
    slope: steps.length >= 3 ? logLogSlope(steps, least).slope : Number.NaN,
    finalBatch: batches[batches.length - 1],
  };
}

/** Medians over seeds of a method with a scheme. */
export interface SchemeMedians {
  readonly method: string;
  readonly scheme: string;
  readonly steps: number;
  readonly samples: number;
  /** Steps to 1e-4 over steps to 1e-3. */
  readonly growth: number;
  /** Null where it could not be fitted. */
  readonly slope: number | null;
  readonly batch: number;
  /** The smallest last batch of all runs. */
  readonly smallestLast: number;
}

/** The middle number, or the mean of the two middle ones; numbers may be infinite. */
function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => (a === b ? 0 : a - b));
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The medians of runs, in which one that ended before the target counts as infinitely many steps and samples. */
export function mediansOf(method: string, scheme: string, outcomes: readonly Outcome[]): SchemeMedians {
  const middle = (figure: (o: Outcome) => number) => middleOf(outcomes.map(figure));
  const slopes = outcomes.map(({ slope }) => slope).filter((slope) => !Number.isNaN(slope));
  return {
    method,
    scheme,
    steps: middle((o) => o.steps),
    samples: middle((o) => o.samples),
    growth: middle((o) => (o.steps === Number.POSITIVE_INFINITY ? o.steps : o.steps / o.coarse)),
    slope: slopes.length > 0 ? middleOf(slopes) : null,
    batch: middle((o) => o.finalBatch),
    smallestLast: Math.min(...outcomes.map((o) => o.finalBatch)),
  };
}
