import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { over, plus, raised } from "./arithmetic.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

export interface InverseTimeDecayOptions {
  readonly initial: number;
  /** The count at which, for power 1, the value has halved. */
  readonly counts?: number;
  /** 1 for 1/t, 1/2 for 1/sqrt(t). */
  readonly power?: number;
}

/**
 * initial / (1 + t / counts)^power: Robbins and Monro's (1951) 1/t, and with power 1/2 and counts 1 the
 * initial / sqrt(t + 1) of stochastic gradient descent on convex functions.
 *
 * @throws ArgumentError unless initial is finite, and counts and power are finite and > 0
 */
export function inverseTimeDecay(options: InverseTimeDecayOptions): Schedule {
  checkGivenOptions("inverseTimeDecay", options, ["initial", "counts", "power"]);
  const { initial, counts = 1, power = 1 } = options;
  checkFinite({ initial });
  checkPositive({ counts, power });
  return scheduleOf((count) => over(initial, raised(plus(1, over(count, counts)), power)));
}
