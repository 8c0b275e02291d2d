import { checkPositive } from "../../check/numbers.ts";
import { type Search, searchAlong } from "./along-line.ts";
import type { LineSearch } from "./contract.ts";

function* oneStep(stepSize: number): Search {
  const { value } = yield stepSize;
  return Number.isFinite(value)
    ? "accept"
    : { failure: `the value is ${value} at the step ${stepSize}; use a smaller one` };
}

/**
 * The same step always: x + stepSize d, whatever the value does, as long as it is finite.
 *
 * @throws ArgumentError unless stepSize is a finite number > 0
 */
export function fixedStep(stepSize: number): LineSearch {
  checkPositive({ stepSize });
  return (objective, start) =>
    searchAlong(objective, start, { begin: () => oneStep(stepSize), slopes: true });
}
