import { and, desc, eq, isNotNull, ne, type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount } from "../database/row-locks.ts";
import { papers, reports } from "../database/schema/index.ts";
import { noteDecision } from "../moderation/audit.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";

/** What a moderator can decide of a report. */
const reportDecisions = ["publish-note", "hide-note", "hide", "restore"] as const;
export type ReportDecision = (typeof reportDecisions)[number];

/** A report as moderators see it: its text always, its sender never. */
export interface ModeratedReport {
  readonly id: number;
  readonly arxivId: string;
  readonly title: string;
  readonly experiment: string;
  readonly profile: "quick" | "full";
  readonly seed: number;
  readonly runtime: string;
  readonly platform: string;
  readonly held: number;
  readonly checks: number;
  readonly state: "published" | "hidden";
  readonly note: string | null;
  readonly noteState: "pending" | "published" | "hidden" | null;
  readonly sent: Date;
}

/** The most reports that a page shows. */
const SHOWN = 100;

/** How many texts of reports that are shown wait for a moderator. */
export function countPendingNotes(orm: Orm): Promise<number> {
  return orm.$count(reports, and(eq(reports.noteState, "pending"), eq(reports.state, "published")));
}

/** The latest reports, before them those whose text waits for a moderator. */
export async function moderatedReports(orm: Orm): Promise<ModeratedReport[]> {
  const rows = await orm
    .select({ report: reports, arxivId: papers.arxivId, title: papers.title })
    .from(reports)
    .innerJoin(papers, eq(papers.id, reports.paperId))
    .orderBy(
      desc(sql`${reports.noteState} is not distinct from 'pending'`),
      desc(reports.createdAt),
      desc(reports.id),
    )
    .limit(SHOWN);
  return rows.map(({ report, arxivId, title }) => ({
    id: report.id,
    arxivId,
    title: readableLine(title),
    experiment: report.experiment,
    profile: report.profile,
    seed: report.seed,
    runtime: report.environment.runtime,
    platform: report.environment.platform,
    held: report.checks.filter(({ held }) => held).length,
    checks: report.checks.length,
    state: report.state,
    note: report.note,
    noteState: report.noteState,
    sent: report.createdAt,
  }));
}

/** What each decision changes, and of which reports. */
const changes: Readonly<
  Record<ReportDecision, { readonly set: Partial<typeof reports.$inferInsert>; readonly of: SQL | undefined }>
> = {
  "publish-note": {
    set: { noteState: "published" },
    of: and(isNotNull(reports.note), ne(reports.noteState, "published")),
  },
  "hide-note": {
    set: { noteState: "hidden" },
    of: and(isNotNull(reports.note), ne(reports.noteState, "hidden")),
  },
  hide: { set: { state: "hidden" }, of: eq(reports.state, "published") },
  restore: { set: { state: "published" }, of: eq(reports.state, "hidden") },
};

/** Carries out what a moderator decided of a report, and notes it; false where there is nothing to change. */
export function decideReport(
  orm: Orm,
  { id, decision, actor }: { readonly id: number; readonly decision: ReportDecision; readonly actor: string },
  now: Date,
): Promise<boolean> {
  const { set, of } = changes[decision];
  return orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, actor))) return false;
    const changed = await transaction
      .update(reports)
      .set(set)
      .where(and(eq(reports.id, id), of))
      .returning({ id: reports.id });
    if (changed.length === 0) return false;
    await noteDecision(transaction, { actor, action: `report.${decision}`, subject: `report ${id}` }, now);
    return true;
  });
}
