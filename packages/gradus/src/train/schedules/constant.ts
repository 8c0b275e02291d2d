import { checkFinite } from "../../check/numbers.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

/**
 * The same value at every count.
 *
 * @throws ArgumentError unless value is finite
 */
export function constantSchedule(value: number): Schedule {
  checkFinite({ value });
  return scheduleOf(() => value);
}
