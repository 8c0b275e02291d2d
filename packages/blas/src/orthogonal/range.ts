import type { Frame } from "../memory.ts";
import { powerOfTwo } from "../power-of-two.ts";
import { orthogonal } from "./family.ts";

/** Sizes at which squares, and what is added to them, neither overflow nor underflow. */
const [SMALLEST, LARGEST] = [1e-130, 1e130];

/**
 * Divides numbers of the heap by a power of two where the largest of them is not of such a size.
 *
 * @returns the power, 1 where nothing is divided; Infinity or NaN where a number is not finite
 */
export function bringIntoRange({ heap }: Frame, address: number, count: number): number {
  const largest = orthogonal().largestAbsolute(count, address);
  if (!Number.isFinite(largest)) return largest;
  if (largest === 0 || (largest >= SMALLEST && largest <= LARGEST)) return 1;
  const scale = powerOfTwo(largest);
  const { numbers } = heap;
  for (let i = address / 8, end = i + count; i < end; i++) numbers[i] /= scale;
  return scale;
}

/** value times * over, powers of two, also where their ratio is out of range. */
export function timesRatio(value: number, times: number, over: number): number {
  const ratio = times / over;
  return ratio >= 2 ** -1022 && ratio < Number.POSITIVE_INFINITY ? value * ratio : (value * times) / over;
}
