import { and, gt, inArray, lte, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { digestItems, papers, type SubscriptionChoices } from "../database/schema/index.ts";
import { lexicalMatches } from "../search/lexical-matches.ts";

/** A paper that a digest may have. */
export interface Candidate {
  readonly id: number;
  readonly featuredAt: Date;
  readonly votes: number;
  readonly topics: readonly string[];
}

/** Papers that were featured after one instant up to another, by their place in the ranking. */
export async function candidatesBetween(orm: Orm, since: Date, until: Date): Promise<Candidate[]> {
  const rows = await orm
    .select({
      id: papers.id,
      featuredAt: papers.featuredAt,
      votes: papers.votesCount,
      topics: sql<string[]>`array(select topic from paper_topics where paper_id = papers.id)`,
    })
    .from(papers)
    .where(and(gt(papers.featuredAt, since), lte(papers.featuredAt, until), sql`not hidden`))
    .orderBy(sql`hot desc nulls last`, sql`published_at desc`, papers.arxivId);
  return rows.flatMap(({ featuredAt, ...row }) => (featuredAt ? [{ ...row, featuredAt }] : []));
}

/** Whose digest is made, and of which time: after `since`, up to `cutoff`. Nobody's where there is no subscription yet. */
export interface Interval {
  readonly subscription?: string;
  readonly choices: Pick<SubscriptionChoices, "topics" | "keywords" | "minVotes">;
  readonly since: Date;
  readonly cutoff: Date;
}

/** Finds the papers of digests among the same candidates. */
export interface Matcher {
  /** The papers of each interval, best first, without those that its subscription was sent. */
  match(orm: Orm, intervals: readonly Interval[]): Promise<readonly (readonly number[])[]>;
}

/** Queries that are remembered: many subscriptions share theirs. */
const REMEMBERED = 20_000;

/** Makes a matcher; a query is read once for all subscriptions that have it. */
export function openMatcher(candidates: readonly Candidate[]): Matcher {
  const ids = candidates.map(({ id }) => id);
  const found = new Map<string, ReadonlySet<number>>();

  async function read(orm: Orm, keywords: readonly string[]): Promise<void> {
    if (found.size > REMEMBERED) found.clear();
    const unread = [...new Set(keywords)].filter((keyword) => !found.has(keyword));
    for (const [keyword, matches] of await lexicalMatches(orm, unread, ids)) found.set(keyword, matches);
  }

  async function sent(orm: Orm, subscriptions: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0 || subscriptions.length === 0) return new Set();
    const rows = await orm
      .select({ subscription: digestItems.subscriptionId, paper: digestItems.paperId })
      .from(digestItems)
      .where(and(inArray(digestItems.subscriptionId, [...subscriptions]), inArray(digestItems.paperId, ids)));
    return new Set(rows.map(({ subscription, paper }) => `${subscription} ${paper}`));
  }

  return {
    async match(orm, intervals) {
      if (intervals.length === 0) return [];
      await read(
        orm,
        intervals.flatMap(({ choices }) => choices.keywords),
      );
      const before = await sent(
        orm,
        intervals.flatMap(({ subscription }) => subscription ?? []),
      );
      return intervals.map(({ subscription, choices: { topics, keywords, minVotes }, since, cutoff }) => {
        const all = topics.length === 0 && keywords.length === 0;
        const wanted = new Set(topics);
        return candidates
          .filter(
            ({ id, featuredAt, votes, topics: own }) =>
              featuredAt > since &&
              featuredAt <= cutoff &&
              votes >= minVotes &&
              (all ||
                own.some((topic) => wanted.has(topic)) ||
                keywords.some((keyword) => found.get(keyword)?.has(id))) &&
              !before.has(`${subscription} ${id}`),
          )
          .map(({ id }) => id);
      });
    },
  };
}
