import { asc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Orm } from "./database/connect.ts";
import { paperAuthors, papers } from "./database/schema.ts";

/** What pages read of a paper: all but what only the search reads. */
const {
  tsv: _tsv,
  words: _words,
  titleWords: _titleWords,
  titleFolded: _folded,
  ...columns
} = getTableColumns(papers);
export const paperColumns = columns;

/** A paper's row as pages read it. */
export type PaperRow = Omit<typeof papers.$inferSelect, "tsv" | "words" | "titleWords" | "titleFolded">;

/** A paper as it is stored, with its authors in order. */
export type StoredPaper = PaperRow & { readonly authors: readonly string[] };

/** What lists show of a paper: not its whole abstract, which may lie outside its row. */
export const listedColumns = {
  id: papers.id,
  arxivId: papers.arxivId,
  title: papers.title,
  abstractExcerptHtml: papers.abstractExcerptHtml,
  authorsCount: papers.authorsCount,
  codeUrl: papers.codeUrl,
  publishedAt: papers.publishedAt,
  submittedBy: papers.submittedBy,
  votesCount: papers.votesCount,
  hot: papers.hot,
  specSlug: papers.specSlug,
  authors: sql<string[]>`array(select name from paper_authors where paper_id = papers.id order by position)`,
  /** Slugs. */
  topics: sql<string[]>`array(select topic from paper_topics where paper_id = papers.id)`,
};

/** A paper as lists read it. */
export type ListedPaper = Pick<StoredPaper, Exclude<keyof typeof listedColumns, "topics">> & {
  readonly topics: readonly string[];
};

/** The papers of some ids as lists show them, in the order of the ids. */
export async function listedPapers(orm: Orm, ids: readonly number[]): Promise<ListedPaper[]> {
  if (ids.length === 0) return [];
  const rows = await orm
    .select(listedColumns)
    .from(papers)
    .where(inArray(papers.id, [...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

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
