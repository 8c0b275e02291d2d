import { ArgumentError } from "../check/errors.ts";
import { sampleExponential, type VariateSource } from "./distributions.ts";
import { portableExp, portableLog } from "./elementary.ts";

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

// Robert 1995, section 2.1, for 0 <= low: proposals low + Exponential(rate) at the rate with the highest acceptance
function oneSided(source: VariateSource, low: number, high: number): number {
  const rate = (low + Math.sqrt(low * low + 4)) / 2;
  for (;;) {
    const x = low + sampleExponential(source) / rate;
    if (x > high) continue;
    const excess = x - rate;
    if (portableLog(source.uniform()) <= (-excess * excess) / 2) return x;
  }
}

// Uniform proposals, accepted with the density relative to its largest value on the interval
function betweenNearBounds(source: VariateSource, low: number, high: number): number {
  const nearest = Math.max(low, Math.min(high, 0));
  for (;;) {
    const x = Math.min(low + (high - low) * source.uniform(), high);
    if (portableLog(source.uniform()) <= ((nearest - x) * (nearest + x)) / 2) return x;
  }
}

// Robert 1995, section 2.2: the width above which exponential proposals are accepted more often than uniform ones
function exponentialPays(low: number, high: number): boolean {
  const root = Math.sqrt(low * low + 4);
  return high > low + (2 / (low + root)) * portableExp((low * low - low * root) / 4 + 0.5);
}

/**
 * Standard normal variate given that it lies in [low, high], by rejection, however far out the interval is.
 * Source: Robert 1995, "Simulation of truncated normal variables", Statistics and Computing 5.
 *
 * @param low may be -Infinity
 * @param high may be Infinity
 * @throws ArgumentError unless low < high
 */
export function sampleTruncatedNormal(source: VariateSource, low: number, high: number): number {
  if (!(low < high)) throw new ArgumentError(`low must be below high, got ${low} and ${high}`);
  if (high <= 0) return -sampleTruncatedNormal(source, -high, -low);
  if (low >= 0)
    return exponentialPays(low, high) ? oneSided(source, low, high) : betweenNearBounds(source, low, high);
  if (high - low < ROOT_TWO_PI) return betweenNearBounds(source, low, high);
  for (;;) {
    const x = source.normal();
    if (x >= low && x <= high) return x;
  }
}
