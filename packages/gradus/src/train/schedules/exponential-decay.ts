import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { over, raised, times } from "./arithmetic.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

export interface ExponentialDecayOptions {
  readonly initial: number;
  /** What the value is multiplied by in `counts` counts. */
  readonly factor: number;
  readonly counts?: number;
}

/**
 * initial factor^(t / counts). With factor 1/T and counts T it is the exponential step size (1/T)^(t/T) of Li, Zhuang
 * and Orabona (2021), which needs no knowledge of the noise.
 *
 * @throws ArgumentError unless initial is finite, and factor and counts are finite and > 0
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  checkGivenOptions("exponentialDecay", options, ["initial", "factor", "counts"]);
  const { initial, factor, counts = 1 } = options;
  checkFinite({ initial });
  checkPositive({ factor, counts });
  return scheduleOf((count) => times(initial, raised(factor, over(count, counts))));
}
