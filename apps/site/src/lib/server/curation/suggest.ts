/** A paper in the lists that is near one that came. */
export interface Near {
  readonly arxivId: string;
  readonly title: string;
  readonly cosine: number;
  readonly votes: number;
}

/** A paper that came, as far as the suggestion goes by it. */
export interface Candidate {
  readonly arxivId: string;
  readonly near: readonly Near[];
  /** Whether it could be featured, whatever was decided already. */
  readonly eligible: boolean;
}

/** Papers of a day that are suggested. */
export const SUGGESTED = 10;

/** How much a paper is like what readers vote for: `sum_k cos_k (1 + log2(1 + votes_k))` over the papers near it. */
export function affinity(near: readonly Near[]): number {
  return near.reduce((sum, { cosine, votes }) => sum + cosine * (1 + Math.log2(1 + votes)), 0);
}

/**
 * The papers of a day in the order in which a moderator looks at them, and which of them are suggested: those most like
 * what readers vote for, no two nearest to the same paper. What was decided already changes neither.
 */
export function suggest<C extends Candidate>(
  candidates: readonly C[],
): { readonly suggested: readonly C[]; readonly others: readonly C[] } {
  const ordered = candidates
    .map((candidate) => ({ candidate, score: affinity(candidate.near) }))
    .sort((a, b) => b.score - a.score || (a.candidate.arxivId < b.candidate.arxivId ? -1 : 1));
  const suggested: C[] = [];
  const others: C[] = [];
  const taken = new Set<string>();
  for (const { candidate } of ordered) {
    const [nearest] = candidate.near;
    const fits = candidate.eligible && nearest && !taken.has(nearest.arxivId) && suggested.length < SUGGESTED;
    if (fits) taken.add(nearest.arxivId);
    (fits ? suggested : others).push(candidate);
  }
  return { suggested, others };
}
