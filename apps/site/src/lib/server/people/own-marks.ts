import { and, eq, inArray } from "drizzle-orm";
import type { OwnMarks } from "#lib/person-view.ts";
import type { Orm } from "../database/connect.ts";
import { papers, votes } from "../database/schema/index.ts";

/** What somebody did with some papers. */
export async function ownMarks(orm: Orm, userId: string, arxivIds: readonly string[]): Promise<OwnMarks> {
  if (arxivIds.length === 0) return { voted: [] };
  const voted = await orm
    .select({ arxivId: papers.arxivId })
    .from(votes)
    .innerJoin(papers, eq(papers.id, votes.paperId))
    .where(and(eq(votes.userId, userId), inArray(papers.arxivId, [...arxivIds])));
  return { voted: voted.map(({ arxivId }) => arxivId) };
}
