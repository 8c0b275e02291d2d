import { and, asc, desc, eq, gt, lt, or, type SQL } from "drizzle-orm";
import { z } from "zod";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { papers } from "../database/schema.ts";
import type { Sort } from "../listing/parameters.ts";
import type { FullPaper } from "./paper-rows.ts";

const votes = { column: papers.votesCount, descending: true, of: (paper: FullPaper) => paper.votesCount };
const hot = { column: papers.hot, descending: true, of: (paper: FullPaper) => paper.hot };
const published = {
  column: papers.publishedAt,
  descending: true,
  of: (paper: FullPaper) => paper.publishedAt,
};
const featured = {
  column: papers.featuredAt,
  descending: true,
  of: (paper: FullPaper) => paper.featuredAt,
};
const id = { column: papers.arxivId, descending: false, of: (paper: FullPaper) => paper.arxivId };

/** What lists are ordered by, the identifier last, so that no two papers stand at one place. */
const keys = {
  top: [votes, hot, published, id],
  trending: [hot, votes, published, id],
  new: [featured, { ...id, descending: true }],
} as const;

/** Values that the columns can hold: a cursor is a client's own text, whatever it says. */
const date = z.iso
  .datetime({ precision: 3 })
  .refine((text) => text >= "1900")
  .transform((text) => new Date(text));
const voteCount = z.int32().min(0);
const arxivId = z.string().refine((text) => parseArxivId(text)?.id === text);

/** The place of a paper in a list of each order. */
export const keysetPositions = {
  top: z.tuple([z.literal("top"), voteCount, z.number(), date, arxivId]),
  trending: z.tuple([z.literal("trending"), z.number(), voteCount, date, arxivId]),
  new: z.tuple([z.literal("new"), date, arxivId]),
} as const;

/** The `order by` of a list. */
export function orderOf(sort: Sort): SQL[] {
  return keys[sort].map(({ column, descending }) => (descending ? desc(column) : asc(column)));
}

/** Where a paper stands in a list. */
export function positionOf(sort: Sort, paper: FullPaper): unknown[] {
  return [sort, ...keys[sort].map(({ of }) => of(paper))];
}

/** The papers that come after a place: equal in the first keys, and later in the next. */
export function afterPosition(sort: Sort, place: readonly (string | number | Date)[]): SQL | undefined {
  return or(
    ...keys[sort].map(({ column, descending }, i) => {
      const equal = keys[sort].slice(0, i).map((key, j) => eq(key.column, place[j + 1]));
      return and(...equal, descending ? lt(column, place[i + 1]) : gt(column, place[i + 1]));
    }),
  );
}
