/** Sizes of b and x0 whose squares a method can compare with each other. */
const [SMALLEST, LARGEST] = [2 ** -300, 2 ** 300];

/**
 * The power of two by which a method divides b and x0 and multiplies its solution, so that squares neither overflow nor
 * underflow: 1 for b and x0 of moderate size.
 */
export function systemScale(b: Float64Array, x0: Float64Array | undefined): number {
  let largest = 0;
  for (const vector of [b, x0 ?? b])
    for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]));
  let scale = 1;
  // what is not finite is refused by the method
  if (!(largest > LARGEST && largest < Number.POSITIVE_INFINITY) && !(largest > 0 && largest < SMALLEST))
    return scale;
  while (largest / scale >= 2) scale *= 2;
  while (largest / scale < 1) scale /= 2;
  return scale;
}

/** A vector, or a limit, in units of the scale. */
export const inUnits = (vector: Float64Array, scale: number) =>
  scale === 1 ? vector : vector.map((value) => value / scale);
