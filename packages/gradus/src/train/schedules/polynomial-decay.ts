import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { atMost, minus, over, plus, raised, times } from "./arithmetic.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

export interface PolynomialDecayOptions {
  readonly initial: number;
  readonly final?: number;
  /** The count from which on the value is `final`. */
  readonly counts: number;
  /** 1 for a straight line. */
  readonly power?: number;
}

/**
 * final + (initial - final) (1 - min(t, counts) / counts)^power.
 *
 * @throws ArgumentError unless initial and final are finite, and counts and power are finite and > 0
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  checkGivenOptions("polynomialDecay", options, ["initial", "final", "counts", "power"]);
  const { initial, final = 0, counts, power = 1 } = options;
  checkFinite({ initial, final });
  checkPositive({ counts, power });
  return scheduleOf((count) =>
    plus(final, times(initial - final, raised(minus(1, over(atMost(count, counts), counts)), power))),
  );
}
