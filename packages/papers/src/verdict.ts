import { type Check, formatMeasured, type Undecided } from "./check.ts";
import type { Claim } from "./paper.ts";

/** The verdict on a claim. */
export type Verdict = "held" | "mixed" | "did not hold" | "inconclusive" | "not run";

/** The checks of a run: of a report, a kept run, or one seed of an official measurement. */
export interface JudgedRun {
  readonly paper: string;
  readonly experiment: string;
  readonly seed: number;
  /** Whether parameters were changed: such a run does not measure the paper's claim. */
  readonly modified: boolean;
  readonly checks: readonly Check[];
  readonly undecided: readonly Undecided[];
}

/** One check of a claim over the runs that made it. */
export interface SeedCheck extends Omit<Check, "measured" | "held"> {
  readonly experiment: string;
  /** The figure of each run, in the order of the runs. */
  readonly measured: readonly number[];
  readonly seeds: readonly number[];
  /** The number of runs in which it held. */
  readonly held: number;
}

/** A claim, and what the runs say about it. */
export interface ClaimVerdict {
  readonly claim: string;
  readonly verdict: Verdict;
  /** The runs of the experiment that decides: in how many the claim held. */
  readonly runs: { readonly held: number; readonly of: number };
  /** Whether no condition has a theorem or a reported number behind it. */
  readonly byCriterion: boolean;
  /** Why it is inconclusive, or which of its experiments is, and why. */
  readonly reason?: string;
  /** The checks for or against it, one per label and experiment. */
  readonly checks: readonly SeedCheck[];
  /** The check that decides: the one that held least often, in the experiment that decides. */
  readonly decisive?: SeedCheck;
}

/** A claim held if it held in at least this share of the runs, and did not hold if it failed in as many. */
const NEARLY_ALL = 0.95;

/**
 * Of several experiments that measure a claim, the first of these verdicts decides: the weakest, but one that is
 * inconclusive only where no other decides.
 */
const decidingFirst = ["did not hold", "mixed", "held", "inconclusive"] as const;

interface Outcome {
  readonly verdict: (typeof decidingFirst)[number];
  readonly experiment: string;
  readonly held: number;
  readonly of: number;
  readonly reason?: string;
}

/** What the runs of one experiment say about a claim. */
function outcomeOf(claim: string, experiment: string, runs: readonly JudgedRun[]): Outcome {
  let [held, failed] = [0, 0];
  let reason: string | undefined;
  for (const { checks, undecided } of runs) {
    const open = undecided.find((one) => one.claim === claim);
    if (checks.some((check) => check.claim === claim && !check.held)) failed++;
    else if (open) reason ??= open.reason;
    else held++;
  }
  const enough = NEARLY_ALL * runs.length;
  const verdict =
    held >= enough
      ? "held"
      : failed >= enough
        ? "did not hold"
        : held + failed < enough
          ? "inconclusive"
          : "mixed";
  return { verdict, experiment, held, of: runs.length, reason };
}

/**
 * The verdict on each claim of a paper, in the paper's order. Over the runs of one experiment a claim held when all its
 * checks held in all runs, or in at least 19 of 20; it did not hold when some check failed in as many; it is
 * inconclusive when the runs leave it undecided; else it is mixed. Of several experiments that measure a claim the
 * weakest verdict decides, but one that is inconclusive only where no other decides. Runs with parameters changed by hand are left out.
 */
