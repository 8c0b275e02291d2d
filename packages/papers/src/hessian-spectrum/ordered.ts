import type { Point } from "../experiment.ts";

/** At most this many points are drawn for a spectrum. */
const MOST_POINTS = 150;

/** Positions 1 .. n, thinned to an even spacing on a logarithmic axis. */
function places(n: number): number[] {
  if (n <= MOST_POINTS) return Array.from({ length: n }, (_, i) => i + 1);
  const spaced = Array.from({ length: MOST_POINTS }, (_, i) => Math.round(n ** (i / (MOST_POINTS - 1))));
  return [...new Set(spaced)];
}

/**
 * A spectrum for logarithmic axes: the positive eigenvalues, largest first, and the sizes of the negative ones, largest
 * first, against their number; what is below 1e-13 of the largest, which rounding makes of zero, is left out.
 *
 * @param eigenvalues in any order
 */
export function orderedSizes(eigenvalues: Float64Array): {
  readonly positive: Point[];
  readonly negative: Point[];
} {
  const largest = eigenvalues.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const side = (sign: number): Point[] => {
    const sizes = eigenvalues
      .map((value) => sign * value)
      .filter((value) => value > 1e-13 * largest)
      .sort()
      .reverse();
    return places(sizes.length).map((number) => ({ x: number, y: sizes[number - 1] }));
  };
  return { positive: side(1), negative: side(-1) };
}
