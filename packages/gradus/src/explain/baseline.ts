import { checkFiniteVector, checkLength } from "../check/arrays.ts";

/**
 * The baseline r, zeros by default.
 *
 * @throws ArgumentError unless it has d numbers
 * @throws DataError naming a number that is not finite
 */
export function baselineOf(baseline: ArrayLike<number> | undefined, d: number): Float64Array<ArrayBuffer> {
  if (baseline === undefined) return new Float64Array(d);
  checkLength("baseline", baseline, d);
  checkFiniteVector("baseline", baseline);
  return Float64Array.from(baseline);
}
