import { and, eq, inArray, type SQL } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { papers } from "../database/schema.ts";
import type { ActiveModel } from "../embedding/store.ts";
import { type PaperRow, paperColumns } from "../papers.ts";
import { type SearchResult, search } from "../search/search.ts";

/** The orders of what a search found. */
export const searchSorts = ["relevance", "trending", "new"] as const;
export type SearchSort = (typeof searchSorts)[number];

const byIdentifier = (a: PaperRow, b: PaperRow) => (a.arxivId < b.arxivId ? 1 : -1);
const orders: Readonly<Record<Exclude<SearchSort, "relevance">, (a: PaperRow, b: PaperRow) => number>> = {
  trending: (a, b) =>
    (b.hot ?? Number.NEGATIVE_INFINITY) - (a.hot ?? Number.NEGATIVE_INFINITY) || byIdentifier(a, b),
  new: (a, b) => b.publishedAt.getTime() - a.publishedAt.getTime() || byIdentifier(a, b),
};

/** The papers that a search found and that pass a condition, in order. */
export async function findPapers(
  orm: Orm,
  { text, model }: { readonly text: string; readonly model: ActiveModel | undefined },
  condition: SQL | undefined,
  sort: SearchSort,
): Promise<{ readonly result: SearchResult; readonly rows: PaperRow[] }> {
  const result = await search(orm, text, model);
  if (result.ids.length === 0) return { result, rows: [] };
  const rows = await orm
    .select(paperColumns)
    .from(papers)
    .where(and(inArray(papers.id, [...result.ids]), eq(papers.hidden, false), condition));
  const rank = new Map(result.ids.map((id, i) => [id, i]));
  const relevance = (a: PaperRow, b: PaperRow) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0);
  return { result, rows: rows.toSorted(sort === "relevance" ? relevance : orders[sort]) };
}
