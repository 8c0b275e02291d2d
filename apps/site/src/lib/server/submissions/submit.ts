import { and, desc, eq, gte, ne } from "drizzle-orm";
import { parsePaperReference } from "#lib/arxiv-id.ts";
import type { Orm } from "../database/connect.ts";
import { lockAccount, lockSubmissions } from "../database/row-locks.ts";
import { papers, submissions, users } from "../database/schema/index.ts";
import type { ArxivClient } from "../ingestion/arxiv/client.ts";
import { paperByArxivId, type StoredPaper } from "../papers/papers.ts";
import { placePaper } from "../papers/writing/feature.ts";
import { lookUp } from "./look-up.ts";
import {
  ACCOUNT_HOURS,
  CLASSICS_PER_DAY,
  dayStart,
  laneOf,
  PER_DAY,
  paperRefusal,
  type Refusal,
} from "./rules.ts";

/** What is needed to decide about a paper. */
export interface SubmissionContext {
  readonly client: ArxivClient;
  readonly userId: string;
  readonly now: Date;
}

/** A paper that could be submitted, a reason why not, or word that arXiv cannot be asked now. */
export type Looked =
  | { readonly kind: "found"; readonly paper: StoredPaper; readonly lane: "daily" | "classic" }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly arxivId?: string }
  | { readonly kind: "unavailable"; readonly arxivId: string };

/** What came of a submission. */
export type Submitted =
  | { readonly kind: "accepted"; readonly arxivId: string; readonly lane: "daily" | "classic" }
  | { readonly kind: "pending"; readonly arxivId: string }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly arxivId?: string };

const refused = (refusal: Refusal, arxivId?: string) => ({ kind: "refused", refusal, arxivId }) as const;

/** When an account may submit its first paper; undefined once it may. */
export async function mayNotSubmitBefore(orm: Orm, userId: string, now: Date): Promise<Date | undefined> {
  const [account] = await orm.select({ since: users.createdAt }).from(users).where(eq(users.id, userId));
  const from = new Date((account?.since ?? now).getTime() + ACCOUNT_HOURS * 3_600_000);
  return from > now ? from : undefined;
}

/** What speaks against a submission before anybody is asked; no paper is looked up for people who may not submit. */
async function firstRefusal(orm: Orm, arxivId: string, { userId, now }: SubmissionContext) {
  if (await mayNotSubmitBefore(orm, userId, now)) return "young account";
  const paper = await paperByArxivId(orm, arxivId);
  if (paper?.hidden) return "hidden";
  if (paper?.featuredAt) return "featured";
  const pending = and(eq(submissions.arxivId, arxivId), eq(submissions.state, "pending"));
  if ((await orm.$count(submissions, pending)) > 0) return "waiting";
  return (await countToday(orm, userId, now)) >= PER_DAY ? "too many" : undefined;
}

/** Papers that a person submitted today, but for those that were refused. */
function countToday(orm: Orm, userId: string, now: Date): Promise<number> {
  return orm.$count(
    submissions,
    and(
      eq(submissions.userId, userId),
      gte(submissions.submittedAt, dayStart(now)),
      ne(submissions.state, "refused"),
    ),
  );
}

/** Looks up what a submitter typed: the paper with its lane, or what speaks against it. Features nothing. */
export async function lookAt(orm: Orm, typed: string, context: SubmissionContext): Promise<Looked> {
  const reference = parsePaperReference(typed.trim());
  if (!reference) return refused("malformed");
  const { id: arxivId } = reference;
  const refusal = await firstRefusal(orm, arxivId, context);
  if (refusal) return refused(refusal, arxivId);
  const paper = await lookUp(orm, context.client, arxivId);
  if (paper === "unavailable") return { kind: "unavailable", arxivId };
  if (typeof paper === "string") return refused(paper, arxivId);
  const against = paperRefusal(paper);
  if (against) return refused(against, arxivId);
  return { kind: "found", paper, lane: laneOf(paper.publishedAt, context.now) };
}

/**
 * Features a paper that nothing speaks against, in its lane; what is not allowed any more by now is a refusal. One
 * submission at a time decides, so that no limit is passed.
 */
export async function feature(
  tx: Orm,
  paperId: number,
  { userId, now, codeUrl }: { userId: string | null; now: Date; codeUrl: string | null },
): Promise<"daily" | "classic" | Refusal> {
  const [paper] = await tx.select().from(papers).where(eq(papers.id, paperId)).for("update");
  if (!paper) return "not found";
  const against = paperRefusal(paper);
  if (against) return against;
  const lane = laneOf(paper.publishedAt, now);
  if (lane === "classic") {
    const today = and(eq(submissions.lane, "classic"), gte(submissions.decidedAt, dayStart(now)));
    if ((await tx.$count(submissions, today)) >= CLASSICS_PER_DAY) return "classics full";
  }
  await placePaper(tx, paperId, {
    ...{ lane, now, submittedBy: userId },
    ...(codeUrl && !paper.codeUrl ? { codeUrl } : {}),
  });
  return lane;
}

/**
 * Submits a paper: features it at once, keeps it until arXiv answers, or refuses it.
 */
export async function submitPaper(
  orm: Orm,
  typed: string,
  { codeUrl = null, note = null }: { readonly codeUrl?: string | null; readonly note?: string | null },
  context: SubmissionContext,
): Promise<Submitted> {
  const looked = await lookAt(orm, typed, context);
  if (looked.kind === "refused") return looked;
  const { userId, now } = context;
  const arxivId = looked.kind === "found" ? looked.paper.arxivId : looked.arxivId;
  return orm.transaction(async (tx) => {
    await lockAccount(tx, userId);
    await lockSubmissions(tx);
    const refusal = await firstRefusal(tx, arxivId, context);
    if (refusal) return refused(refusal, arxivId);
    const row = { userId, arxivId, codeUrl, note, submittedAt: now };
    if (looked.kind === "unavailable") {
      await tx.insert(submissions).values({ ...row, state: "pending" });
      return { kind: "pending", arxivId } as const;
    }
    const lane = await feature(tx, looked.paper.id, { userId, now, codeUrl });
    if (lane !== "daily" && lane !== "classic") return refused(lane, arxivId);
    await tx.insert(submissions).values({ ...row, lane, state: "accepted", decidedAt: now });
    return { kind: "accepted", arxivId, lane } as const;
  });
}

/** A person's last submissions, the latest first. */
export function submissionsOf(orm: Orm, userId: string) {
  return orm
    .select({
      arxivId: submissions.arxivId,
      state: submissions.state,
      reason: submissions.reason,
      submittedAt: submissions.submittedAt,
      title: papers.title,
      hidden: papers.hidden,
    })
    .from(submissions)
    .leftJoin(papers, eq(papers.arxivId, submissions.arxivId))
    .where(eq(submissions.userId, userId))
    .orderBy(desc(submissions.submittedAt), desc(submissions.id))
    .limit(10);
}
