import { logLogSlope } from "gradus/statistics";

/** The power of n with which a quantity scales, by a least-squares fit. */
export function powerOf(widths: readonly number[], values: readonly number[]): number {
  return widths.length >= 3
    ? logLogSlope(widths, values).slope
    : Math.log(values[1] / values[0]) / Math.log(widths[1] / widths[0]);
}
