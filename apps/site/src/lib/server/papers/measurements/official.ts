import { type ClaimVerdict, meets, type SeedCheck } from "@gradus/papers";
import { asc, eq } from "drizzle-orm";
import { longDate } from "#lib/days.ts";
import type { OfficialClaim, OfficialMeasurement } from "#lib/views.ts";
import type { Orm } from "../../database/connect.ts";
import { claims, measurements } from "../../database/schema/index.ts";

/** More than a strip shows or a page prints. */
const DIGITS = 6;

/** A check with figures of few digits, each on its side of the condition as it was. */
export function compactCheck(check: SeedCheck): SeedCheck {
  const { condition } = check;
  const measured = check.measured.map((kept: number | null) => {
    // Rows of earlier versions have null for what is not finite.
    const value = kept ?? Number.NaN;
    const short = Number(value.toPrecision(DIGITS));
    return meets(short, condition) === meets(value, condition) ? short : value;
  });
  return { ...check, measured };
}

/** A verdict for a page: the check that decides is one of its checks, and not another like it. */
function compactVerdict(verdict: ClaimVerdict | undefined): ClaimVerdict | undefined {
  if (!verdict) return undefined;
  const checks = verdict.checks.map(compactCheck);
  const decisive = checks.find(
    ({ experiment, label }) =>
      experiment === verdict.decisive?.experiment && label === verdict.decisive.label,
  );
  return { ...verdict, checks, decisive };
}

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
    ours: checks.filter(({ claim }) => claim === null).map(compactCheck),
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
  return rows.map(({ claim, official }) => ({
    claim,
    quick: compactVerdict(official?.quick),
    full: compactVerdict(official?.full),
  }));
}
