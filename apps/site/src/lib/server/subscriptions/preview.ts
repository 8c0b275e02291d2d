import type { Orm } from "../database/connect.ts";
import type { SubscriptionChoices } from "../database/schema/index.ts";
import { type Allowance, rateLimiter } from "../http/rate-limit.ts";
import { beginOf } from "../mail/digest-begin.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { listedPapers } from "../papers/papers.ts";
import { lastDue } from "./local-time.ts";
import { candidatesBetween, type Interval, openMatcher } from "./matching.ts";
import type { Subscription } from "./preferences.ts";

/** Previews that one address of the network may ask for in a minute: each matches the papers of a week at most. */
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

/** What a subscription with some choices would have been sent last, and when. */
export async function previewChoices(
  orm: Orm,
  choices: SubscriptionChoices,
  now: Date,
): Promise<DigestPreview & { readonly due: Date }> {
  const [since, due] = lastDue(choices, now);
  return { due, ...(await preview(orm, { choices, since, cutoff: due }, choices.maxItems)) };
}
