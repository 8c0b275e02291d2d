import { inArray, type SQL, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { papers } from "../../database/schema/index.ts";
import { authorNames, type StoredPaper } from "../papers.ts";

/** What lists and feeds tell of a paper: none of the texts that are only the pages' and the search's. */
export const summaryColumns = {
  id: papers.id,
  arxivId: papers.arxivId,
  title: papers.title,
  abstractText: papers.abstractText,
  codeUrl: papers.codeUrl,
  projectUrl: papers.projectUrl,
  publishedAt: papers.publishedAt,
  arxivUpdatedAt: papers.arxivUpdatedAt,
  featuredAt: papers.featuredAt,
  featuredOn: papers.featuredOn,
  submittedBy: papers.submittedBy,
  votesCount: papers.votesCount,
  externalUpvotes: papers.externalUpvotes,
  specSlug: papers.specSlug,
  authors: authorNames,
};

/** A paper as lists and feeds read it. */
export type PaperSummary = Pick<StoredPaper, keyof typeof summaryColumns>;

/** What the API's own paper is made from. */
export const fullColumns = {
  ...summaryColumns,
  abstractHtml: papers.abstractHtml,
  primaryCategory: papers.primaryCategory,
  categories: papers.categories,
  latestVersion: papers.latestVersion,
  hot: papers.hot,
  comment: papers.comment,
  journalRef: papers.journalRef,
  doi: papers.doi,
  withdrawn: papers.withdrawn,
  /** Slugs, in the order of the topics. */
  topics: sql<string[]>`array(
    select slug from paper_topics join topics on slug = topic where paper_id = papers.id order by topics.position, slug
  )`,
};

/** A paper as the API's own paper is made from it. */
export type FullPaper = Pick<StoredPaper, Exclude<keyof typeof fullColumns, "topics">> & {
  readonly topics: readonly string[];
};

const withId = (ids: readonly number[]): SQL => inArray(papers.id, [...ids]);

/** Rows in the order of the ids; ids without a row are left out. */
function inOrderOf<Row extends { readonly id: number }>(ids: readonly number[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/** The papers of some ids, in the order of the ids, as lists and feeds read them. */
export async function paperSummaries(orm: Orm, ids: readonly number[]): Promise<PaperSummary[]> {
  if (ids.length === 0) return [];
  return inOrderOf(ids, await orm.select(summaryColumns).from(papers).where(withId(ids)));
}

/** The papers of some ids, in the order of the ids, with all that the API's own paper is made from. */
export async function fullPapers(orm: Orm, ids: readonly number[]): Promise<FullPaper[]> {
  if (ids.length === 0) return [];
  return inOrderOf(ids, await orm.select(fullColumns).from(papers).where(withId(ids)));
}
