import { and, asc, eq, isNotNull, sql } from "drizzle-orm";
import { parseCheckpoint } from "gradus/iterate";
import manifest from "../../../../package.json" with { type: "json" };
import type { Orm } from "../database/connect.ts";
import { papers, reports } from "../database/schema/index.ts";
import { Problem } from "../http/problem.ts";
import { type JudgeRequest, type Judgments, judgeInThread } from "./judge.ts";

/** Reports that are judged again in one run: each takes a part of a second. */
const MOST = 100;

/** What judging reports again needs. */
export interface JudgingAgain {
  readonly signal?: AbortSignal;
  /** The version of gradus that judges. */
  readonly version?: string;
  readonly judge?: (request: JudgeRequest) => Promise<Judgments>;
}

/** What was found, from the JSON that has words for numbers that are not finite. */
const decoded = (findings: unknown): unknown => parseCheckpoint(JSON.stringify(findings));

/**
 * Judges reports again that another version of gradus has judged: whether a claim held is said by the rules that its page
 * shows. One whose findings this version cannot read stays as it is. Returns how many were looked at.
 */
export async function judgeAgain(
  orm: Orm,
  { signal, version = manifest.version, judge = (request) => judgeInThread(request) }: JudgingAgain = {},
): Promise<number> {
  const rows = await orm
    .select({
      ...{ id: reports.id, paper: papers.specSlug, experiment: reports.experiment },
      ...{ findings: reports.findings, checks: reports.checks, undecided: reports.undecided },
    })
    .from(reports)
    .innerJoin(papers, eq(papers.id, reports.paperId))
    .where(and(isNotNull(papers.specSlug), sql`${reports.judgedBy} is distinct from ${version}`))
    .orderBy(asc(reports.id))
    .limit(MOST);
  for (const { id, paper, experiment, findings, ...before } of rows) {
    signal?.throwIfAborted();
    let judgments: Judgments = before;
    try {
      judgments = await judge({ paper: paper ?? "", experiment, findings: decoded(findings) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    const { checks, undecided } = judgments;
    await orm.update(reports).set({ checks, undecided, judgedBy: version }).where(eq(reports.id, id));
  }
  return rows.length;
}
