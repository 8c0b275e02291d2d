import { papers as registry } from "@gradus/papers";
import { and, desc, eq, lt } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { queueOnAccount } from "../database/row-locks.ts";
import { papers, reports, withdrawnReports } from "../database/schema/index.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";

/** Milliseconds for which a withdrawn report counts in its account's limit. */
const COUNTED = 86_400_000;

/** What is said to who withdraws a report that they did not send, or withdrew before. */
export const NO_OWN_REPORT = "You have no such report. You may have withdrawn it already.";

/** A report as its sender sees it. */
export interface OwnReport {
  readonly id: number;
  readonly arxivId: string;
  readonly title: string;
  /** Its title, or its identifier where this version has no such experiment. */
  readonly experiment: string;
  readonly profile: "quick" | "full";
  readonly seed: number;
  /** Whether every seed gives the same. */
  readonly seedless: boolean;
  readonly sent: Date;
  readonly state: "published" | "hidden";
  readonly noteState: "pending" | "published" | "hidden" | null;
}

/** The reports that an account sent and did not withdraw, the latest first. */
export async function ownReports(orm: Orm, userId: string): Promise<OwnReport[]> {
  const rows = await orm
    .select({
      id: reports.id,
      arxivId: papers.arxivId,
      title: papers.title,
      experiment: reports.experiment,
      profile: reports.profile,
      seed: reports.seed,
      sent: reports.createdAt,
      state: reports.state,
      noteState: reports.noteState,
    })
    .from(reports)
    .innerJoin(papers, eq(papers.id, reports.paperId))
    .where(eq(reports.userId, userId))
    .orderBy(desc(reports.createdAt), desc(reports.id));
  return rows.map(({ experiment, ...row }) => {
    const paper = registry.find(({ arxivId }) => arxivId === row.arxivId);
    const entry = paper?.experiments.find(({ id }) => id === experiment);
    return {
      ...row,
      title: readableLine(row.title),
      experiment: entry?.title ?? experiment,
      seedless: entry?.seedless === true,
    };
  });
}

/** The identifiers of the reports of a paper that an account sent. */
export async function ownReportIds(orm: Orm, userId: string, arxivId: string): Promise<number[]> {
  const rows = await orm
    .select({ id: reports.id })
    .from(reports)
    .innerJoin(papers, eq(papers.id, reports.paperId))
    .where(and(eq(reports.userId, userId), eq(papers.arxivId, arxivId)));
  return rows.map(({ id }) => id);
}

/**
 * Deletes a report that an account sent; false where it sent no such report, or withdrew it before. `given` is the
 * report's identifier as it came.
 */
export function withdrawReport(
  orm: Orm,
  { given, userId }: { readonly given: string; readonly userId: string },
): Promise<boolean> {
  if (!/^[1-9]\d{0,14}$/.test(given)) return Promise.resolve(false);
  return orm.transaction(async (transaction) => {
    // What the account sends meanwhile counts its reports after this.
    if (!(await queueOnAccount(transaction, userId))) return false;
    const gone = await transaction
      .delete(reports)
      .where(and(eq(reports.id, Number(given)), eq(reports.userId, userId)))
      .returning({ sentAt: reports.createdAt });
    for (const { sentAt } of gone) await transaction.insert(withdrawnReports).values({ userId, sentAt });
    return gone.length > 0;
  });
}

/** Forgets withdrawn reports that no limit counts any more. */
export async function purgeWithdrawnReports(orm: Orm, now: Date): Promise<void> {
  await orm.delete(withdrawnReports).where(lt(withdrawnReports.sentAt, new Date(now.getTime() - COUNTED)));
}
