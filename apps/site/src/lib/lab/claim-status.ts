import { type ClaimVerdict, claimVerdicts } from "@gradus/papers";
import type { OfficialRun, RunnableView } from "#lib/views.ts";
import type { StoredRun } from "./store/run.ts";
import { type ClaimState, verdictSummary } from "./verdict-summary.ts";

/** What an official measurement says of a claim. */
export interface OfficialVerdict extends ClaimVerdict {
  /** The latest run that measured it. */
  readonly run: OfficialRun;
}

/** What is known of a claim here, and what was measured for the site. */
export interface KnownClaim extends ClaimVerdict {
  /** The latest run here that measured it. */
  readonly run?: StoredRun;
  readonly official?: OfficialVerdict;
  /** Of each experiment this browser's checks, else the official ones: what the badge is of. */
  readonly shown: ClaimVerdict;
  /** The experiments whose shown checks are of official runs. */
  readonly officialExperiments: ReadonlySet<string>;
  /** Whether the shown figure, that of the deciding check, is of an official run. */
  readonly decidedOfficially: boolean;
  /** How many of its experiments were run here, where others were run officially only. */
  readonly part?: { readonly here: number; readonly of: number };
  /** The verdict that is shown; or that the same runs came out otherwise here and officially. */
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
 * What the runs of this browser and the official ones say of each claim of a paper, in the paper's order. A run here
 * takes the place of the official run of its experiment only: a claim that has other experiments keeps what they say.
 * The verdicts contradict each other only where the same runs were made in both places.
 */
export function knownClaims(
  paper: Pick<RunnableView, "slug" | "claims">,
  here: readonly StoredRun[],
  official: readonly OfficialRun[],
): KnownClaim[] {
  const officialVerdicts = claimVerdicts(paper, official);
  return claimVerdicts(paper, here).map((verdict, i) => {
    const { claim } = verdict;
    const runs = here.filter(measures(claim)).toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
    const officials = official
      .filter(measures(claim))
      .toSorted((a, b) => b.ranAt.instant.localeCompare(a.ranAt.instant));
    const rest = officials.filter((one) => runs.every(({ experiment }) => experiment !== one.experiment));
    const counterparts = officials.filter((one) => runs.some((run) => sameRun(run, one)));
    const of = (some: readonly (StoredRun | OfficialRun)[]) => claimVerdicts(paper, some)[i];
    const comparable = runs.length > 0 && runs.every((run) => counterparts.some((one) => sameRun(run, one)));
    const differs = comparable && of(counterparts).verdict !== verdict.verdict;
    const shown = of([...runs, ...rest]);
    const officialExperiments = new Set(rest.map(({ experiment }) => experiment));
    return {
      ...verdict,
      run: runs[0],
      official: officials.length > 0 ? { ...officialVerdicts[i], run: officials[0] } : undefined,
      shown,
      officialExperiments,
      decidedOfficially: shown.decisive !== undefined && officialExperiments.has(shown.decisive.experiment),
      part:
        runs.length > 0 && rest.length > 0 ? { here: runs.length, of: runs.length + rest.length } : undefined,
      badge: differs ? "differs by platform" : shown.verdict,
    };
  });
}

/** What is known of all claims in words, and from where: `4 of 5 held, 2 measured here`, `4 of 5 held officially`. */
export function claimsSummary(claims: readonly Pick<KnownClaim, "badge" | "run" | "official">[]): string {
  const summary = verdictSummary(claims.map(({ badge }) => badge));
  const here = claims.filter(({ run }) => run).length;
  if (here === claims.length || !claims.some(({ official }) => official)) return summary;
  return here === 0 ? `${summary} officially` : `${summary}, ${here} measured here`;
}
