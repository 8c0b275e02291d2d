/** Rank constant of reciprocal rank fusion (Cormack, Clarke & Buettcher 2009). */
const RANK_CONSTANT = 60;
/** Scores closer than this are ties. */
const TIE = 1e-12;

/**
 * Reciprocal rank fusion: `score(d) = sum_b 1 / (60 + rank_b(d))` over the lists that have d, ranks from 1. Returns
 * the documents by score, ties by `compare`.
 *
 * Source: Cormack, Clarke & Buettcher 2009, "Reciprocal rank fusion outperforms Condorcet", equation 1.
 */
export function fuseRanks<T>(
  lists: readonly (readonly T[])[],
  compare: (a: T, b: T) => number,
): { id: T; score: number }[] {
  const scores = new Map<T, number>();
  for (const list of lists)
    for (const [i, id] of list.entries()) scores.set(id, (scores.get(id) ?? 0) + 1 / (RANK_CONSTANT + i + 1));
  return [...scores]
    .map(([id, score]) => ({ id, score }))
    .sort((a, b) => (Math.abs(a.score - b.score) <= TIE ? compare(a.id, b.id) : b.score - a.score));
}
