import type { JobDatabase } from "@gradus/database";
import type { Check, RunReport } from "@gradus/papers";
import { parseCheckpoint } from "gradus/iterate";
import { z } from "zod";
import { cellsOf, planSchema, type SweepPlan, sweepId } from "./plan.ts";

type Execute = Pick<JobDatabase, "execute">;

/** One run of a sweep. */
export interface RunKey {
  readonly sweep: string;
  /** The number of the combination, from 0. */
  readonly cell: number;
  readonly seed: number;
}

export type RunState = "waiting" | "running" | "finished" | "failed";

/** What a finished run leaves for the sweep's table. */
export interface Outcome {
  readonly checks: readonly Check[];
  /** Milliseconds of compute time. */
  readonly elapsed: number;
}

/** A run as a sweep's reader sees it. */
export interface SweepRun {
  readonly cell: number;
  readonly seed: number;
  readonly state: RunState;
  readonly attempt: number;
  readonly worker: string | null;
  readonly fraction: number;
  readonly outcome: Outcome | null;
  readonly failure: string | null;
}

export interface Sweep {
  readonly id: string;
  readonly plan: SweepPlan;
  /** ISO instant. */
  readonly createdAt: string;
}

const text = z.string();
const instant = z.coerce.date().transform((date) => date.toISOString());
const sweepRow = z
  .object({ id: text, plan: text, created_at: instant })
  .transform(({ id, plan, created_at }) => ({
    id,
    plan: planSchema.parse(JSON.parse(plan)),
    createdAt: created_at,
  }));
const outcomeSchema = z.custom<Outcome>(
  (value) => z.object({ checks: z.array(z.unknown()) }).safeParse(value).success,
);
const reportSchema = z.custom<RunReport>(
  (value) => z.object({ format: z.literal(1) }).safeParse(value).success,
);
const runRow = z.object({
  cell: z.int(),
  seed: z.int(),
  state: z.enum(["waiting", "running", "finished", "failed"]),
  attempt: z.int(),
  worker: text.nullable(),
  fraction: z.number(),
  outcome: text
    .nullable()
    .transform((value) => (value === null ? null : outcomeSchema.parse(parseCheckpoint(value)))),
  failure: text.nullable(),
});

/** Keeps a sweep with all its runs; one that is there already stays as it is. */
export async function createSweep({ execute }: Execute, plan: SweepPlan): Promise<string> {
  const id = sweepId(plan);
  await execute("insert into sweep.sweeps (id, plan) values ($1, $2) on conflict do nothing", [
    id,
    JSON.stringify(plan),
  ]);
  await execute(
    `insert into sweep.runs (sweep, cell, seed)
     select $1, cell, seed from generate_series(0, $2::int - 1) cell, generate_series(1, $3::int) seed
     on conflict do nothing`,
    [id, cellsOf(plan).length, plan.seeds],
  );
  return id;
}

/** The sweeps whose id begins with a text, latest first. */
export async function findSweeps({ execute }: Execute, beginning = ""): Promise<Sweep[]> {
  const rows = await execute(
    "select id, plan, created_at from sweep.sweeps where starts_with(id, $1) order by created_at desc, id",
    [beginning],
  );
  return z.array(sweepRow).parse(rows);
}

/** The runs of a sweep, by combination and seed. */
export async function runsOf({ execute }: Execute, sweep: string): Promise<SweepRun[]> {
  const rows = await execute(
    `select cell, seed, state, attempt, worker, fraction, outcome, failure
     from sweep.runs where sweep = $1 order by cell, seed`,
    [sweep],
  );
  return z.array(runRow).parse(rows);
}

/** The whole report of each finished run, one after another. */
export async function* reportsOf(
  { execute }: Execute,
  sweep: string,
): AsyncGenerator<{ readonly cell: number; readonly seed: number; readonly report: RunReport }> {
  const schema = z
    .object({ report: text })
    .transform(({ report }) => reportSchema.parse(parseCheckpoint(report)));
  for (const { cell, seed, state } of await runsOf({ execute }, sweep)) {
    if (state !== "finished") continue;
    const rows = await execute("select report from sweep.runs where sweep = $1 and cell = $2 and seed = $3", [
      sweep,
      cell,
      seed,
    ]);
    for (const row of rows) yield { cell, seed, report: schema.parse(row) };
  }
}

/** How many runs of a sweep are in each state. */
export async function countRuns({ execute }: Execute, sweep: string): Promise<Record<RunState, number>> {
  const rows = await execute(
    "select state, count(*)::int as count from sweep.runs where sweep = $1 group by state",
    [sweep],
  );
  const counts = { waiting: 0, running: 0, finished: 0, failed: 0 };
  for (const { state, count } of z.array(z.object({ state: runRow.shape.state, count: z.int() })).parse(rows))
    counts[state] = count;
  return counts;
}

/** The runs of a sweep that workers are executing. */
export async function runningRuns(
  { execute }: Execute,
  sweep: string,
): Promise<Pick<SweepRun, "cell" | "seed" | "fraction" | "worker">[]> {
  const rows = await execute(
    `select cell, seed, fraction, worker from sweep.runs
     where sweep = $1 and state = 'running' order by seed, cell`,
    [sweep],
  );
  return z.array(runRow.pick({ cell: true, seed: true, fraction: true, worker: true })).parse(rows);
}

/** How many runs of all sweeps have not ended. */
export async function countOpenRuns({ execute }: Execute): Promise<number> {
  const rows = await execute(
    "select count(*)::int as count from sweep.runs where state in ('waiting', 'running')",
  );
  return z.object({ count: z.int() }).parse(rows[0]).count;
}

/** Forgets a sweep and everything that its runs measured. */
export async function removeSweep({ execute }: Execute, sweep: string): Promise<void> {
  await execute("delete from sweep.sweeps where id = $1", [sweep]);
}

/** Lets the failed runs of a sweep be tried again, by new jobs; returns how many they are. */
export async function retryFailed({ execute }: Execute, sweep: string): Promise<number> {
  const rows = await execute(
    `update sweep.runs set state = 'waiting', failure = null, crashes = 0, ended_at = null, job = gen_random_uuid()
     where sweep = $1 and state = 'failed' returning cell`,
    [sweep],
  );
  return rows.length;
}
