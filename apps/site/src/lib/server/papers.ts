import { asc, eq, getTableColumns, inArray } from "drizzle-orm";
import type { Orm } from "./database/connect.ts";
import { paperAuthors, papers } from "./database/schema.ts";

/** What pages read of a paper: all but what only the search reads. */
const { tsv: _tsv, titleFolded: _folded, ...columns } = getTableColumns(papers);
export const paperColumns = columns;

/** A paper's row as pages read it. */
export type PaperRow = Omit<typeof papers.$inferSelect, "tsv" | "titleFolded">;

/** A paper as it is stored, with its authors in order. */
export type StoredPaper = PaperRow & { readonly authors: readonly string[] };

/** Rows with their authors, in the order of the rows. */
export async function withAuthors(orm: Orm, rows: readonly PaperRow[]): Promise<StoredPaper[]> {
  if (rows.length === 0) return [];
  const names = await orm
    .select({ paperId: paperAuthors.paperId, name: paperAuthors.name })
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

/** The papers of some ids, in the order of the ids; ids without a paper are left out. */
export async function papersById(orm: Orm, ids: readonly number[]): Promise<StoredPaper[]> {
  if (ids.length === 0) return [];
  const rows = await orm
    .select(paperColumns)
    .from(papers)
    .where(inArray(papers.id, [...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return withAuthors(
    orm,
    ids.map((id) => byId.get(id)).filter((row) => row !== undefined),
  );
}

/** The paper of a canonical arXiv id. */
export async function paperByArxivId(orm: Orm, arxivId: string): Promise<StoredPaper | undefined> {
  const rows = await orm.select(paperColumns).from(papers).where(eq(papers.arxivId, arxivId));
  return (await withAuthors(orm, rows))[0];
}
