import { ConvergenceError } from "../../check/errors.ts";
import { shownPoint } from "./batch-objective.ts";
import type { ConsensusSettings } from "./consensus-options.ts";
import { type Weighing, weigh, writeMean } from "./consensus-point.ts";
import { type ConsensusState, collapsed, met } from "./consensus-state.ts";
import { inverseTemperatureAt } from "./inverse-temperature.ts";
import { ruleAt } from "./step-rule.ts";

/** Differences below this share of the consensus point are rounding noise. */
const ROUNDING = 1e-12;

/** A run, the numbers of its particles whose values are known, and the step. */
export interface Agreement {
  readonly run: number;
  readonly batch: Int32Array;
  readonly step: number;
}

/** max_i ||X^i - c||_inf of a run. */
export function spreadAround(
  { consensus, particles }: ConsensusState,
  run: number,
  count: number,
  d: number,
): number {
  let spread = 0;
  for (let j = 0; j < d; j++) {
    const center = consensus[run * d + j];
    for (let at = run * count * d + j; at < (run + 1) * count * d; at += d) {
      const apart = Math.abs(particles[at] - center);
      if (apart > spread) spread = apart;
    }
  }
  return spread;
}

/**
 * What takes in the values of a run, `from` in `values`: keeps best points and memories, weighs the particles, moves their
 * consensus point, and sees whether the run has ended.
 *
 * @param spreadOf max_i ||X^i - c||_inf of a run
 * @throws ArgumentError when the rule of alpha gives a number that is out of bounds
 * @throws ConvergenceError from the function, when all values are NaN or +Infinity, or a particle leaves float64's range
 */
export function agreement(
  settings: ConsensusSettings,
  { dimension: d, count, batchSize }: { dimension: number; count: number; batchSize: number },
  spreadOf: (work: ConsensusState, run: number, step: number) => number,
): (work: ConsensusState, agreement: Agreement, values: Float64Array, from: number) => void {
  const { memory, runs } = settings;
  const weights = new Float64Array(count);
  const batchValues = new Float64Array(batchSize);
  const previous = new Float64Array(d);
  const weighing: Weighing = { total: 0, squares: 0, least: 0, best: 0, dropped: 0 };

  function agree(
    work: ConsensusState,
    { run: m, batch, step }: Agreement,
    values: Float64Array,
    from: number,
  ): void {
    const size = batch.length;
    const first = m * count;
    const known = size === batchSize ? batchValues : new Float64Array(size);
    for (let k = 0; k < size; k++) {
      const value = values[from + k];
      const i = first + batch[k];
      work.values[i] = value;
      known[k] = value;
      if (!(value < Number.POSITIVE_INFINITY)) work.dropped += 1;
      if (!memory) continue;
      if (value < work.memoryValues[i]) {
        work.memoryValues[i] = value;
        work.memories.set(work.particles.subarray(i * d, (i + 1) * d), i * d);
      }
      known[k] = work.memoryValues[i];
    }
    const alpha = inverseTemperatureAt(settings.inverseTemperature, step, known);
    weigh(known, alpha, weights, weighing);
    if (weighing.best < 0)
      throw new ConvergenceError(
        `every particle${runs > 1 ? ` of run ${m}` : ""} has the value NaN or Infinity at step ${step}, such as ${values[from]} at ${shownPoint(work.particles, (first + batch[0]) * d, d)}`,
      );
    work.inverseTemperatures[m] = alpha;
    work.effectiveSampleSizes[m] = (weighing.total * weighing.total) / weighing.squares;
    const positions = memory ? work.memories : work.particles;
    if (weighing.least < work.bestValues[m]) {
      work.bestValues[m] = weighing.least;
      const at = (first + batch[weighing.best]) * d;
      work.bestPoints.set(positions.subarray(at, at + d), m * d);
    }
    const { consensus } = work;
    const c = m * d;
    for (let j = 0; j < d; j++) previous[j] = consensus[c + j];
    writeMean(
      { weights, total: weighing.total },
      { positions, first, members: batch },
      { into: consensus, at: c, dimension: d },
    );
    judge(work, m, step);
  }

  /** Sees whether the run has ended, from its spread and from how far the consensus point moved. */
  function judge(work: ConsensusState, m: number, step: number): void {
    const { consensus } = work;
    const c = m * d;
    const spread = spreadOf(work, m, step);
    let moved = 0;
    let farthest = 0;
    let size = 0;
    for (let j = 0; j < d; j++) {
      const change = Math.abs(consensus[c + j] - previous[j]);
      moved += change * change;
      if (change > farthest) farthest = change;
      size = Math.max(size, Math.abs(consensus[c + j]));
    }
    if (!(size + spread < Number.POSITIVE_INFINITY))
      throw new ConvergenceError(
        `a particle left the range of floating-point numbers at step ${step}; set bounds, or less noise than ${ruleAt("noise", settings.noise, step, "non-negative")}`,
      );
    const rests = step > 0 && Math.sqrt(moved) <= settings.restTolerance;
    work.resting[m] = rests ? work.resting[m] + 1 : 0;
    work.kicks[m] = step > 0 && farthest < settings.kickTolerance ? 1 : 0;
    work.spreads[m] = spread;
    if (spread <= settings.spreadTolerance || work.resting[m] >= settings.restingSteps) work.endings[m] = met;
    // a kick spreads particles that have met
    else if (spread <= ROUNDING * size && settings.kickTolerance === 0) work.endings[m] = collapsed;
  }

  return agree;
}
