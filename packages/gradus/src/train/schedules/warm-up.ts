import { checkGivenOptions } from "../../check/options.ts";
import { joinSchedules } from "./join.ts";
import { polynomialDecay } from "./polynomial-decay.ts";
import type { Schedule } from "./schedule.ts";

export interface WarmUpOptions {
  /** Length of the warm-up. */
  readonly counts: number;
  /** The value at count 0. */
  readonly from?: number;
}

/**
 * A straight line from `from` to the first value of a schedule, then that schedule from its beginning (Goyal et al.,
 * 2017, section 2.2).
 *
 * @throws ArgumentError unless counts is finite and > 0 and `from` finite
 */
export function warmUp(schedule: Schedule, options: WarmUpOptions): Schedule {
  checkGivenOptions("warmUp", options, ["counts", "from"]);
  const { counts, from = 0 } = options;
  const line = polynomialDecay({ initial: from, final: schedule(0), counts });
  return joinSchedules([line, schedule], [counts]);
}
