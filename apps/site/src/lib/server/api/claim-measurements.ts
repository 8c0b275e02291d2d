import { type Condition, formatCondition } from "@gradus/papers";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import type { Orm } from "../database/connect.ts";
import { claimRuns, claims } from "../database/schema.ts";
import type { claimCountsSchema, measurementSchema, verdictSchema } from "./schemas.ts";

type Verdict = z.output<typeof verdictSchema>;
type Counts = z.output<typeof claimCountsSchema>;
type Measurement = z.output<typeof measurementSchema>;

const platform = sql<string>`${claimRuns.environment} ->> 'platform'`;
const order = [
  claimRuns.paperId,
  claimRuns.claimCode,
  claimRuns.experiment,
  platform,
  desc(claimRuns.ranAt),
  desc(claimRuns.runId),
];
/** Of official runs, the latest of each claim by each experiment on each platform is what counts. */
const distinct = [claimRuns.paperId, claimRuns.claimCode, claimRuns.experiment, platform];

const ofPapers = (ids: readonly number[]) =>
  and(inArray(claimRuns.paperId, [...ids]), eq(claimRuns.origin, "ci"));

/** Held on every platform, on none, or on some only; not run without any measurement. */
export function verdictAcrossPlatforms(
  runs: readonly { readonly platform: string; readonly held: boolean }[],
): Verdict {
  if (runs.length === 0) return "not run";
  const platforms = [...Map.groupBy(runs, (run) => run.platform).values()];
  const held = platforms.filter((own) => own.every((run) => run.held)).length;
  if (held === platforms.length) return "held";
  return held === 0 ? "did not hold" : "differs by platform";
}

function counted(verdicts: readonly Verdict[]): Counts {
  const count = (...wanted: Verdict[]) => verdicts.filter((verdict) => wanted.includes(verdict)).length;
  return {
    total: verdicts.length,
    held: count("held"),
    did_not_hold: count("did not hold", "differs by platform"),
    not_run: count("not run"),
  };
}

/** The claims of papers, counted by what the official measurements say of them. */
export async function claimCounts(orm: Orm, ids: readonly number[]): Promise<Map<number, Counts>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ paperId: claims.paperId, code: claims.code })
    .from(claims)
    .where(inArray(claims.paperId, [...ids]));
  const runs = await orm
    .selectDistinctOn(distinct, {
      paperId: claimRuns.paperId,
      code: claimRuns.claimCode,
      platform,
      held: claimRuns.held,
    })
    .from(claimRuns)
    .where(ofPapers(ids))
    .orderBy(...order);
  const key = (row: { paperId: number; code: string }) => `${row.paperId} ${row.code}`;
  const byClaim = Map.groupBy(runs, key);
  const byPaper = Map.groupBy(rows, ({ paperId }) => paperId);
  return new Map(
    [...byPaper].map(([paperId, own]) => [
      paperId,
      counted(own.map((claim) => verdictAcrossPlatforms(byClaim.get(key(claim)) ?? []))),
    ]),
  );
}

/** Counts of many papers as one. */
export function sumOfCounts(all: Iterable<Counts>): Counts {
  const sum = { total: 0, held: 0, did_not_hold: 0, not_run: 0 };
  for (const counts of all)
    for (const name of ["total", "held", "did_not_hold", "not_run"] as const) sum[name] += counts[name];
  return sum;
}

const storedChecks = z.array(
  z.object({
    claim: z.string(),
    label: z.string(),
    measured: z.number().nullable(),
    condition: z.custom<Condition>((value) => typeof value === "object" && value !== null),
    held: z.boolean(),
  }),
);
const storedEnvironment = z.object({ runtime: z.string(), platform: z.string(), cores: z.number() });

/** A claim of a paper, its verdict, and the measurements that count. */
export interface MeasuredClaim {
  readonly code: string;
  readonly statement: string;
  readonly short: string;
  readonly paper_value: string;
  readonly verdict: Verdict;
  readonly measurements: readonly Measurement[];
}

/** The claims of a paper in its order. */
export async function measuredClaims(orm: Orm, paperId: number): Promise<MeasuredClaim[]> {
  const rows = await orm
    .select()
    .from(claims)
    .where(eq(claims.paperId, paperId))
    .orderBy(asc(claims.position), asc(claims.code));
  const runs = await orm
    .selectDistinctOn(distinct)
    .from(claimRuns)
    .where(ofPapers([paperId]))
    .orderBy(...order);
  return rows.map(({ code, statement, short, paperValue }) => {
    const measurements = runs
      .filter((run) => run.claimCode === code)
      .map(({ experiment, profile, seed, held, checks, environment, version, ranAt }) => ({
        experiment,
        profile,
        seed,
        held,
        checks: storedChecks
          .parse(checks)
          .filter((check) => check.claim === code)
          .map(({ label, measured, condition, held: met }) => ({
            label,
            measured,
            needs: formatCondition(condition),
            held: met,
          })),
        environment: storedEnvironment.parse(environment),
        version,
        measured_at: ranAt.toISOString(),
      }));
    const verdict = verdictAcrossPlatforms(
      measurements.map((run) => ({ platform: run.environment.platform, held: run.held })),
    );
    return { code, statement, short, paper_value: paperValue, verdict, measurements };
  });
}
