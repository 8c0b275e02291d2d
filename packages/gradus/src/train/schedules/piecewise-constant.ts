import { checkGivenOptions } from "../../check/options.ts";
import { constantSchedule } from "./constant.ts";
import { joinSchedules } from "./join.ts";
import type { Schedule } from "./schedule.ts";

export interface PiecewiseConstantOptions {
  readonly values: readonly number[];
  /** Counts from which on the second, third, ... value holds. */
  readonly boundaries: readonly number[];
}

/**
 * values[i] from boundaries[i - 1] on.
 *
 * @throws ArgumentError unless values are finite, and boundaries one fewer than they are and increasing from above 0
 */
export function piecewiseConstant(options: PiecewiseConstantOptions): Schedule {
  checkGivenOptions("piecewiseConstant", options, ["values", "boundaries"]);
  const { values, boundaries } = options;
  return joinSchedules(values.map(constantSchedule), boundaries);
}
