/** Hours in which a vote loses half of its weight. */
export const HALF_LIFE_HOURS = 48;
/** The instant from which half-lives are counted. */
export const EPOCH = Date.UTC(2025, 0, 1);

/** A vote as the ranking sees it. */
export interface WeightedVote {
  readonly at: Date;
  /** 1, or 0 for a young or suspended account. */
  readonly weight: number;
}

/** An instant in half-lives since the epoch. */
function halfLives(instant: Date): number {
  return (instant.getTime() - EPOCH) / (HALF_LIFE_HOURS * 3_600_000);
}

/**
 * The ranking score of a paper without votes: `hot = (featured - T0) / H`, in half-lives. Featuring counts as one vote
 * at that time; because all papers share one half-life, the order by `hot` does not change as time passes.
 */
export function hotWhenFeatured(featuredAt: Date): number {
  return halfLives(featuredAt);
}

/**
 * The score of a paper with votes: `log2(2^((featured - T0)/H) + sum_i w_i 2^((t_i - T0)/H))`, the largest exponent
 * taken out of the sum, which would overflow in 2030 otherwise. The database has the same formula for the votes that it is
 * given (`cast_vote`, `recount_votes`).
 */
export function hotOf(featuredAt: Date, votes: readonly WeightedVote[]): number {
  const counted = votes.filter(({ weight }) => weight > 0);
  const exponents = [
    halfLives(featuredAt),
    ...counted.map(({ at, weight }) => halfLives(at) + Math.log2(weight)),
  ];
  const most = exponents.reduce((a, b) => Math.max(a, b));
  return most + Math.log2(exponents.reduce((sum, exponent) => sum + 2 ** (exponent - most), 0));
}

/** The decayed mass of votes at a moment: `2^(hot - (now - T0)/H)`. */
export function decayedScore(hot: number, now: Date): number {
  return 2 ** (hot - halfLives(now));
}
