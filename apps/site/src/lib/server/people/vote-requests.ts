import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { type Allowance, rateLimiter } from "../http/rate-limit.ts";
import { castVote, type VoteState, withdrawVote } from "./votes.ts";

const HOUR = 3_600_000;
/** Votes that an account may cast in an hour. */
export const VOTES_PER_HOUR = 60;

const allowanceOf = rateLimiter(VOTES_PER_HOUR, HOUR);

/** A vote that a reader casts or withdraws. */
export interface VoteRequest {
  readonly arxivId: string;
  readonly userId: string;
  readonly cast: boolean;
  readonly now: Date;
}

/** Where the paper stands then; or how long to wait, for an account that has cast its votes of the hour. */
export type VoteOutcome = VoteState | { readonly limited: Allowance };

/** Casts or withdraws a vote for a paper. Undefined when there is no such paper to be seen. */
export async function requestVote(
  orm: Orm,
  { arxivId, userId, cast, now }: VoteRequest,
): Promise<VoteOutcome | undefined> {
  // Found in the statement of the vote.
  const paperId = sql<number>`(select id from papers where arxiv_id = ${arxivId})`;
  const vote = { paperId, userId };
  if (!cast) return withdrawVote(orm, vote);
  // The real time, also where the site's clock is stopped: an hour must end.
  const allowance = allowanceOf(userId, new Date());
  return allowance.allowed ? castVote(orm, vote, { now }) : { limited: allowance };
}

/** What somebody is told who has cast the votes of an hour. */
export function voteLimitMessage({ limit, seconds }: Allowance): string {
  return `You can cast ${limit} votes an hour. Try again in ${Math.ceil(seconds / 60)} min.`;
}
