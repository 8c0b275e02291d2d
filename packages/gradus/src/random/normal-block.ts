import { portableLog } from "./elementary.ts";
import { xoshiro128StarStar } from "./xoshiro128.ts";

const BLOCK = 128;
const x = new Float64Array(BLOCK);
const y = new Float64Array(BLOCK);
const square = new Float64Array(BLOCK);

/** An integer uniform on [0, 2^53), from two words of the generator. */
export function uint53(words: Int32Array): number {
  const high = xoshiro128StarStar(words) >>> 5;
  const low = xoshiro128StarStar(words) >>> 6;
  return high * 2 ** 26 + low;
}

/** Points uniform in the unit disk without its center, by rejection (Marsaglia & Bray 1964). */
function drawPoints(words: Int32Array, count: number): void {
  let k = 0;
  while (k < count) {
    const a = uint53(words) / 2 ** 52 - 1;
    const b = uint53(words) / 2 ** 52 - 1;
    const s = a * a + b * b;
    x[k] = a;
    y[k] = b;
    square[k] = s;
    if (s < 1 && s !== 0) k += 1;
  }
}

/**
 * Fills the array from `start` with standard normal numbers of the polar method, two from each point of the disk.
 * Drawing many points before taking logarithms lets the processor overlap the logarithms: twice the speed, the same
 * bits.
 *
 * @returns the second number of the last point if it did not fit in the array, otherwise null
 */
export function fillNormalPairs(
  words: Int32Array,
  array: Float64Array | Float32Array,
  start: number,
): number | null {
  let at = start;
  while (at < array.length) {
    const count = Math.min(BLOCK, (array.length - at + 1) >> 1);
    drawPoints(words, count);
    for (let k = 0; k < count; k++) square[k] = Math.sqrt((-2 * portableLog(square[k])) / square[k]);
    const whole = Math.min(count, (array.length - at) >> 1);
    for (let k = 0; k < whole; k++, at += 2) {
      array[at] = x[k] * square[k];
      array[at + 1] = y[k] * square[k];
    }
    if (whole === count) continue;
    array[at] = x[whole] * square[whole];
    return y[whole] * square[whole];
  }
  return null;
}
