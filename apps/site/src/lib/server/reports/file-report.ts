import { judgmentDifference, type Paper, papers as registry, resolveParameters } from "@gradus/papers";
import { and, desc, eq, gt } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import manifest from "../../../../package.json" with { type: "json" };
import type { Orm } from "../database/connect.ts";
import { queueOnAccount } from "../database/row-locks.ts";
import { papers, reports, withdrawnReports } from "../database/schema/index.ts";
import { concurrencyLimiter } from "../http/concurrency-limiter.ts";
import { Problem } from "../http/problem.ts";
import { type JudgeRequest, type Judgments, judgeInThread } from "./judge.ts";
import type { SentReport } from "./read-report.ts";

/** Reports that an account may send in 24 hours. */
export const REPORTS_PER_DAY = 50;
const DAY = 86_400_000;
/** Judges at work at once, and how many reports wait for one. */
const JUDGES = { running: 1, waiting: 8 };

const judges = concurrencyLimiter(JUDGES);

/** What is said to who sent a report. */
export interface FiledReport {
  readonly id: number;
  readonly arxivId: string;
  readonly checks: number;
  readonly held: number;
  /** Whether its text waits for a moderator. */
  readonly notePending: boolean;
}

/** Who files a report, and by what it is judged. */
export interface Filing {
  readonly userId: string;
  readonly now: Date;
  readonly runnable?: readonly Paper[];
  /** The version of gradus that judges. */
  readonly version?: string;
  readonly judge?: (request: JudgeRequest) => Promise<Judgments>;
}

const invalid = (message: string, field: string) => new Problem("invalid_report", message, field);

/** @throws Problem when the registry has no such experiment, or its profile other parameters */
async function checkExperiment({ report }: SentReport, runnable: readonly Paper[], version: string) {
  const paper = runnable.find(({ slug }) => slug === report.paper);
  if (!paper) throw invalid(`There is no runnable paper “${report.paper}”.`, "report.paper");
  const entry = paper.experiments.find(({ id }) => id === report.experiment);
  if (!entry) throw invalid(`${paper.slug} has no experiment “${report.experiment}”.`, "report.experiment");
  const experiment = await entry.load();
  const wanted = resolveParameters(experiment, report.profile);
  const names = new Set([...Object.keys(wanted), ...Object.keys(report.parameters)]);
  for (const name of names) {
    const [own, theirs] = [wanted[name], report.parameters[name]].map((value) => JSON.stringify(value));
    if (own === theirs) continue;
    const which = report.version === version ? "" : ` It was made by gradus ${report.version}.`;
    throw invalid(
      `Parameter ${name} must be ${own ?? "absent"} as in the ${report.profile} profile of gradus ${version}, got ${theirs ?? "none"}.${which}`,
      "report.parameters",
    );
  }
}

async function judged(
  { report }: SentReport,
  version: string,
  judge: NonNullable<Filing["judge"]>,
): Promise<Judgments> {
  const release = await judges.acquire();
  if (!release)
    throw new Problem(
      "overloaded",
      "Too many reports are being judged; try again in a minute.",
      undefined,
      60,
    );
  try {
    const { paper, experiment, findings } = report;
    const judgments = await judge({ paper, experiment, findings });
    const difference = judgmentDifference(report, judgments);
    if (difference === undefined) return judgments;
    throw invalid(
      report.version === version
        ? `The report was altered: ${difference}.`
        : `The report was made by gradus ${report.version}, whose checks differ from those of gradus ${version}: ${difference}. Run it again with gradus ${version}.`,
      "report.checks",
    );
  } finally {
    release();
  }
}

const duplicate = () => new Problem("duplicate", "This report was sent before.", "report.hash");

/** @throws Problem when an account has sent as many reports in 24 hours as it may, those that it withdrew included */
async function assertMaySend(orm: Pick<Orm, "select">, userId: string, now: Date): Promise<void> {
  const since = new Date(now.getTime() - DAY);
  const recent = await unionAll(
    orm
      .select({ at: reports.createdAt })
      .from(reports)
      .where(and(eq(reports.userId, userId), gt(reports.createdAt, since))),
    orm
      .select({ at: withdrawnReports.sentAt })
      .from(withdrawnReports)
      .where(and(eq(withdrawnReports.userId, userId), gt(withdrawnReports.sentAt, since))),
  )
    .orderBy((columns) => desc(columns.at))
    .limit(REPORTS_PER_DAY);
  if (recent.length < REPORTS_PER_DAY) return;
  const free = (recent[REPORTS_PER_DAY - 1].at.getTime() - since.getTime()) / 1000;
  throw new Problem(
    "too_many_requests",
    `An account may send ${REPORTS_PER_DAY} reports in 24 hours; try again in ${Math.ceil(free / 3600)} h.`,
    undefined,
    Math.max(1, Math.ceil(free)),
  );
}

/**
 * Files a report: its findings are judged anew by the experiment's own judge, and what it states must be what they give.
 *
 * @throws Problem when it is refused, and why
 */
export async function fileReport(
  orm: Orm,
  sent: SentReport,
  {
    userId,
    now,
    runnable = registry,
    version = manifest.version,
    judge = (request) => judgeInThread(request),
  }: Filing,
): Promise<FiledReport> {
  const { report, encodedFindings, note } = sent;
  const hash = new Uint8Array(Buffer.from(sent.hash, "hex"));
  await checkExperiment(sent, runnable, version);
  const [paper] = await orm
    .select({ id: papers.id, arxivId: papers.arxivId })
    .from(papers)
    .where(and(eq(papers.specSlug, report.paper), eq(papers.hidden, false)));
  if (!paper) throw invalid(`The paper “${report.paper}” is not on this site.`, "report.paper");
  // Both are asked again below; here they spare the judge.
  if ((await orm.$count(reports, eq(reports.hash, hash))) > 0) throw duplicate();
  await assertMaySend(orm, userId, now);
  const { checks, undecided } = await judged(sent, version, judge);
  return orm.transaction(async (transaction) => {
    // Reports of one account queue here. It may have been deleted while its report was judged.
    if (!(await queueOnAccount(transaction, userId)))
      throw new Problem("unauthorized", "This account was deleted.");
    await assertMaySend(transaction, userId, now);
    const [row] = await transaction
      .insert(reports)
      .values({
        paperId: paper.id,
        userId,
        experiment: report.experiment,
        profile: report.profile,
        seed: report.seed,
        version: report.version,
        environment: report.environment,
        parameters: report.parameters,
        findings: encodedFindings,
        checks,
        undecided,
        judgedBy: version,
        ms: report.elapsed,
        measuredAt: new Date(report.startedAt),
        hash,
        note,
        noteState: note === undefined ? null : "pending",
        createdAt: now,
      })
      .onConflictDoNothing({ target: reports.hash })
      .returning({ id: reports.id });
    if (!row) throw duplicate();
    return {
      id: row.id,
      arxivId: paper.arxivId,
      checks: checks.length,
      held: checks.filter(({ held }) => held).length,
      notePending: note !== undefined,
    };
  });
}
