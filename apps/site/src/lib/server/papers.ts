import { and, asc, desc, eq, gt, inArray, lt, lte, type SQL } from "drizzle-orm";
import type { Day } from "../days.ts";
import type { Orm } from "./database/connect.ts";
import { paperAuthors, papers } from "./database/schema.ts";

/** A paper as it is stored, with its authors in order. */
export type StoredPaper = typeof papers.$inferSelect & { readonly authors: readonly string[] };

async function withAuthors(orm: Orm, rows: readonly (typeof papers.$inferSelect)[]): Promise<StoredPaper[]> {
  if (rows.length === 0) return [];
  const names = await orm
    .select()
    .from(paperAuthors)
    .where(
      inArray(
        paperAuthors.paperId,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(asc(paperAuthors.paperId), asc(paperAuthors.position));
  const byPaper = Map.groupBy(names, ({ paperId }) => paperId);
  return rows.map((row) => ({ ...row, authors: (byPaper.get(row.id) ?? []).map(({ name }) => name) }));
}

/** The papers featured on a day, by `hot`, then newest, then id. */
export async function papersOfDay(orm: Orm, day: Day): Promise<StoredPaper[]> {
  const rows = await orm
    .select()
    .from(papers)
    .where(eq(papers.featuredOn, day))
    .orderBy(desc(papers.hot), desc(papers.publishedAt), asc(papers.arxivId));
  return withAuthors(orm, rows);
}

/** The paper of a canonical arXiv id. */
export async function paperByArxivId(orm: Orm, arxivId: string): Promise<StoredPaper | undefined> {
  const rows = await orm.select().from(papers).where(eq(papers.arxivId, arxivId));
  return (await withAuthors(orm, rows))[0];
}

async function nearest(orm: Orm, condition: SQL, order: SQL): Promise<Day | undefined> {
  const rows = await orm
    .select({ day: papers.featuredOn })
    .from(papers)
    .where(condition)
    .orderBy(order)
    .limit(1);
  return rows[0]?.day ?? undefined;
}

/** The most recent day, up to `today`, that has papers. */
export function latestDay(orm: Orm, today: Day): Promise<Day | undefined> {
  return nearest(orm, lte(papers.featuredOn, today), desc(papers.featuredOn));
}

/** The nearest days with papers before and after `day`, none later than `today`. */
export async function neighborDays(
  orm: Orm,
  day: Day,
  today: Day,
): Promise<{ readonly previous?: Day; readonly next?: Day }> {
  const later = and(gt(papers.featuredOn, day), lte(papers.featuredOn, today));
  return {
    previous: await nearest(orm, lt(papers.featuredOn, day), desc(papers.featuredOn)),
    next: later && (await nearest(orm, later, asc(papers.featuredOn))),
  };
}
