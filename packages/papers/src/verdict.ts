import type { Check } from "./check.ts";
import type { Claim } from "./paper.ts";
import type { RunReport } from "./run.ts";

/** What is known of a claim. */
export type Verdict = "held" | "did not hold" | "not run";

/** A claim with the checks that speak for or against it. */
export interface ClaimVerdict {
  readonly claim: string;
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** The check that decides: the first that failed, else the first. */
  readonly decisive?: Check;
}

/**
 * The verdict on each claim of a paper, in the paper's order: held when all its checks held, in every report given.
 * Runs with parameters changed by hand are left out: they measure something else than the paper's claim.
 */
export function claimVerdicts(
  paper: { readonly slug: string; readonly claims: readonly Pick<Claim, "id">[] },
  reports: readonly Pick<RunReport, "paper" | "modified" | "checks">[],
): ClaimVerdict[] {
  const checks = reports.filter((r) => r.paper === paper.slug && !r.modified).flatMap((r) => r.checks);
  return paper.claims.map(({ id }) => {
    const own = checks.filter((c) => c.claim === id);
    const failed = own.find((c) => !c.held);
    const verdict = own.length === 0 ? "not run" : failed ? "did not hold" : "held";
    return { claim: id, verdict, checks: own, decisive: failed ?? own[0] };
  });
}

/** One mark a claim, the same everywhere: filled circle held, diamond did not hold, hollow circle not run. */
export const verdictMarks: Readonly<Record<Verdict, string>> = {
  held: "●",
  "did not hold": "◆",
  "not run": "○",
};
