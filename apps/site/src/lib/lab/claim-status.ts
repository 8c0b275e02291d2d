import { type ClaimVerdict, claimVerdicts } from "@gradus/papers";
import type { OfficialRun, RunnableView } from "#lib/views.ts";
import type { StoredRun } from "./store/run.ts";
import type { ClaimState } from "./verdict-summary.ts";

/** What an official measurement says of a claim. */
export interface OfficialVerdict extends ClaimVerdict {
  /** The latest run that measured it. */
  readonly run: OfficialRun;
}

/** What is known of a claim here, and what was measured for the site. */
export interface ClaimKnowledge extends ClaimVerdict {
  /** The latest run here that measured it. */
  readonly run?: StoredRun;
  readonly official?: OfficialVerdict;
  /** The verdict that is shown: this browser's, else the official one; or that the two contradict each other. */
  readonly badge: ClaimState;
}

const measures = (claim: string) => (run: Pick<OfficialRun, "checks">) =>
  run.checks.some((check) => check.claim === claim);

/** Whether the same measurement was made here and officially: the platform is then all that differs. */
function sameRun(here: StoredRun, official: OfficialRun): boolean {
  return (
    here.experiment === official.experiment &&
    here.profile === official.profile &&
    here.seed === official.seed
  );
}

/**
 * What the runs of this browser and the official ones say of each claim of a paper, in the paper's order.
 * The verdicts contradict each other only where the same runs were made in both places.
 */
export function claimKnowledge(
  paper: Pick<RunnableView, "slug" | "claims">,
  here: readonly StoredRun[],
  official: readonly OfficialRun[],
): ClaimKnowledge[] {
  const officialVerdicts = claimVerdicts(paper, official);
  return claimVerdicts(paper, here).map((verdict, i) => {
    const { claim } = verdict;
    const runs = here.filter(measures(claim)).toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
    const officials = official
      .filter(measures(claim))
      .toSorted((a, b) => b.ranAt.instant.localeCompare(a.ranAt.instant));
    const theirs = officials.length > 0 ? { ...officialVerdicts[i], run: officials[0] } : undefined;
    const comparable =
      theirs !== undefined &&
      runs.length > 0 &&
      runs.every((run) => officials.some((one) => sameRun(run, one)));
    const differs = comparable && theirs.verdict !== verdict.verdict;
    const badge = differs
      ? "differs by platform"
      : verdict.verdict === "not run"
        ? (theirs?.verdict ?? "not run")
        : verdict.verdict;
    return { ...verdict, run: runs[0], official: theirs, badge };
  });
}
