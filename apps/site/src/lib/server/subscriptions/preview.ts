import { and, lte, max, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { papers as allPapers, type SubscriptionChoices } from "../database/schema/index.ts";
import { type Allowance, rateLimiter } from "../http/rate-limit.ts";
import { beginOf } from "../mail/digest-begin.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { listedPapers } from "../papers/papers.ts";
import { lastDue, nextDue } from "./local-time.ts";
import { candidatesBetween, type Interval, openMatcher } from "./matching.ts";
import type { Subscription } from "./preferences.ts";

/** Previews that one address of the network may ask for in a minute: each matches the papers of a month at most. */
const PREVIEWS_PER_MINUTE = 20;
const previewsOf = rateLimiter(PREVIEWS_PER_MINUTE);

/** Counts a preview asked for from an address of the network. */
export function previewAllowance(from: string): Allowance {
  // The real time, also where the site's clock is stopped: a minute must end.
  return previewsOf(from, new Date());
}

/** What a digest has. */
export interface DigestPreview {
  /** Papers that match. */
  readonly matched: number;
  /** The first of them, as many as a message has. */
  readonly papers: readonly { readonly arxivId: string; readonly title: string }[];
}

/** How far before the newest paper a preview looks for a message with papers. */
const LOOKED_BACK_MILLISECONDS = 31 * 86_400_000;

async function preview(orm: Orm, interval: Interval, most: number): Promise<DigestPreview> {
  const matcher = openMatcher(await candidatesBetween(orm, interval.since, interval.cutoff));
  const [ids] = await matcher.match(orm, [interval]);
  const papers = await listedPapers(orm, ids.slice(0, most));
  return {
    matched: ids.length,
    papers: papers.map(({ arxivId, title }) => ({ arxivId, title: readableLine(title) })),
  };
}

/** What a subscription would be sent if its next digest were made now. */
export function previewDigest(orm: Orm, subscription: Subscription, now: Date): Promise<DigestPreview> {
  const { id, maxItems } = subscription;
  const since = beginOf(subscription, now);
  return preview(orm, { subscription: id, choices: subscription, since, cutoff: now }, maxItems);
}

/** A digest and when it was due. */
export type DuePreview = DigestPreview & { readonly due: Date };

/** The last digest with papers that was due up to an instant, as far as papers of a month before then tell. */
async function lastWithPapers(
  orm: Orm,
  choices: SubscriptionChoices,
  until: Date,
): Promise<DuePreview | undefined> {
  const [{ newest }] = await orm
    .select({ newest: max(allPapers.featuredAt) })
    .from(allPapers)
    .where(and(lte(allPapers.featuredAt, until), sql`not hidden`));
  if (!newest) return undefined;
  const since = new Date(newest.getTime() - LOOKED_BACK_MILLISECONDS);
  const candidates = await candidatesBetween(orm, since, newest);
  const [ids] = await openMatcher(candidates).match(orm, [{ choices, since, cutoff: newest }]);
  if (ids.length === 0) return undefined;
  const matching = new Set(ids);
  const last = Math.max(
    ...candidates.filter(({ id }) => matching.has(id)).map(({ featuredAt }) => featuredAt.getTime()),
  );
  const due = nextDue(choices, new Date(last - 1));
  const [begin] = lastDue(choices, due);
  return { due, ...(await preview(orm, { choices, since: begin, cutoff: due }, choices.maxItems)) };
}

/**
 * What a subscription with some choices would have been sent last, and when: the last message due, and where it would have
 * had no papers the last one before it that had some, among the papers of a month.
 */
export async function previewChoices(
  orm: Orm,
  choices: SubscriptionChoices,
  now: Date,
): Promise<DuePreview & { readonly earlier?: DuePreview }> {
  const [since, due] = lastDue(choices, now);
  const last = await preview(orm, { choices, since, cutoff: due }, choices.maxItems);
  if (last.matched > 0) return { due, ...last };
  return { due, ...last, earlier: await lastWithPapers(orm, choices, since) };
}
