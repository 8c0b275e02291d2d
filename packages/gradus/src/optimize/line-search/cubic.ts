import type { Trial } from "./along-line.ts";

/** phi and phi' at a step. */
export interface Sample extends Trial {
  readonly stepSize: number;
}

/** How close to the ends of the interval a minimizer may lie, as a share of its length. */
const MARGIN = 1e-3;

/**
 * The minimizer of the cubic through values and slopes at two steps (Nocedal and Wright, 2006, equation 3.59), kept
 * off the interval's ends; the middle where there is none, or a figure is not finite.
 */
export function safeguardedCubic(a: Sample, b: Sample): number {
  const length = b.stepSize - a.stepSize;
  const middle = a.stepSize + length / 2;
  const d1 = a.slope + b.slope - (3 * (b.value - a.value)) / length;
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0 && square < Number.POSITIVE_INFINITY)) return middle;
  const d2 = Math.sign(length) * Math.sqrt(square);
  const t = b.stepSize - (length * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  const [low, high] = length > 0 ? [a.stepSize, b.stepSize] : [b.stepSize, a.stepSize];
  const margin = MARGIN * (high - low);
  return t >= low + margin && t <= high - margin ? t : middle;
}
