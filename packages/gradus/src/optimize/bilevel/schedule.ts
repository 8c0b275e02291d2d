import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkPositive } from "../../check/numbers.ts";

/** A constant, or a function of the iteration 0, 1, 2, ... */
export type StepSchedule = number | ((iteration: number) => number);

/**
 * A schedule of the stochastic methods:  first h^-power,  h = 1 + iteration/10.
 *
 * @throws ArgumentError unless first > 0 and the power is finite
 */
export function powerSchedule(first: number, power: number): (iteration: number) => number {
  checkPositive({ first });
  checkFinite({ power });
  return (iteration) => first * (1 + iteration / 10) ** -power;
}

/**
 * The schedule as a function; each value is checked as it comes.
 *
 * @throws ArgumentError when a value is not a number in (0, most]
 */
export function scheduleOf(
  name: string,
  schedule: StepSchedule,
  most = Number.POSITIVE_INFINITY,
): (iteration: number) => number {
  const wanted = most === Number.POSITIVE_INFINITY ? "a positive number" : `in (0, ${most}]`;
  const check = (value: unknown, where: string): number => {
    if (typeof value === "number" && value > 0 && Number.isFinite(value) && value <= most) return value;
    throw new ArgumentError(`${name} must be ${wanted}, got ${shown(value)}${where}`);
  };
  if (typeof schedule !== "function") {
    const constant = check(schedule, "");
    return () => constant;
  }
  return (iteration) => check(schedule(iteration), ` at iteration ${iteration}`);
}
