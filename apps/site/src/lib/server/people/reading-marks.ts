import { and, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { authorsLine } from "#lib/authors.ts";
import { fullDateLabel } from "#lib/days.ts";
import type { SavedPaper } from "#lib/reading/marks.ts";
import type { Orm } from "../database/connect.ts";
import { lockAccount } from "../database/row-locks.ts";
import { papers, readingMarks } from "../database/schema/index.ts";
import { instant } from "../instant.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { papersById } from "../papers/papers.ts";

/** What is marked: that a paper is saved for later, or read. */
export type Mark = "saved" | "read";

const columns = { saved: readingMarks.savedAt, read: readingMarks.readAt } as const;
const fields = { saved: "savedAt", read: "readAt" } as const;

/** A mark that somebody sets or takes away. */
export interface MarkChange {
  readonly userId: string;
  readonly arxivId: string;
  readonly mark: Mark;
  readonly set: boolean;
  readonly now: Date;
}

/**
 * Sets a mark, which keeps the time of the first, or takes it away; an account that was deleted meanwhile gets none. False
 * when there is no such paper to be seen.
 */
export function changeMark(orm: Orm, { userId, arxivId, mark, set, now }: MarkChange): Promise<boolean> {
  return orm.transaction(async (transaction) => {
    const [paper] = await transaction
      .select({ id: papers.id })
      .from(papers)
      .where(and(eq(papers.arxivId, arxivId), eq(papers.hidden, false)));
    if (!paper) return false;
    const own = and(eq(readingMarks.userId, userId), eq(readingMarks.paperId, paper.id));
    const [column, field] = [columns[mark], fields[mark]];
    const other = columns[mark === "saved" ? "read" : "saved"];
    if (set) {
      if (!(await lockAccount(transaction, userId))) return true;
      await transaction
        .insert(readingMarks)
        .values({ userId, paperId: paper.id, [field]: now })
        .onConflictDoUpdate({
          target: [readingMarks.userId, readingMarks.paperId],
          set: { [field]: sql`coalesce(${column}, ${now.toISOString()}::timestamptz)` },
        });
      return true;
    }
    // Of two that take away a mark each, the second finds what the first has left.
    await transaction.select({ id: readingMarks.paperId }).from(readingMarks).where(own).for("update");
    await transaction.delete(readingMarks).where(and(own, isNull(other)));
    await transaction
      .update(readingMarks)
      .set({ [field]: null })
      .where(own);
    return true;
  });
}

/** The most marks of each kind that are taken at once: what a browser keeps. */
const MOST = 5000;
/** Papers that are written in one statement. */
const BATCH = 500;

/** Marks as a browser or an exported account has them. */
export const marksSchema = z.object({
  saved: z.array(z.object({ arxivId: z.string().max(40), savedAt: instant })).max(MOST),
  read: z.array(z.object({ arxivId: z.string().max(40), readAt: instant.optional() })).max(MOST),
});

export type Marks = z.output<typeof marksSchema>;

/** Adds marks to those of an account; marks that are there, later than now or of papers that are not here change nothing. */
export async function mergeMarks(orm: Orm, userId: string, { saved, read }: Marks, now: Date): Promise<void> {
  const marked = new Map<string, { savedAt?: Date; readAt?: Date }>();
  const at = (text: string | undefined) => {
    const when = text === undefined ? now : new Date(text);
    return when > now ? now : when;
  };
  for (const { arxivId, savedAt } of saved) marked.set(arxivId, { savedAt: at(savedAt) });
  for (const { arxivId, readAt } of read) marked.set(arxivId, { ...marked.get(arxivId), readAt: at(readAt) });
  const ids = [...marked.keys()];
  await orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, userId))) return;
    const found: { readonly id: number; readonly arxivId: string }[] = [];
    for (let from = 0; from < ids.length; from += BATCH)
      found.push(
        ...(await transaction
          .select({ id: papers.id, arxivId: papers.arxivId })
          .from(papers)
          .where(and(inArray(papers.arxivId, ids.slice(from, from + BATCH)), eq(papers.hidden, false)))),
      );
    // In one order, so that of two browsers that bring the same marks neither waits for the other's.
    found.sort((a, b) => a.id - b.id);
    for (let from = 0; from < found.length; from += BATCH)
      await transaction
        .insert(readingMarks)
        .values(
          found
            .slice(from, from + BATCH)
            .map(({ id, arxivId }) => ({ userId, paperId: id, ...marked.get(arxivId) })),
        )
        .onConflictDoUpdate({
          target: [readingMarks.userId, readingMarks.paperId],
          set: {
            savedAt: sql`coalesce(${readingMarks.savedAt}, excluded.saved_at)`,
            readAt: sql`coalesce(${readingMarks.readAt}, excluded.read_at)`,
          },
        });
  });
}

/** A saved paper, and whether it was read. */
export interface SavedEntry extends SavedPaper {
  readonly read: boolean;
}

/** The papers that somebody saved, the last first. */
export async function savedPapers(orm: Orm, userId: string): Promise<SavedEntry[]> {
  const rows = await orm
    .select({ id: readingMarks.paperId, savedAt: readingMarks.savedAt, readAt: readingMarks.readAt })
    .from(readingMarks)
    .innerJoin(papers, and(eq(papers.id, readingMarks.paperId), eq(papers.hidden, false)))
    .where(and(eq(readingMarks.userId, userId), isNotNull(readingMarks.savedAt)))
    .orderBy(desc(readingMarks.savedAt), desc(readingMarks.paperId))
    .limit(MOST);
  const found = await papersById(
    orm,
    rows.map(({ id }) => id),
  );
  const marks = new Map(rows.map((row) => [row.id, row]));
  return found.map(({ id, arxivId, title, authors, publishedAt }) => ({
    arxivId,
    title: readableLine(title),
    authors: authorsLine(authors),
    published: fullDateLabel(publishedAt),
    savedAt: marks.get(id)?.savedAt?.toISOString() ?? "",
    read: (marks.get(id)?.readAt ?? null) !== null,
  }));
}

/** All marks of an account, as its export has them. */
export async function exportMarks(orm: Orm, userId: string): Promise<Marks> {
  const rows = await orm
    .select({ arxivId: papers.arxivId, savedAt: readingMarks.savedAt, readAt: readingMarks.readAt })
    .from(readingMarks)
    .innerJoin(papers, eq(papers.id, readingMarks.paperId))
    .where(eq(readingMarks.userId, userId))
    .orderBy(readingMarks.createdAt, papers.arxivId);
  return {
    saved: rows.flatMap(({ arxivId, savedAt }) =>
      savedAt ? [{ arxivId, savedAt: savedAt.toISOString() }] : [],
    ),
    read: rows.flatMap(({ arxivId, readAt }) => (readAt ? [{ arxivId, readAt: readAt.toISOString() }] : [])),
  };
}
