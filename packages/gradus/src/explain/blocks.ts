/** Numbers of one call of the model, at most, unless a single row needs more. */
const MOST_NUMBERS = 2 ** 18;

/** Rows 0 .. n in blocks [from, to) that together need at most 2^18 numbers. */
export function* rowBlocks(n: number, numbersPerRow: number): Generator<readonly [from: number, to: number]> {
  const size = Math.max(1, Math.floor(MOST_NUMBERS / Math.max(1, numbersPerRow)));
  for (let from = 0; from < n; from += size) yield [from, Math.min(n, from + size)];
}
