/** Numbers that are in a processor's cache when they are looked at after they were copied. */
export const CHUNK = 4096;

/** The compiled look for NaN and infinity. */
export interface FiniteCheck {
  readonly allFinite: (n: number, x: number) => number;
}

/** Copies an array to an index of the heap's numbers; whether all are finite, by the same reading. */
export function copyFinite(
  heap: Float64Array,
  index: number,
  values: Float64Array,
  { allFinite }: FiniteCheck,
): boolean {
  let finite = true;
  for (let k = 0; k < values.length; k += CHUNK) {
    const part = values.subarray(k, k + CHUNK);
    heap.set(part, index + k);
    finite &&= allFinite(part.length, 8 * (index + k)) === 1;
  }
  return finite;
}
