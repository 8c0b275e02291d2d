import type { SQL } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import type { ActiveModel } from "./embedding/store.ts";
import { type SearchOrder, type SearchResult, search, sortFound } from "./search.ts";

/** The orders of what a search found. */
export const searchSorts = ["relevance", "trending", "new"] as const satisfies readonly SearchOrder[];
export type SearchSort = (typeof searchSorts)[number];

/** Which of a search's papers are wanted. */
interface Wanted {
  readonly sort: SearchSort;
  readonly offset?: number;
  readonly limit: number;
}

/**
 * The papers that a search found and that pass a condition, in order: how many, and the ids of those wanted. What is less
 * related to the query is left out.
 */
export async function findPapers(
  orm: Orm,
  { text, model }: { readonly text: string; readonly model: ActiveModel | undefined },
  condition: SQL | undefined,
  { sort, offset = 0, limit }: Wanted,
): Promise<{ readonly result: SearchResult; readonly total: number; readonly ids: readonly number[] }> {
  const result = await search(orm, text, { model, condition });
  const passing = result.papers.filter(({ passes, close }) => passes && close);
  const ids = sortFound(passing, sort).map(({ id }) => id);
  return { result, total: ids.length, ids: ids.slice(offset, offset + limit) };
}
