import { asc, desc, type SQL } from "drizzle-orm";
import { papers } from "../../database/schema/index.ts";
import type { Sort } from "./parameters.ts";

const descending = <const Name extends "votesCount" | "hot" | "publishedAt" | "featuredAt" | "arxivId">(
  name: Name,
) => ({ name, descending: true }) as const;
const byArxivId = { name: "arxivId", descending: false } as const;

/** Sort columns of each order; the identifier comes last, so that the order is total. */
export const sortKeys = {
  top: [descending("votesCount"), descending("hot"), descending("publishedAt"), byArxivId],
  trending: [descending("hot"), descending("votesCount"), descending("publishedAt"), byArxivId],
  new: [descending("featuredAt"), descending("arxivId")],
} as const;

/** The `order by` of a list. */
export function orderBy(sort: Sort): SQL[] {
  return sortKeys[sort].map((key) => (key.descending ? desc(papers[key.name]) : asc(papers[key.name])));
}
