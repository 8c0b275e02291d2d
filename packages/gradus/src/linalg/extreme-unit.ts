/**
 * The power of two in whose multiples a size is about 1, where it is extreme: below 1/far or above far. Otherwise 1, and
 * for 0. Division by a power of two keeps all digits.
 *
 * @param size >= 0, finite
 */
export function extremeUnit(size: number, far: number): number {
  if (size === 0 || (size >= 1 / far && size <= far)) return 1;
  // the inverse of the unit is finite, too
  return 2 ** Math.min(1023, Math.max(-1000, Math.floor(Math.log2(size))));
}
