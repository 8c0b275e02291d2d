import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf } from "../../check/options.ts";
import { checkTimes, checkTimeWindow, type ForwardProcess } from "../processes/contract.ts";

/** How times are spread: by equal ratios, or by equal differences. */
export type TimeGrid = "geometric" | "uniform";

/**
 * steps + 1 times from the end of the process's window down to its start, with equal ratios or equal differences.
 *
 * @throws ArgumentError unless 0 < startTime < endTime and steps is a positive integer, or for an unknown grid
 */
export function timeGrid(
  process: ForwardProcess,
  steps: number,
  grid: TimeGrid = "geometric",
): Float64Array<ArrayBuffer> {
  checkPositiveInteger({ steps });
  checkOneOf(["geometric", "uniform"], { grid });
  const { startTime, endTime } = process;
  checkTimeWindow(startTime, endTime, "process.");
  return Float64Array.from({ length: steps + 1 }, (_, k) => {
    if (k === steps) return startTime;
    return grid === "geometric"
      ? endTime * (startTime / endTime) ** (k / steps)
      : endTime - ((endTime - startTime) * k) / steps;
  });
}

/**
 * The times of a run in reverse time: a grid, or times of one's own.
 *
 * @throws ArgumentError when both steps and times of one's own are given, or the times do not descend inside the window
 */
export function descendingTimes(
  process: ForwardProcess,
  steps: number | undefined,
  times: TimeGrid | Float64Array,
  defaultSteps: number,
): Float64Array {
  if (typeof times === "string") return timeGrid(process, steps ?? defaultSteps, times);
  if (steps !== undefined) throw new ArgumentError("steps and times cannot be combined; give one of them");
  if (!(times instanceof Float64Array) || times.length < 2)
    throw new ArgumentError(`times must be a Float64Array of at least 2 times, got ${shown(times)}`);
  checkTimes("times", times, process, times.length);
  const k = times.findIndex((t, i) => i > 0 && !(t < times[i - 1]));
  if (k >= 0)
    throw new ArgumentError(`times must descend, got ${times[k]} after ${times[k - 1]} at index ${k}`);
  return times;
}
