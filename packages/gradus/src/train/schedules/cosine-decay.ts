import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { atMost, cosine, plus, times } from "./arithmetic.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

export interface CosineDecayOptions {
  readonly initial: number;
  readonly final?: number;
  /** The count from which on the value is `final`. */
  readonly counts: number;
}

/**
 * final + (initial - final) (1 + cos(pi min(t, counts) / counts)) / 2 (Loshchilov and Hutter, 2017, equation 5, without
 * restarts).
 *
 * @throws ArgumentError unless initial and final are finite and counts is finite and > 0
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  checkGivenOptions("cosineDecay", options, ["initial", "final", "counts"]);
  const { initial, final = 0, counts } = options;
  checkFinite({ initial, final });
  checkPositive({ counts });
  return scheduleOf((count) => {
    const angle = times(Math.PI / counts, atMost(count, counts));
    return plus(final, times((initial - final) / 2, plus(1, cosine(angle))));
  });
}
