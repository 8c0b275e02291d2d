import type { JobDatabase } from "@gradus/database";
import type { RunCheckpoint, RunReport } from "@gradus/papers";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { z } from "zod";
import { planSchema, type SweepPlan } from "./plan.ts";
import type { Outcome, RunKey } from "./store.ts";

type Execute = Pick<JobDatabase, "execute">;

/** A run leased by this process, until another process takes it over. */
export interface RunLease extends RunKey {
  readonly attempt: number;
  /** How many attempts since the last checkpoint, this one among them, have not been heard from again. */
  readonly crashes: number;
  readonly plan: SweepPlan;
  readonly resume?: RunCheckpoint;
}

const checkpointSchema = z.custom<RunCheckpoint>(
  (value) => z.object({ stages: z.looseObject({}) }).safeParse(value).success,
);
const leaseRow = z.object({
  attempt: z.int(),
  crashes: z.int(),
  checkpoint: z.string().nullable(),
  plan: z.string(),
});

/** Leases a run; undefined when it has ended or its sweep was deleted. */
export async function leaseRun(
  { execute }: Execute,
  key: RunKey,
  worker: string,
): Promise<RunLease | undefined> {
  const rows = await execute(
    `update sweep.runs r set state = 'running', attempt = attempt + 1, crashes = crashes + 1, worker = $4
     from sweep.sweeps s
     where s.id = r.sweep and sweep = $1 and cell = $2 and seed = $3 and state in ('waiting', 'running')
     returning attempt, crashes, checkpoint, plan`,
    [key.sweep, key.cell, key.seed, worker],
  );
  if (rows.length === 0) return undefined;
  const { attempt, crashes, checkpoint, plan } = leaseRow.parse(rows[0]);
  return {
    ...key,
    attempt,
    crashes,
    plan: planSchema.parse(JSON.parse(plan)),
    resume: checkpoint === null ? undefined : checkpointSchema.parse(parseCheckpoint(checkpoint)),
  };
}

/** Writes into a run if it is still this lease's; returns false when it is not. */
async function write(
  { execute }: Execute,
  lease: RunLease,
  assignments: string,
  values: unknown[],
): Promise<boolean> {
  const { sweep, cell, seed, attempt } = lease;
  const rows = await execute(
    `update sweep.runs set ${assignments}
     where sweep = $1 and cell = $2 and seed = $3 and attempt = $4 and state = 'running' returning attempt`,
    [sweep, cell, seed, attempt, ...values],
  );
  return rows.length === 1;
}

/** Keeps how far a run has come. */
export function saveProgress(database: Execute, lease: RunLease, fraction: number): Promise<boolean> {
  return write(database, lease, "fraction = $5", [fraction]);
}

/** Keeps the checkpoint from which any worker goes on. */
export function saveCheckpoint(
  database: Execute,
  lease: RunLease,
  checkpoint: RunCheckpoint,
): Promise<boolean> {
  return write(database, lease, "checkpoint = $5, crashes = 0", [serializeCheckpoint(checkpoint)]);
}

/** Keeps a run's report: it is then finished, and counts. */
export function finishRun(database: Execute, lease: RunLease, report: RunReport): Promise<boolean> {
  const { checks, elapsed } = report;
  const outcome: Outcome = { checks, elapsed };
  return write(
    database,
    lease,
    "state = 'finished', fraction = 1, checkpoint = null, outcome = $5, report = $6, ended_at = now()",
    [serializeCheckpoint(outcome), serializeCheckpoint(report)],
  );
}

/** Ends a run that cannot be executed. Its checkpoint stays for `retryFailed`. */
export function failRun(database: Execute, lease: RunLease, reason: string): Promise<boolean> {
  return write(database, lease, "state = 'failed', failure = $5, ended_at = now()", [reason]);
}

/** Gives a run back, for any worker to go on with. */
export function releaseRun(database: Execute, lease: RunLease): Promise<boolean> {
  return write(database, lease, "state = 'waiting', worker = null, crashes = greatest(crashes - 1, 0)", []);
}
