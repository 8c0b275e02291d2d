import { asc, eq } from "drizzle-orm";
import { longDate } from "#lib/days.ts";
import type { OfficialClaim, OfficialMeasurement } from "#lib/views.ts";
import type { Orm } from "../database/connect.ts";
import { claims, measurements } from "../database/schema.ts";

/** What was measured officially of a paper, one an experiment and profile. */
export async function officialMeasurements(orm: Orm, paperId: number): Promise<OfficialMeasurement[]> {
  const rows = await orm
    .select()
    .from(measurements)
    .where(eq(measurements.paperId, paperId))
    .orderBy(asc(measurements.experiment), asc(measurements.profile));
  return rows.map(({ experiment, profile, seeds, checks, environment, version, measuredAt, ms }) => ({
    experiment,
    profile,
    seeds,
    ours: checks.filter(({ claim }) => claim === null),
    environment,
    version,
    on: { label: longDate(measuredAt), instant: measuredAt.toISOString() },
    seconds: ms / 1000,
  }));
}

/** The official verdicts on the claims of a paper, in its order. */
export async function officialClaims(orm: Orm, paperId: number): Promise<OfficialClaim[]> {
  const rows = await orm
    .select({ claim: claims.code, official: claims.official })
    .from(claims)
    .where(eq(claims.paperId, paperId))
    .orderBy(asc(claims.position), asc(claims.code));
  return rows.map(({ claim, official }) => ({ claim, ...official }));
}
