import { and, eq } from "drizzle-orm";
import { papers, relatedPapers } from "../database/schema/index.ts";

/** Which papers are shown as related to another: its nearest, unless they were hidden or withdrawn since. */
export const shownAsRelated = and(
  eq(papers.id, relatedPapers.relatedId),
  eq(papers.hidden, false),
  eq(papers.withdrawn, false),
);
