import { ArgumentError } from "../../check/errors.ts";
import {
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
  checkWithin,
} from "../../check/numbers.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import { descendingTimes, type TimeGrid } from "../sampling/time-grid.ts";
import type { SamplerName, StepPlace } from "./step-table.ts";

/** The steps of a sampler: their times, lengths and noise. */
export interface SamplingSchedule {
  /** Steps of the grid; 250 by default. */
  readonly steps?: number;
  /** `"geometric"` (default) or `"uniform"`, or descending times themselves, one more than there are steps. */
  readonly times?: TimeGrid | Float64Array;
  /** Steps at each noise level, each of the whole length; 1 by default. */
  readonly innerSteps?: number;
  /** Factor of the length of each step at its noise level; 1 by default, which makes all steps add up to the window. */
  readonly stepScale?: number;
  /** Factor of the noise from each time of the grid to the next; 1 by default. */
  readonly noiseDecay?: number;
  /** Steps without noise at the end, of the length of the last one; 0 by default. */
  readonly denoisingSteps?: number;
}

/**
 * The steps of a schedule.
 *
 * @throws ArgumentError naming a setting out of range, or one that the sampler does not have
 */
export function samplingPlan(
  process: ForwardProcess,
  sampler: SamplerName,
  schedule: SamplingSchedule,
): readonly StepPlace[] {
  const { times = "geometric", innerSteps = 1, stepScale = 1, noiseDecay = 1 } = schedule;
  const { denoisingSteps = 0 } = schedule;
  checkPositiveInteger({ innerSteps });
  checkPositive({ stepScale });
  checkWithin("(0, 1]", { noiseDecay });
  checkNonNegativeInteger({ denoisingSteps });
  const isExact = sampler === "probability-flow" || sampler === "exponential";
  if (isExact)
    for (const [name, value] of Object.entries({ innerSteps, stepScale }))
      if (value !== 1)
        throw new ArgumentError(
          `${name} must be 1 for the ${sampler} sampler, got ${value}: it goes from time to time`,
        );
  if (isExact && denoisingSteps > 0)
    throw new ArgumentError(
      `denoisingSteps must be 0 for the ${sampler} sampler, got ${denoisingSteps}; denoise: true ends with one`,
    );
  const grid = descendingTimes(process, schedule.steps, times, 250);
  const count = grid.length - 1;
  const places = Array.from({ length: count }, (_, k) =>
    Array.from({ length: innerSteps }, () => ({
      from: grid[k],
      to: grid[k + 1],
      length: stepScale * (grid[k] - grid[k + 1]),
      noiseFactor: noiseDecay ** k,
    })),
  ).flat();
  const last = places[places.length - 1];
  const silent = { from: last.to, to: last.to, length: last.length, noiseFactor: 0 };
  return [...places, ...new Array<StepPlace>(denoisingSteps).fill(silent)];
}
