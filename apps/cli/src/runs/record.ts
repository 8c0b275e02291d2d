import { createHash } from "node:crypto";
import { type Claim, claimVerdicts, type Paper, type RunReport, seedChecks } from "@gradus/papers";
import { serializeCheckpoint } from "gradus/iterate";
import type { Plan } from "../session/session.ts";
import type { PaperVerdicts } from "../terminal/claims.ts";

/** What a record keeps of a paper: enough to show its verdicts without the paper. */
export interface RecordedPaper extends Pick<Paper, "slug" | "number" | "arxivId" | "title"> {
  /** The claims that were to be measured. */
  readonly claims: readonly Claim[];
}

/** An experiment that could not be run, and why. */
export interface RecordedFailure {
  /** Such as `anyloss/targeting`. */
  readonly experiment: string;
  readonly reason: string;
}

/** Everything that one command measured, and how to reproduce it. */
export interface RunRecord {
  readonly gradus: "run";
  readonly format: 1;
  /** The beginning of a hash of all the rest. */
  readonly id: string;
  readonly plan: Plan;
  /** ONNX Runtime's threads, where the command line set them. */
  readonly threads: number | null;
  /** ISO instant. */
  readonly finishedAt: string;
  /** Of gradus, Node and ONNX Runtime. */
  readonly versions: Readonly<Record<string, string>>;
  readonly papers: readonly RecordedPaper[];
  readonly reports: readonly RunReport[];
  readonly failures: readonly RecordedFailure[];
}

const ID_LENGTH = 10;

/** Gives a record its identity. */
export function identify(content: Omit<RunRecord, "gradus" | "format" | "id">): RunRecord {
  const id = createHash("sha256").update(serializeCheckpoint(content)).digest("hex").slice(0, ID_LENGTH);
  return { gradus: "run", format: 1, id, ...content };
}

/** A paper for a record, with all its claims or those of one experiment. */
export function recordedPaper(
  { slug, number, arxivId, title, claims }: Paper,
  only?: readonly string[],
): RecordedPaper {
  return { slug, number, arxivId, title, claims: claims.filter(({ id }) => only?.includes(id) ?? true) };
}

/** True when parameters were changed by hand: what was measured is then no verdict on the papers' claims. */
export function isModified({ reports }: Pick<RunRecord, "reports">): boolean {
  return reports.some((report) => report.modified);
}

/** The reports with pictures: those of the first seed. */
export function drawnReports({ plan, reports }: Pick<RunRecord, "plan" | "reports">): readonly RunReport[] {
  return reports.filter(({ seed }) => seed === plan.seed);
}

/** What the record says of each claim. Checks of modified runs are shown for what they are: see `isModified`. */
export function verdictsOf({ papers, reports }: RunRecord): PaperVerdicts[] {
  const all = reports.map((report) => ({ ...report, modified: false }));
  return papers.map((paper) => ({
    paper,
    verdicts: claimVerdicts(paper, all),
    ours: seedChecks(
      null,
      all.filter((report) => report.paper === paper.slug),
    ),
  }));
}

/** The record of one experiment of several. */
export function narrow(record: RunRecord, paper: string, experiment: string): RunRecord {
  const reports = record.reports.filter((one) => one.paper === paper && one.experiment === experiment);
  const measured = new Set(reports.flatMap(({ checks }) => checks.map(({ claim }) => claim)));
  const papers = record.papers
    .filter(({ slug }) => slug === paper)
    .map((one) => ({ ...one, claims: one.claims.filter(({ id }) => measured.has(id)) }));
  return {
    ...record,
    plan: { ...record.plan, names: [`${paper}/${experiment}`] },
    papers,
    reports,
    failures: [],
  };
}

/** Milliseconds of compute time. */
export function elapsedOf({ reports }: Pick<RunRecord, "reports">): number {
  return reports.reduce((sum, { elapsed }) => sum + elapsed, 0);
}

/** What was run, such as `anyloss/targeting`, `anyloss, random-walks` or `all papers`. */
export function subjectOf({ plan }: Pick<RunRecord, "plan">): string {
  return plan.names.length === 0 ? "all papers" : plan.names.join(", ");
}
