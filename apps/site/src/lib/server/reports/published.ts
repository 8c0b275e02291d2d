import { and, desc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import { longDate } from "#lib/days.ts";
import type { ReaderFigures, ReaderReport, ReaderReports } from "#lib/views.ts";
import type { Orm } from "../database/connect.ts";
import { reports, users } from "../database/schema/index.ts";

/** Reports that a page lists, and those whose figures its strips show. */
const LISTED = 20;
const DRAWN = 200;

/** Reports that everybody sees: neither hidden nor of a suspended account. */
const published = (paper: SQL | undefined): SQL | undefined =>
  and(paper, eq(reports.state, "published"), isNull(users.suspendedAt));

/** How many published reports papers have; papers without one are left out. */
export async function reportCounts(orm: Orm, paperIds: readonly number[]): Promise<Map<number, number>> {
  if (paperIds.length === 0) return new Map();
  const rows = await orm
    .select({ paperId: reports.paperId, count: sql<number>`count(*)::int` })
    .from(reports)
    .innerJoin(users, eq(users.id, reports.userId))
    .where(published(inArray(reports.paperId, [...paperIds])))
    .groupBy(reports.paperId);
  return new Map(rows.map(({ paperId, count }) => [paperId, count]));
}

/** Rows of earlier versions have null for what is not finite. */
const figureOf = (kept: number | null) => kept ?? Number.NaN;

/** What readers report of a paper: the latest reports, and the figures of quick runs by check. */
export async function readerReports(orm: Orm, paperId: number): Promise<ReaderReports> {
  const rows = await orm
    .select({
      id: reports.id,
      experiment: reports.experiment,
      profile: reports.profile,
      seed: reports.seed,
      version: reports.version,
      environment: reports.environment,
      checks: reports.checks,
      measuredAt: reports.measuredAt,
      note: sql<string | null>`case when ${reports.noteState} = 'published' then ${reports.note} end`,
    })
    .from(reports)
    .innerJoin(users, eq(users.id, reports.userId))
    .where(published(eq(reports.paperId, paperId)))
    .orderBy(desc(reports.createdAt), desc(reports.id))
    .limit(DRAWN);
  const total =
    rows.length < DRAWN ? rows.length : ((await reportCounts(orm, [paperId])).get(paperId) ?? rows.length);
  const latest: ReaderReport[] = rows
    .slice(0, LISTED)
    .map(({ id, experiment, profile, seed, version, environment, checks, measuredAt, note }) => ({
      id,
      experiment,
      profile,
      seed,
      version,
      environment,
      checks: { held: checks.filter(({ held }) => held).length, of: checks.length },
      on: { label: longDate(measuredAt), instant: measuredAt.toISOString() },
      ...(note === null ? {} : { note }),
    }));
  const figures = new Map<string, ReaderFigures & { readonly measured: number[] }>();
  for (const { experiment, profile, checks } of rows) {
    if (profile !== "quick") continue;
    for (const { label, measured } of checks) {
      const key = JSON.stringify([experiment, label]);
      const known = figures.get(key) ?? { experiment, label, measured: [] };
      known.measured.push(figureOf(measured));
      figures.set(key, known);
    }
  }
  return { total, latest, figures: [...figures.values()] };
}
