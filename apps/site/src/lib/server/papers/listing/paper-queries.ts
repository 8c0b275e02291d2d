import { and, count, gte, lte, type SQL } from "drizzle-orm";
import type { Day } from "#lib/days.ts";
import { daysOf, type Period, parsePeriod } from "#lib/periods.ts";
import type { Orm } from "../../database/connect.ts";
import { papers, topics as topicRows } from "../../database/schema/index.ts";
import { withReceivedValue } from "../../http/parameter-message.ts";
import { Problem } from "../../http/problem.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { afterPosition, keysetPositions, positionOf } from "./keyset.ts";
import { orderBy } from "./order.ts";
import { type FullPaper, fullColumns, type PaperSummary, summaryColumns } from "./paper-rows.ts";
import type { Sort } from "./parameters.ts";
import { type DayRange, narrowed } from "./query.ts";

/**
 * Days with papers that may be listed today: those of a period, or all.
 *
 * @throws Problem when several periods are given, or a day that has not come yet
 */
export function requestedDays(
  { date, week, month }: { readonly date?: string; readonly week?: string; readonly month?: string },
  today: Day,
): DayRange {
  const asked = [
    ["day", date],
    ["week", week],
    ["month", month],
  ] as const;
  const periods = asked
    .map(([kind, text]) => (text === undefined ? undefined : parsePeriod(kind, text)))
    .filter((period): period is Period => period !== undefined);
  if (periods.length > 1)
    throw new Problem("invalid_parameter", "Use only one of “date”, “week” and “month”.", "date");
  if (periods.length === 0) return { last: today };
  const { first, last } = daysOf(periods[0]);
  if (date !== undefined && date > today)
    throw new Problem(
      "invalid_parameter",
      withReceivedValue(`“date” must not be after today, ${today}.`, date),
      "date",
    );
  return { first, last: last < today ? last : today };
}

/**
 * Checks the slugs of topics.
 *
 * @throws Problem that lists the topics when one is unknown
 */
export async function checkTopics(orm: Orm, asked: readonly string[]): Promise<void> {
  if (asked.length === 0) return;
  const known = (await orm.select({ slug: topicRows.slug }).from(topicRows)).map(({ slug }) => slug);
  const unknown = asked.find((slug) => !known.includes(slug));
  if (unknown === undefined) return;
  const wanted = `“topic” must be one of ${known.sort().join(", ")}.`;
  throw new Problem("invalid_parameter", withReceivedValue(wanted, unknown), "topic");
}

/** A list's filters as the API's parameters give them. */
export interface PaperFilters {
  readonly topic: readonly string[];
  readonly runnable: "0" | "1";
  readonly min_votes: number;
}

/** Papers that pass the filters. */
export function filterCondition({ topic, runnable, min_votes: minVotes }: PaperFilters): SQL | undefined {
  return narrowed({ topics: topic, runnable: runnable === "1", minVotes });
}

/** How many papers pass a condition. */
export async function countMatching(orm: Orm, condition: SQL | undefined): Promise<number> {
  const [{ total }] = await orm.select({ total: count() }).from(papers).where(condition);
  return total;
}

/** Featured papers of some days that pass a condition, in order, from a cursor on. */
export async function listFromCursor(
  orm: Orm,
  condition: SQL | undefined,
  { sort, limit, cursor }: { readonly sort: Sort; readonly limit: number; readonly cursor?: string },
): Promise<{ readonly papers: FullPaper[]; readonly next: string | null }> {
  const place = cursor === undefined ? undefined : decodeCursor(cursor, keysetPositions[sort]);
  const rows = await orm
    .select(fullColumns)
    .from(papers)
    .where(and(condition, place && afterPosition(sort, place)))
    .orderBy(...orderBy(sort))
    .limit(limit + 1);
  const shown = rows.slice(0, limit);
  const more = rows.length > limit;
  return { papers: shown, next: more ? encodeCursor(positionOf(sort, shown[shown.length - 1])) : null };
}

/** Featured papers of a range by one order, some of them left out at the beginning. */
export async function listFromOffset(
  orm: Orm,
  condition: SQL | undefined,
  { sort, limit, offset }: { readonly sort: Sort; readonly limit: number; readonly offset: number },
): Promise<PaperSummary[]> {
  return orm
    .select(summaryColumns)
    .from(papers)
    .where(condition)
    .orderBy(...orderBy(sort))
    .limit(limit)
    .offset(offset);
}

/** Papers that were published between two days, both included. */
export function publishedBetween(from: Day | undefined, to: Day | undefined): SQL | undefined {
  return and(
    from === undefined ? undefined : gte(papers.publishedAt, new Date(`${from}T00:00:00.000Z`)),
    to === undefined ? undefined : lte(papers.publishedAt, new Date(`${to}T23:59:59.999Z`)),
  );
}
