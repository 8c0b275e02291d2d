import {
  type Condition,
  type Environment,
  formatCondition,
  type Ground,
  type Profile,
  type Verdict,
} from "@gradus/papers";
import { asc, eq, inArray } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { claims, measurements } from "../../database/schema/index.ts";

/** A paper's claims, counted by official verdict. */
export interface ClaimCounts {
  total: number;
  held: number;
  mixed: number;
  did_not_hold: number;
  inconclusive: number;
  not_run: number;
}

/** A figure in JSON, which has no numbers that are not finite. */
type MeasuredFigure = number | "Infinity" | "-Infinity" | "NaN";

/** An official measurement of a claim by an experiment, over seeds. */
interface Measurement {
  readonly experiment: string;
  readonly profile: Profile;
  readonly seeds: number;
  readonly checks: readonly {
    readonly label: string;
    readonly measured: readonly MeasuredFigure[];
    readonly condition: Condition;
    readonly wanted: string;
    readonly ground: Ground;
    readonly held: number;
  }[];
  readonly environment: Environment;
  readonly version: string;
  readonly measured_at: string;
}

/** ClaimCounts of no claims at all. */
export const noClaims: ClaimCounts = {
  total: 0,
  held: 0,
  mixed: 0,
  did_not_hold: 0,
  inconclusive: 0,
  not_run: 0,
};

function counted(verdicts: readonly Verdict[]): ClaimCounts {
  const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
  return {
    total: verdicts.length,
    held: count("held"),
    mixed: count("mixed"),
    did_not_hold: count("did not hold"),
    inconclusive: count("inconclusive"),
    not_run: count("not run"),
  };
}

/** The official verdicts on the claims of papers, in each paper's order. */
export async function officialVerdicts(
  orm: Orm,
  ids: readonly number[],
): Promise<Map<number, readonly Verdict[]>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ paperId: claims.paperId, verdict: claims.verdict })
    .from(claims)
    .where(inArray(claims.paperId, [...ids]))
    .orderBy(asc(claims.paperId), asc(claims.position), asc(claims.code));
  const byPaper = Map.groupBy(rows, ({ paperId }) => paperId);
  return new Map([...byPaper].map(([id, own]) => [id, own.map(({ verdict }) => verdict)]));
}

/** The claims of papers, counted by official verdict. */
export async function claimCounts(orm: Orm, ids: readonly number[]): Promise<Map<number, ClaimCounts>> {
  const verdicts = await officialVerdicts(orm, ids);
  return new Map([...verdicts].map(([id, own]) => [id, counted(own)]));
}

/** ClaimCounts of many papers as one. */
export function sumOfCounts(all: Iterable<ClaimCounts>): ClaimCounts {
  const sum = { ...noClaims };
  for (const counts of all)
    for (const name of Object.keys(sum) as (keyof ClaimCounts)[]) sum[name] += counts[name];
  return sum;
}

/** A claim of a paper, its verdict, and the measurements that it rests on. */
export interface MeasuredClaim {
  readonly code: string;
  readonly statement: string;
  readonly short: string;
  readonly source: string;
  readonly paper_value: string;
  readonly verdict: Verdict;
  readonly seeds: { readonly held: number; readonly of: number };
  readonly by_criterion: boolean;
  readonly reason: string | null;
  readonly measurements: readonly Measurement[];
}

function figureOf(value: number | null): MeasuredFigure {
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
  // Rows of earlier versions have null for what is not finite.
  return value === null || Number.isNaN(value) ? "NaN" : value;
}

/** The claims of a paper in its order. */
export async function measuredClaims(orm: Orm, paperId: number): Promise<MeasuredClaim[]> {
  const [rows, measured] = await Promise.all([
    orm
      .select()
      .from(claims)
      .where(eq(claims.paperId, paperId))
      .orderBy(asc(claims.position), asc(claims.code)),
    orm
      .select()
      .from(measurements)
      .where(eq(measurements.paperId, paperId))
      .orderBy(asc(measurements.experiment), asc(measurements.profile)),
  ]);
  return rows.map(({ code, statement, short, source, paperValue, verdict, official }) => ({
    code,
    statement,
    short,
    source,
    paper_value: paperValue,
    verdict,
    seeds: official.quick?.runs ?? { held: 0, of: 0 },
    by_criterion: official.quick?.byCriterion ?? false,
    reason: official.quick?.reason ?? null,
    measurements: measured
      .map(({ experiment, profile, seeds, checks, environment, version, measuredAt }) => ({
        experiment,
        profile,
        seeds,
        checks: checks
          .filter((check) => check.claim === code)
          .map(({ label, measured: figures, condition, ground, held }) => ({
            label,
            measured: figures.map(figureOf),
            condition,
            wanted: formatCondition(condition),
            ground: { kind: ground.kind, text: ground.text },
            held,
          })),
        environment,
        version,
        measured_at: measuredAt.toISOString(),
      }))
      .filter(({ checks }) => checks.length > 0),
  }));
}
