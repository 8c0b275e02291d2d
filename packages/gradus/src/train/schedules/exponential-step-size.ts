import { checkPositiveInteger } from "../../check/numbers.ts";
import { exponentialDecay } from "./exponential-decay.ts";
import type { Schedule } from "./schedule.ts";

/**
 * The exponential step size initial (1/T)^(t/T) for T steps, t from 0 (Li, Zhuang and Orabona, 2021): it adapts to the
 * noise, but T must be known in advance.
 *
 * @throws ArgumentError unless initial is finite and steps is an integer >= 1
 */
export function exponentialStepSize(initial: number, steps: number): Schedule {
  checkPositiveInteger({ steps });
  return exponentialDecay({ initial, factor: 1 / steps, counts: steps });
}
