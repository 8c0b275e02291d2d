import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { castVote, type VoteLimit, type VoteState, withdrawVote } from "./votes.ts";

/** A vote that a reader casts or withdraws. */
export interface VoteRequest {
  readonly arxivId: string;
  readonly userId: string;
  readonly cast: boolean;
  readonly now: Date;
}

/** Where the paper stands then; or how long to wait, for an account that has cast its votes of the hour. */
export type VoteOutcome = VoteState | VoteLimit;

/** Casts or withdraws a vote for a paper. Undefined when there is no such paper to be seen. */
export async function requestVote(
  orm: Orm,
  { arxivId, userId, cast, now }: VoteRequest,
): Promise<VoteOutcome | undefined> {
  // Found in the statement of the vote.
  const paperId = sql<number>`(select id from papers where arxiv_id = ${arxivId})`;
  const vote = { paperId, userId };
  return cast ? castVote(orm, vote, { now }) : withdrawVote(orm, vote);
}
