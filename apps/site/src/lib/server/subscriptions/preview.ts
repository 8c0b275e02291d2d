import type { Orm } from "../database/connect.ts";
import { listedPapers } from "../papers/papers.ts";
import { beginOf } from "./digest-job.ts";
import { candidatesBetween, openMatcher } from "./matching.ts";
import type { Subscription } from "./preferences.ts";

/** What a subscription would be sent if its next digest were made now. */
export interface DigestPreview {
  /** Papers that match. */
  readonly matched: number;
  /** The first of them, as many as a message has. */
  readonly papers: readonly { readonly arxivId: string; readonly title: string }[];
}

/** Looks for the papers of a subscription's next digest. */
export async function previewDigest(orm: Orm, subscription: Subscription, now: Date): Promise<DigestPreview> {
  const since = beginOf(subscription, now);
  const matcher = openMatcher(await candidatesBetween(orm, since, now));
  const [ids] = await matcher.match(orm, [
    { subscription: subscription.id, choices: subscription, since, cutoff: now },
  ]);
  const papers = await listedPapers(orm, ids.slice(0, subscription.maxItems));
  return { matched: ids.length, papers: papers.map(({ arxivId, title }) => ({ arxivId, title })) };
}
