import { and, asc, count, eq, gte, inArray, isNotNull, lte, max, min, type SQL, sql } from "drizzle-orm";
import type { Day } from "#lib/days.ts";
import type { Orm } from "../../database/connect.ts";
import { papers, paperTopics } from "../../database/schema/index.ts";
import { type ListedPaper, listedPaper } from "../papers.ts";
import { orderBy } from "./order.ts";
import type { ListParameters } from "./parameters.ts";

/** The first and last day whose papers are listed. */
export interface DayRange {
  readonly first?: Day;
  /** At most today: papers featured in the future are not listed. */
  readonly last: Day;
}

/** Visible papers featured within some days. */
export function featured({ first, last }: DayRange): SQL | undefined {
  return and(
    isNotNull(papers.featuredAt),
    eq(papers.hidden, false),
    lte(papers.featuredOn, last),
    first === undefined ? undefined : gte(papers.featuredOn, first),
  );
}

/** The filters of a list as a condition. */
export function narrowed({
  topics,
  runnable,
  minVotes,
}: Pick<ListParameters, "topics" | "runnable" | "minVotes">): SQL | undefined {
  return and(
    runnable ? isNotNull(papers.specSlug) : undefined,
    minVotes > 0 ? gte(papers.votesCount, minVotes) : undefined,
    topics.length > 0
      ? inArray(
          papers.id,
          sql`(select ${paperTopics.paperId} from ${paperTopics} where ${inArray(paperTopics.topic, [...topics])})`,
        )
      : undefined,
  );
}

/** A page of a list. */
export interface Listing {
  readonly papers: readonly ListedPaper[];
}

/** The papers featured in `range` that pass the filters, in order, `limit` from `offset` on. */
export async function listPapers(
  orm: Orm,
  range: DayRange,
  parameters: Pick<ListParameters, "sort" | "topics" | "runnable" | "minVotes">,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<Listing> {
  const rows = await orm
    .select({ paper: listedPaper })
    .from(papers)
    .where(and(featured(range), narrowed(parameters)))
    .orderBy(...orderBy(parameters.sort))
    .limit(limit)
    .offset(offset);
  return { papers: rows.map(({ paper }) => paper) };
}

/** Number of papers in a list, and how many of them are runnable. */
export async function countPapers(
  orm: Orm,
  range: DayRange,
  { topics, minVotes }: Pick<ListParameters, "topics" | "minVotes">,
): Promise<{ readonly all: number; readonly runnable: number }> {
  const [counts] = await orm
    .select({ all: count(), runnable: count(papers.specSlug) })
    .from(papers)
    .where(and(featured(range), narrowed({ topics, minVotes, runnable: false })));
  return counts;
}

/** Number of papers of each day of `range` with papers. */
export async function papersByDay(orm: Orm, range: DayRange): Promise<Record<Day, number>> {
  const rows = await orm
    .select({ day: papers.featuredOn, papers: count() })
    .from(papers)
    .where(featured(range))
    .groupBy(papers.featuredOn)
    .orderBy(asc(papers.featuredOn));
  return Object.fromEntries(rows.flatMap(({ day, papers: number }) => (day ? [[day, number]] : [])));
}

/** The most recent day, up to `today`, that has papers. */
export async function latestDay(orm: Orm, today: Day): Promise<Day | undefined> {
  const [{ day }] = await orm
    .select({ day: max(papers.featuredOn) })
    .from(papers)
    .where(featured({ last: today }));
  return day ?? undefined;
}

/** The nearest days with papers before `first` and after `last`, none later than `today`. */
export async function nearestDays(
  orm: Orm,
  { first, last }: { readonly first: Day; readonly last: Day },
  today: Day,
): Promise<{ readonly previous?: Day; readonly next?: Day }> {
  const visible = and(isNotNull(papers.featuredAt), eq(papers.hidden, false));
  const [before] = await orm
    .select({ day: max(papers.featuredOn) })
    .from(papers)
    .where(and(visible, sql`${papers.featuredOn} < ${first}`, lte(papers.featuredOn, today)));
  const [after] = await orm
    .select({ day: min(papers.featuredOn) })
    .from(papers)
    .where(and(visible, sql`${papers.featuredOn} > ${last}`, lte(papers.featuredOn, today)));
  return { previous: before.day ?? undefined, next: after.day ?? undefined };
}
