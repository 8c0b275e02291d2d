/** Hours in which a vote loses half of its weight. */
const HALF_LIFE_HOURS = 48;
/** The instant from which half-lives are counted. */
const EPOCH = Date.UTC(2025, 0, 1);

/**
 * The ranking score of a paper without votes: `hot = (featured - T0) / H`, in half-lives. Featuring counts as one vote
 * at that time; because all papers share one half-life, the order by `hot` does not change as time passes.
 */
export function hotWhenFeatured(featuredAt: Date): number {
  return (featuredAt.getTime() - EPOCH) / (HALF_LIFE_HOURS * 3_600_000);
}
