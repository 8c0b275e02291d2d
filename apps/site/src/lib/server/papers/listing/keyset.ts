import { and, eq, gt, lt, or, type SQL } from "drizzle-orm";
import { z } from "zod";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { papers } from "../../database/schema/index.ts";
import { sortKeys } from "./order.ts";
import type { FullPaper } from "./paper-rows.ts";
import type { Sort } from "./parameters.ts";

/** Values that the columns can hold: a cursor is a client's own text, whatever it says. */
const date = z.iso
  .datetime({ precision: 3 })
  .refine((text) => text >= "1900")
  .transform((text) => new Date(text));
const voteCount = z.int32().min(0);
const arxivId = z.string().refine((text) => parseArxivId(text)?.id === text);

/** The position of a paper in a list of each order, as a cursor holds it. */
export const keysetPositions = {
  top: z.tuple([z.literal("top"), voteCount, z.number(), date, arxivId]),
  trending: z.tuple([z.literal("trending"), z.number(), voteCount, date, arxivId]),
  new: z.tuple([z.literal("new"), date, arxivId]),
} as const;

/** Where a paper stands in a list. */
export function positionOf(sort: Sort, paper: FullPaper): unknown[] {
  return [sort, ...sortKeys[sort].map(({ name }) => paper[name])];
}

/** The papers that come after a position: equal in the first keys, and later in the next. */
export function afterPosition(sort: Sort, position: readonly (string | number | Date)[]): SQL | undefined {
  const keys = sortKeys[sort];
  return or(
    ...keys.map(({ name, descending }, i) => {
      const equal = keys.slice(0, i).map((key, j) => eq(papers[key.name], position[j + 1]));
      const after = descending ? lt : gt;
      return and(...equal, after(papers[name], position[i + 1]));
    }),
  );
}
