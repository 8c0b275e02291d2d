import { createHash } from "node:crypto";
import { meets, type Paper, papers as registry, resolveParameters } from "@gradus/papers";
import { and, eq, isNotNull, notInArray } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { claimRuns, claims, papers } from "../database/schema.ts";
import type { MeasuredClaim, MeasuredRun } from "./file.ts";

/** What an import did. */
export interface Imported {
  /** Rows that are there now: one a claim and run. */
  readonly rows: number;
  /** What was left out, and why. */
  readonly skipped: readonly string[];
}

/** The same run has the same id, however often it is imported. */
function runId(paper: string, version: string, run: MeasuredRun): string {
  const { experiment, profile, seed, environment, startedAt } = run;
  const hash = createHash("sha256")
    .update(JSON.stringify([paper, version, experiment, profile, seed, environment, startedAt]))
    .digest("hex");
  // A UUID of version 8: made from what it names.
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

/** Why a run says nothing of the claim as it stands in the registry; undefined when it does. */
async function objection(
  paper: Paper | undefined,
  { paper: slug, claim }: MeasuredClaim,
  run: MeasuredRun,
): Promise<string | undefined> {
  if (!paper) return `there is no paper ${slug}`;
  if (!paper.claims.some(({ id }) => id === claim)) return `${slug} has no claim ${claim}`;
  const entry = paper.experiments.find(({ id }) => id === run.experiment);
  if (!entry) return `${slug} has no experiment ${run.experiment}`;
  if (!entry.claims.includes(claim)) return `${slug}/${run.experiment} does not measure ${claim}`;
  const wanted = resolveParameters(await entry.load(), run.profile);
  if (JSON.stringify(wanted) !== JSON.stringify(run.parameters))
    return `${slug}/${run.experiment} was measured with other parameters than the ${run.profile} profile has now`;
  return undefined;
}

/**
 * Makes these measurements the official ones (origin `ci`): what is there already stays, what is no longer among them
 * goes. Whether a check holds is decided here, from what was measured and the condition, never taken from the file; a
 * run of a claim, an experiment or a profile that the registry does not have is left out.
 */
export async function importMeasurements(
  orm: Orm,
  measured: readonly MeasuredClaim[],
  runnable: readonly Paper[] = registry,
): Promise<Imported> {
  const bySlug = new Map(runnable.map((paper) => [paper.slug, paper]));
  const skipped: string[] = [];
  const rows: (typeof claimRuns.$inferInsert)[] = [];
  const stored = await orm
    .select({ paperId: claims.paperId, code: claims.code, slug: papers.specSlug })
    .from(claims)
    .innerJoin(papers, eq(papers.id, claims.paperId))
    .where(isNotNull(papers.specSlug));
  for (const claim of measured)
    for (const run of claim.runs) {
      const row = stored.find(({ slug, code }) => slug === claim.paper && code === claim.claim);
      const reason = await objection(bySlug.get(claim.paper), claim, run);
      if (!row || reason !== undefined) {
        skipped.push(reason ?? `${claim.paper} is not among the stored papers`);
        continue;
      }
      const checks = run.checks.map(({ label, measured: figure, condition }) => ({
        claim: claim.claim,
        label,
        measured: figure,
        condition,
        held: figure !== null && meets(figure, condition),
      }));
      rows.push({
        paperId: row.paperId,
        claimCode: claim.claim,
        runId: runId(claim.paper, claim.version, run),
        experiment: run.experiment,
        profile: run.profile,
        held: checks.every(({ held }) => held),
        checks,
        environment: run.environment,
        version: claim.version,
        seed: run.seed,
        ms: run.elapsed,
        origin: "ci",
        ranAt: new Date(run.startedAt),
      });
    }
  await orm.transaction(async (tx) => {
    const ids = rows.map((row) => row.runId);
    const official = eq(claimRuns.origin, "ci");
    await tx
      .delete(claimRuns)
      .where(ids.length > 0 ? and(official, notInArray(claimRuns.runId, ids)) : official);
    for (const row of rows) {
      const { held, checks } = row;
      await tx
        .insert(claimRuns)
        .values(row)
        .onConflictDoUpdate({ target: [claimRuns.runId, claimRuns.claimCode], set: { held, checks } });
    }
  });
  return { rows: rows.length, skipped: [...new Set(skipped)] };
}
