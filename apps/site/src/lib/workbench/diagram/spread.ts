/** A run of items that touch one another: it moves as one. */
interface Run {
  /** Index of its first item. */
  readonly first: number;
  weight: number;
  /** The weighted mean of where its items want the run's offset to be. */
  offset: number;
}

/**
 * The positions nearest to those wanted, in weighted squares, at which items in a row keep their order and their
 * distances: position[i + 1] - position[i] >= distance[i]. Pool adjacent violators (Ayer et al. 1955).
 *
 * @param distances one fewer than the positions
 */
export function spread(
  wanted: readonly number[],
  distances: readonly number[],
  weights: readonly number[],
): number[] {
  const starts = [0];
  for (const distance of distances) starts.push(starts[starts.length - 1] + distance);
  const runs: Run[] = [];
  wanted.forEach((position, first) => {
    let run: Run = { first, weight: weights[first], offset: position - starts[first] };
    for (let last = runs.at(-1); last && last.offset > run.offset; last = runs.at(-1)) {
      const weight = last.weight + run.weight;
      run = {
        first: last.first,
        weight,
        offset: (last.weight * last.offset + run.weight * run.offset) / weight,
      };
      runs.pop();
    }
    runs.push(run);
  });
  const positions: number[] = [];
  runs.forEach(({ first, offset }, k) => {
    const end = runs[k + 1]?.first ?? wanted.length;
    for (let i = first; i < end; i++) positions[i] = offset + starts[i];
  });
  return positions;
}
