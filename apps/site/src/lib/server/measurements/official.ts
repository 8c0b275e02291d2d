import { type Check, criterion, type Ground } from "@gradus/papers";
import { and, asc, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { longDate } from "#lib/days.ts";
import type { OfficialRun } from "#lib/views.ts";
import type { Orm } from "../database/connect.ts";
import { claimRuns } from "../database/schema.ts";

const environmentSchema = z.object({ runtime: z.string(), platform: z.string(), cores: z.number() });
const checksSchema = z.array(
  z.object({
    claim: z.string(),
    label: z.string(),
    measured: z
      .number()
      .nullable()
      .transform((value) => value ?? Number.NaN),
    condition: z.custom<Check["condition"]>((value) => typeof value === "object" && value !== null),
    ground: z.custom<Ground>().default(criterion("not stated")),
    held: z.boolean(),
  }),
);

/** The latest official measurement of each claim of a paper by each experiment that measures it. */
export async function officialRuns(orm: Orm, paperId: number, slug: string): Promise<OfficialRun[]> {
  const rows = await orm
    .select()
    .from(claimRuns)
    .where(and(eq(claimRuns.paperId, paperId), eq(claimRuns.origin, "ci")))
    .orderBy(desc(claimRuns.ranAt), desc(claimRuns.runId), asc(claimRuns.claimCode));
  const latest = new Map<string, OfficialRun>();
  for (const row of rows) {
    const key = `${row.claimCode} ${row.experiment}`;
    if (latest.has(key)) continue;
    latest.set(key, {
      paper: slug,
      experiment: row.experiment,
      profile: row.profile,
      seed: row.seed,
      modified: false,
      undecided: [],
      checks: checksSchema.parse(row.checks),
      environment: environmentSchema.parse(row.environment),
      version: row.version,
      ranAt: { label: longDate(row.ranAt), instant: row.ranAt.toISOString() },
    });
  }
  return [...latest.values()];
}
