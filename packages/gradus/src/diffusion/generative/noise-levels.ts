import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf } from "../../check/options.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import type { TimeGrid } from "../sampling/time-grid.ts";
import { levelNumbers } from "./model.ts";

/**
 * The weight w(t) of |h - h_target|^2 in the loss: `"epsilon"` is the variance v(t), which makes the loss the squared
 * error of the predicted noise; `"authors"` v(t)^2; `"unit"` 1; or any function of the time.
 */
export type ScoreWeight = "epsilon" | "authors" | "unit" | ((t: number) => number);

/** |h - h_target|^2 is |eps - Z|^2 / v(t). */
function noiseWeight(process: ForwardProcess, weight: ScoreWeight, t: number): number {
  const v = process.variance(t);
  if (typeof weight === "function") {
    const w = weight(t);
    if (!(w >= 0 && w < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`weight must be a non-negative number at every time, got ${w} at ${t}`);
    return w / v;
  }
  return weight === "epsilon" ? 1 : weight === "authors" ? v : 1 / v;
}

/** Columns of the level, and the weight of the squared error of its noise. */
export const LEVEL_WIDTH = 6;

/**
 * The levels at which a model is trained, row-major: times in the middle of equal parts of the window, or of its
 * logarithm.
 *
 * @throws ArgumentError for an unknown spread or weight, or a weight that is negative or not finite
 */
export function trainingLevels(
  process: ForwardProcess,
  { count, times, weight }: { count: number; times: TimeGrid; weight: ScoreWeight },
): Float32Array {
  checkOneOf(["geometric", "uniform"], { times });
  if (typeof weight !== "function") checkOneOf(["epsilon", "authors", "unit"], { weight });
  const { startTime, endTime } = process;
  const rows = Array.from({ length: count }, (_, k) => {
    const share = (k + 0.5) / count;
    const t =
      times === "geometric"
        ? startTime * (endTime / startTime) ** share
        : startTime + (endTime - startTime) * share;
    return [...levelNumbers(process, t), noiseWeight(process, weight, t)];
  });
  return Float32Array.from(rows.flat());
}
