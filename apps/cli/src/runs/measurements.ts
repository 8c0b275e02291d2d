import type { Profile, RunReport, SeedCheck } from "@gradus/papers";
import { type RunRecord, verdictsOf } from "./record.ts";

/** One run that measured a claim: with which parameters, where and when. */
export interface MeasuredRun
  extends Pick<
    RunReport,
    "experiment" | "seed" | "parameters" | "environment" | "startedAt" | "elapsed" | "checks"
  > {
  readonly profile: Profile;
}

/** A claim as `gradus verify --json` tells of it: the verdict, and what it takes to believe it. */
export interface MeasuredClaim {
  readonly paper: string;
  readonly claim: string;
  readonly statement?: string;
  readonly reported?: string;
  readonly verdict: string;
  readonly checks: readonly SeedCheck[];
  /** The version of gradus that measured. */
  readonly version: string;
  readonly runs: readonly MeasuredRun[];
}

/** Every claim of a record with its runs, in the papers' order. */
export function measuredClaims(record: RunRecord): MeasuredClaim[] {
  const { gradus: version = "" } = record.versions;
  return verdictsOf(record).flatMap(({ paper, verdicts }) =>
    verdicts.map(({ claim, verdict, checks }) => {
      const { statement, reported } = paper.claims.find(({ id }) => id === claim) ?? {};
      const runs = record.reports
        .filter((report) => report.paper === paper.slug)
        .map(({ experiment, profile, seed, parameters, environment, startedAt, elapsed, checks: all }) => ({
          experiment,
          profile,
          seed,
          parameters,
          environment,
          startedAt,
          elapsed,
          checks: all.filter((check) => check.claim === claim),
        }))
        .filter((run) => run.checks.length > 0);
      return { paper: paper.slug, claim, statement, reported, verdict, checks, version, runs };
    }),
  );
}