export function claimVerdicts(
  paper: { readonly slug: string; readonly claims: readonly Pick<Claim, "id">[] },
  runs: readonly JudgedRun[],
): ClaimVerdict[] {
  const own = runs.filter((run) => run.paper === paper.slug && !run.modified);
  return paper.claims.map(({ id }) => {
    const measuring = own.filter(
      ({ checks, undecided }) => checks.some((c) => c.claim === id) || undecided.some((u) => u.claim === id),
    );
    const outcomes = [...Map.groupBy(measuring, ({ experiment }) => experiment)].map(([name, those]) =>
      outcomeOf(id, name, those),
    );
    const deciding = outcomes.toSorted(
      (a, b) =>
        decidingFirst.indexOf(a.verdict) - decidingFirst.indexOf(b.verdict) || a.held / a.of - b.held / b.of,
    )[0] as Outcome | undefined;
    const checks = seedChecks(id, measuring);
    const decisive = checks
      .filter(({ experiment }) => experiment === deciding?.experiment)
      .toSorted((a, b) => a.held / a.seeds.length - b.held / b.seeds.length)[0];
    return {
      claim: id,
      verdict: deciding?.verdict ?? "not run",
      runs: { held: deciding?.held ?? 0, of: deciding?.of ?? 0 },
      byCriterion: checks.length > 0 && checks.every(({ ground }) => ground.kind === "criterion"),
      reason: reasonOf(outcomes, deciding),
      checks,
      decisive,
    };
  });
}

/** Why a claim is undecided; where another experiment decides it, with the name of the experiment that does not. */
function reasonOf(outcomes: readonly Outcome[], deciding: Outcome | undefined): string | undefined {
  const open = outcomes.find(({ verdict }) => verdict === "inconclusive");
  if (open?.reason === undefined || deciding === undefined || deciding.verdict === "inconclusive")
    return open?.reason;
  return `${open.experiment} is inconclusive: ${open.reason}`;
}

/**
 * The checks of a claim, or with null our own checks, gathered over runs: one per label and experiment, in the order in
 * which the runs made them.
 */
export function seedChecks(claim: string | null, runs: readonly JudgedRun[]): SeedCheck[] {
  const gathered = new Map<string, SeedCheck & { measured: number[]; seeds: number[]; held: number }>();
  for (const { experiment, seed, checks } of runs)
    for (const { claim: of, label, condition, ground, measured, held } of checks) {
      if (of !== claim) continue;
      const key = `${experiment}\n${label}`;
      const one = gathered.get(key) ?? {
        ...{ claim, experiment, label, condition, ground },
        ...{ measured: [], seeds: [], held: 0 },
      };
      one.measured.push(measured);
      one.seeds.push(seed);
      if (held) one.held++;
      gathered.set(key, one);
    }
  return [...gathered.values()];
}

/** A verdict in words, with its share of seeds where there are several: `held, 20 of 20 seeds`. */
export function verdictText({ verdict, runs }: Pick<ClaimVerdict, "verdict" | "runs">): string {
  const counted = runs.of > 1 && verdict !== "inconclusive";
  return counted ? `${verdict}, ${runs.held} of ${runs.of} seeds` : verdict;
}

/** The median of sorted values; defined here so that a list of verdicts does not load the statistics module. */
function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** A check's figures over its runs: median, smallest and largest. */
export function spreadOf({ measured }: Pick<SeedCheck, "measured">): {
  readonly median: number;
  readonly least: number;
  readonly most: number;
} {
  if (measured.some(Number.isNaN)) return { median: Number.NaN, least: Number.NaN, most: Number.NaN };
  return { median: middle(measured), least: Math.min(...measured), most: Math.max(...measured) };
}

/** The figure of a check over its runs: the median, with the range if the runs differ: `7.4 (2.9 to 41)`. */
export function formatSpread(check: Pick<SeedCheck, "measured" | "condition">): string {
  const { median, least, most } = spreadOf(check);
  const format = (figure: number) => formatMeasured(figure, check.condition);
  return format(median) + (least < most ? ` (${format(least)} to ${format(most)})` : "");
}

/** The outcome of one check over its runs, by the same shares as a claim's verdict. */
export function checkVerdict({ held, seeds }: Pick<SeedCheck, "held" | "seeds">): Verdict {
  const enough = NEARLY_ALL * seeds.length;
  if (held >= enough) return "held";
  return seeds.length - held >= enough ? "did not hold" : "mixed";
}

/**
 * The mark of a verdict, the same everywhere: filled circle held, hollow diamond mixed, filled diamond did not hold,
 * dotted circle inconclusive, hollow circle not run.
 */
export const verdictMarks: Readonly<Record<Verdict, string>> = {
  held: "●",
  mixed: "◇",
  "did not hold": "◆",
  inconclusive: "◌",
  "not run": "○",
};
