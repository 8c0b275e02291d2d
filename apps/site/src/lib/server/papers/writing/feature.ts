import { and, eq, isNull } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { papers, votes } from "../../database/schema/index.ts";
import { hotOf } from "../ranking.ts";

/** Where a paper gets its place, and by whom. */
export interface PlaceSettings {
  readonly lane: "daily" | "classic";
  readonly now: Date;
  readonly submittedBy?: string | null;
  readonly codeUrl?: string;
}

/** Puts a paper, which the transaction has locked, into the lists from now on; the votes that it has count. */
export async function placePaper(
  tx: Orm,
  paperId: number,
  { lane, now, submittedBy, codeUrl }: PlaceSettings,
): Promise<void> {
  const cast = await tx
    .select({ at: votes.votedAt, weight: votes.weight })
    .from(votes)
    .where(eq(votes.paperId, paperId));
  await tx
    .update(papers)
    .set({ lane, featuredAt: now, hot: hotOf(now, cast), submittedBy, codeUrl })
    .where(and(eq(papers.id, paperId), isNull(papers.featuredAt)));
}

/** Takes a paper out of the lists; its page and its votes stay. */
export async function displacePaper(tx: Orm, paperId: number): Promise<void> {
  await tx.update(papers).set({ lane: null, featuredAt: null, hot: null }).where(eq(papers.id, paperId));
}
