import type { AdaptedMemory, RegularizedState } from "./adapted-parameter.ts";
import { type DescentPoint, roundingOf } from "./descent.ts";

/** The least L or M that is tried first in problems whose numbers are not small. */
export const USUAL_LEAST = 1e-5;
/** A problem's numbers are small below this. */
const SMALL = 1e-4;

/**
 * The least L or M to be remembered: known at x0, by a number of the same units.
 *
 * @param unit of a point, in the units of the parameter
 */
export function keptLeast(
  state: RegularizedState,
  unit: (point: DescentPoint) => number,
): Pick<AdaptedMemory, "least"> {
  if (state.step) return state.memory.least === undefined ? {} : { least: state.memory.least };
  const atStart = unit(state);
  return atStart > 0 && atStart < SMALL ? { least: (USUAL_LEAST * atStart) / SMALL } : {};
}

/** Whether rounding does not hide the decrease that a step promises. */
export function isVisible(promise: number, { value }: DescentPoint): boolean {
  return promise > Math.max(roundingOf(value), Number.MIN_VALUE);
}
