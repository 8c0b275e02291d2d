/** A sequence that follows itself: `count` blocks of `period` entries from `start` on. */
export interface Repeat {
  readonly start: number;
  readonly period: number;
  readonly count: number;
}

/** Blocks of fewer entries are not worth a box. */
const SHORTEST = 3;
/** Longer blocks are not looked for: the search takes time in proportion to the longest. */
const LONGEST = 1000;

/** The repeat within `from` .. `to` - 1 that saves the most entries; of equal ones the one of the shortest block. */
function best(labels: readonly string[], from: number, to: number): Repeat | undefined {
  let found: Repeat | undefined;
  let saved = 0;
  const longest = Math.min(LONGEST, Math.floor((to - from) / 2));
  for (let period = SHORTEST; period <= longest; period++) {
    let run = 0;
    for (let i = from; i + period <= to; i++) {
      if (i + period < to && labels[i] === labels[i + period]) {
        run += 1;
        continue;
      }
      const count = Math.floor(run / period) + 1;
      if ((count - 1) * period > saved) {
        saved = (count - 1) * period;
        found = { start: i - run, period, count };
      }
      run = 0;
    }
  }
  return found;
}

/** The repeats of a sequence, which do not overlap, in its order: first the one that saves most, then those beside it. */
export function findRepeats(labels: readonly string[], from = 0, to = labels.length): Repeat[] {
  const found = best(labels, from, to);
  if (!found) return [];
  const end = found.start + found.period * found.count;
  return [...findRepeats(labels, from, found.start), found, ...findRepeats(labels, end, to)];
}
