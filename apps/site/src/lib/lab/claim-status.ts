import { type ClaimVerdict, claimVerdicts, type Verdict } from "@gradus/papers";
import type { OfficialClaim, RunnableView } from "#lib/views.ts";
import type { StoredRun } from "./store/run.ts";
import { type ClaimState, verdictSummary } from "./verdict-summary.ts";

/** What is known of a claim: officially over seeds, and from this browser's latest runs. */
export interface KnownClaim {
  readonly claim: string;
  /** Of the official measurement at quick size, and of the one at full size. */
  readonly official?: ClaimVerdict;
  readonly full?: ClaimVerdict;
  /** Of this browser's latest run of each experiment; undefined where none was run. */
  readonly own?: ClaimVerdict;
  /** The latest run here that measured it. */
  readonly run?: StoredRun;
  /** The official verdict, else that of this browser. */
  readonly shown: ClaimVerdict;
  readonly badge: Verdict;
}

const measures =
  (claim: string) =>
  ({ checks, undecided }: StoredRun) =>
    checks.some((check) => check.claim === claim) || undecided.some((one) => one.claim === claim);

/**
 * What the official measurements and the runs of this browser say of each claim of a paper, in the paper's order. A run
 * here is one more seed beside the official ones: it decides only where nothing was measured officially.
 */
export function knownClaims(
  paper: Pick<RunnableView, "slug" | "claims">,
  here: readonly StoredRun[],
  official: readonly OfficialClaim[],
): KnownClaim[] {
  return claimVerdicts(paper, here).map((verdict) => {
    const { claim } = verdict;
    const { quick, full } = official.find((one) => one.claim === claim) ?? {};
    const run = here.filter(measures(claim)).toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0];
    const shown = quick ?? verdict;
    return {
      claim,
      official: quick,
      full,
      own: verdict.verdict === "not run" ? undefined : verdict,
      run,
      shown,
      badge: shown.verdict,
    };
  });
}

/** What is known of all claims in words, and from where: `4 of 5 claims held, 2 measured here`, `officially 4 of 5 claims held`. */
export function claimsSummary(
  claims: readonly (Pick<KnownClaim, "run" | "official"> & { readonly badge: ClaimState })[],
): string {
  const summary = verdictSummary(claims.map(({ badge }) => badge));
  if (!claims.some(({ official }) => official)) return summary;
  const here = claims.filter(({ run }) => run).length;
  return here === 0 ? `officially ${summary}` : `${summary}, ${here} measured here`;
}
