import {
  type ClaimVerdict,
  claimVerdicts,
  type JudgedRun,
  judgedSeeds,
  type Measurement,
  type Paper,
  type Profile,
  papers as registry,
  resolveParameters,
  seedChecks,
} from "@gradus/papers";
import { and, asc, eq, isNotNull, notInArray } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { claims, measurementImports, measurements, papers } from "../../database/schema/index.ts";

/** What an import did. */
export interface Imported {
  /** How many experiments are measured officially now, each profile counted. */
  readonly rows: number;
  /** What was left out, and why. */
  readonly skipped: readonly string[];
}

/** A measurement as its experiment judges it now. */
interface JudgedMeasurement extends Measurement {
  readonly runs: readonly JudgedRun[];
}

/** Judges a measurement; or says why it says nothing of the papers as the registry has them. */
async function judge(
  measurement: Measurement,
  runnable: readonly Paper[],
): Promise<JudgedMeasurement | string> {
  const { paper: slug, experiment: id, profile, parameters } = measurement;
  const paper = runnable.find((one) => one.slug === slug);
  if (!paper) return `there is no paper ${slug}`;
  const entry = paper.experiments.find((one) => one.id === id);
  if (!entry) return `${slug} has no experiment ${id}`;
  const experiment = await entry.load();
  if (JSON.stringify(resolveParameters(experiment, profile)) !== JSON.stringify(parameters))
    return `${slug}/${id} was measured with other parameters than the ${profile} profile has now`;
  try {
    return { ...measurement, runs: judgedSeeds(experiment, measurement) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${slug}/${id} has findings of another form than its judge reads (${reason})`;
  }
}

/** The papers whose measurements are stored: another paper needs another import. */
async function runnablePapers(orm: Orm): Promise<string> {
  const rows = await orm
    .select({ id: papers.id, slug: papers.specSlug })
    .from(papers)
    .where(isNotNull(papers.specSlug))
    .orderBy(asc(papers.id));
  return rows.map(({ id, slug }) => `${id} ${slug}`).join();
}

/** Whether the measurements that come with a build are those that are stored. */
export async function isImported(orm: Orm, build: string): Promise<boolean> {
  const [known] = await orm.select().from(measurementImports);
  return known?.build === build && known.papers === (await runnablePapers(orm));
}

/** Notes that the measurements that come with a build were imported; without a build, that others were. */
export async function noteImport(orm: Orm, build: string | undefined): Promise<void> {
  const own = await runnablePapers(orm);
  await orm.transaction(async (transaction) => {
    await transaction.delete(measurementImports);
    if (build !== undefined) await transaction.insert(measurementImports).values({ build, papers: own });
  });
}

/** The later of two measurements of the same experiment and profile. */
function latest(judged: readonly JudgedMeasurement[]): JudgedMeasurement[] {
  const kept = new Map<string, JudgedMeasurement>();
  for (const one of judged) {
    const key = JSON.stringify([one.paper, one.experiment, one.profile]);
    const known = kept.get(key);
    if (!known || known.seeds[0].startedAt < one.seeds[0].startedAt) kept.set(key, one);
  }
  return [...kept.values()];
}

function rowOf(paperId: number, measurement: JudgedMeasurement): typeof measurements.$inferInsert {
  const { experiment, profile, environment, version, seeds, runs } = measurement;
  const named = new Set(runs.flatMap(({ checks }) => checks.map(({ claim }) => claim)));
  const undecided = new Map(
    runs.flatMap((run) => run.undecided.map((one) => [`${one.claim} ${one.reason}`, one] as const)),
  );
  return {
    paperId,
    experiment,
    profile,
    environment,
    version,
    seeds: seeds.length,
    checks: [...named].flatMap((claim) => seedChecks(claim, runs)),
    undecided: [...undecided.values()],
    ms: seeds.reduce((sum, { elapsed }) => sum + elapsed, 0),
    measuredAt: new Date(seeds[0].startedAt),
  };
}

/** The verdicts of a paper's claims, by claim, from the measurements of each profile. */
function verdictsOf(paper: Paper, own: readonly JudgedMeasurement[]) {
  const of = (profile: Profile) =>
    claimVerdicts(
      paper,
      own.filter((one) => one.profile === profile).flatMap(({ runs }) => runs),
    );
  const [quick, full] = [of("quick"), of("full")];
  const known = (verdict: ClaimVerdict) => (verdict.verdict === "not run" ? undefined : verdict);
  return paper.claims.map(({ id }, i) => ({
    code: id,
    verdict: quick[i].verdict,
    official: { quick: known(quick[i]), full: known(full[i]) },
  }));
}

/**
 * Makes these measurements the official ones. What they say is judged here, from the findings, by the experiments of
 * this version; a measurement of a paper, an experiment or parameters that the registry does not have is left out.
 */
export async function importMeasurements(
  orm: Orm,
  measured: readonly Measurement[],
  runnable: readonly Paper[] = registry,
): Promise<Imported> {
  const outcomes = await Promise.all(measured.map((one) => judge(one, runnable)));
  const judged = latest(outcomes.filter((one) => typeof one !== "string"));
  const skipped = outcomes.filter((one) => typeof one === "string");
  const stored = await orm
    .select({ id: papers.id, slug: papers.specSlug })
    .from(papers)
    .where(isNotNull(papers.specSlug));
  let rows = 0;
  await orm.transaction(async (tx) => {
    for (const paper of runnable) {
      const row = stored.find(({ slug }) => slug === paper.slug);
      const own = judged.filter((one) => one.paper === paper.slug);
      if (!row) {
        if (own.length > 0) skipped.push(`${paper.slug} is not among the stored papers`);
        continue;
      }
      await tx.delete(measurements).where(eq(measurements.paperId, row.id));
      if (own.length > 0) await tx.insert(measurements).values(own.map((one) => rowOf(row.id, one)));
      for (const { code, verdict, official } of verdictsOf(paper, own))
        await tx
          .update(claims)
          .set({ verdict, official })
          .where(and(eq(claims.paperId, row.id), eq(claims.code, code)));
      rows += own.length;
    }
    const kept = stored.map(({ id }) => id);
    if (kept.length > 0) await tx.delete(measurements).where(notInArray(measurements.paperId, kept));
  });
  return { rows, skipped: [...new Set(skipped)] };
}
