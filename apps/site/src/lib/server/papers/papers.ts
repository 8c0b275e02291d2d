import { eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { papers } from "../database/schema/index.ts";
import { isStorable } from "../http/json-body.ts";

/** What pages read of a paper: all but what only the search and maintenance read. */
const {
  tsv: _tsv,
  words: _words,
  titleWords: _titleWords,
  titleFolded: _folded,
  rendering: _rendering,
  ...columns
} = getTableColumns(papers);
const paperColumns = columns;

/** The authors of a row of `papers`, in order. */
export const authorNames = sql<
  string[]
>`array(select name from paper_authors where paper_id = papers.id order by position)`;

const storedColumns = { ...paperColumns, authors: authorNames };

/** A paper's row as pages read it. */
export type PaperRow = Omit<
  typeof papers.$inferSelect,
  "tsv" | "words" | "titleWords" | "titleFolded" | "rendering"
>;

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
    | "primaryCategory"
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

/** The same as the statements give it: without names, which take a quarter of the time. */
type ListedValue = readonly [
  id: number,
  arxivId: string,
  title: string,
  abstractExcerptHtml: string,
  authorsCount: number,
  primaryCategory: string | null,
  codeUrl: string | null,
  /** In milliseconds. */
  publishedAt: number,
  submittedBy: string | null,
  votesCount: number,
  hot: number | null,
  specSlug: string | null,
  authors: readonly string[] | null,
  topics: readonly string[] | null,
];

function fromValue(value: ListedValue): ListedPaper {
  const [id, arxivId, title, abstractExcerptHtml, authorsCount, primaryCategory, ...rest] = value;
  const [codeUrl, publishedAt, submittedBy, votesCount, hot, specSlug, authors, topics] = rest;
  return {
    ...{ id, arxivId, title, abstractExcerptHtml, authorsCount, primaryCategory },
    ...{ codeUrl, publishedAt: new Date(publishedAt), submittedBy, votesCount, hot, specSlug },
    ...{ authors: authors ?? [], topics: topics ?? [] },
  };
}

/** A paper as lists read it, in one value: the drivers take longer to read many. */
export const listedPaper = sql`json_build_array(
  papers.id, arxiv_id, title, abstract_excerpt_html, authors_count, primary_category, code_url,
  extract(epoch from published_at) * 1000, submitted_by, votes_count, hot, spec_slug,
  (select json_agg(name order by position) from paper_authors where paper_id = papers.id),
  (select json_agg(topic order by topic) from paper_topics where paper_id = papers.id))`.mapWith({
  mapFromDriverValue: fromValue,
});

/** The papers of some ids as lists show them, in the order of the ids. */
export async function listedPapers(orm: Orm, ids: readonly number[]): Promise<ListedPaper[]> {
  if (ids.length === 0) return [];
  const [{ found }] = rowsOf<{ found: readonly ListedValue[] | null }>(
    await orm.execute(sql`
      select json_agg(${listedPaper}) as found from papers where id = any(${`{${ids.join()}}`}::bigint[])`),
  );
  const byId = new Map((found ?? []).map((value) => [value[0], fromValue(value)] as const));
  return ids.map((id) => byId.get(id)).filter((paper) => paper !== undefined);
}

/** The papers of some ids, in the order of the ids; ids without a paper are left out. */
export async function papersById(orm: Orm, ids: readonly number[]): Promise<StoredPaper[]> {
  if (ids.length === 0) return [];
  const rows = await orm
    .select(storedColumns)
    .from(papers)
    .where(inArray(papers.id, [...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/** The paper of a canonical arXiv id. */
export async function paperByArxivId(orm: Orm, arxivId: string): Promise<StoredPaper | undefined> {
  // An address may have a text that no column has.
  if (!isStorable(arxivId)) return undefined;
  const [paper] = await orm.select(storedColumns).from(papers).where(eq(papers.arxivId, arxivId));
  return paper;
}

/** The arXiv id of the paper with a name in the registry, such as `deeponet`. */
export async function arxivIdOfName(orm: Orm, name: string): Promise<string | undefined> {
  if (!isStorable(name)) return undefined;
  const [paper] = await orm.select({ id: papers.arxivId }).from(papers).where(eq(papers.specSlug, name));
  return paper?.id;
}
