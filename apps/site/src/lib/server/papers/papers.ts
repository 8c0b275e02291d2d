import { asc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { paperAuthors, papers } from "../database/schema/index.ts";

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

/** A paper as lists read it: not its whole abstract, which may lie outside its row. */
export interface ListedPaper
  extends Pick<
    StoredPaper,
    | "id"
    | "arxivId"
    | "title"
    | "abstractExcerptHtml"
    | "authorsCount"
    | "codeUrl"
    | "publishedAt"
    | "submittedBy"
    | "votesCount"
    | "hot"
    | "specSlug"
    | "authors"
  > {
  /** Slugs. */
  readonly topics: readonly string[];
}

/** The same as JSON. */
type ListedJson = Omit<ListedPaper, "publishedAt" | "authors" | "topics"> & {
  /** In milliseconds. */
  readonly publishedAt: number;
  readonly authors: readonly string[] | null;
  readonly topics: readonly string[] | null;
};

function fromJson({ publishedAt, authors, topics, ...paper }: ListedJson): ListedPaper {
  return { ...paper, publishedAt: new Date(publishedAt), authors: authors ?? [], topics: topics ?? [] };
}

/** A paper as lists read it, in one value: the drivers take longer to read many. */
export const listedPaper = sql`json_build_object(
  'id', papers.id, 'arxivId', arxiv_id, 'title', title, 'abstractExcerptHtml', abstract_excerpt_html,
  'authorsCount', authors_count, 'codeUrl', code_url, 'publishedAt', extract(epoch from published_at) * 1000,
  'submittedBy', submitted_by, 'votesCount', votes_count, 'hot', hot, 'specSlug', spec_slug,
  'authors', (select json_agg(name order by position) from paper_authors where paper_id = papers.id),
  'topics', (select json_agg(topic order by topic) from paper_topics where paper_id = papers.id))`.mapWith({
  mapFromDriverValue: fromJson,
});

/** The papers of some ids as lists show them, in the order of the ids. */
export async function listedPapers(orm: Orm, ids: readonly number[]): Promise<ListedPaper[]> {
  if (ids.length === 0) return [];
  const [{ found }] = rowsOf<{ found: readonly ListedJson[] | null }>(
    await orm.execute(sql`
      select json_agg(${listedPaper}) as found from papers where id = any(${`{${ids.join()}}`}::bigint[])`),
  );
  const byId = new Map((found ?? []).map((paper) => [paper.id, fromJson(paper)]));
  return ids.map((id) => byId.get(id)).filter((paper) => paper !== undefined);
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
