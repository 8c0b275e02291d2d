/** The middle of several measurements and how far they reach. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Median, smallest and largest of `values`; of an even number of values the median is the mean of the middle two.
 *
 * @throws RangeError without values
 */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("spread: wants at least one value, got none");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, least: sorted[0], most: sorted[sorted.length - 1] };
}

/** The spread of a / b, round by round: what drifts in both cancels. */
export function ratio(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, round) => value / b[round]));
}

/**
 * How far each of several sets of numbers is from their common middle: the largest relative difference from the
 * median over all sets, number by number. One wrong set among three or more shows as the only large value.
 */
export function disagreement(sets: readonly (readonly number[])[]): number[] {
  const [first = []] = sets;
  const medians = first.map((_, i) => spread(sets.map((set) => set[i])).median);
  return sets.map((set) =>
    Math.max(...set.map((value, i) => Math.abs(value - medians[i]) / Math.max(Math.abs(medians[i]), 1e-300))),
  );
}
