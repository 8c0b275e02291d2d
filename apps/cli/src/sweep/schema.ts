import type { JobDatabase } from "@gradus/database";

/** One lock for all processes that make the tables at the same moment. */
const TABLES_LOCK = 7_236_432;

/**
 * A sweep's runs, each there once by its combination and seed, whatever happens to the jobs that carry it. `attempt`
 * counts the workers that took a run on: only the latest may write into it.
 */
const statements = `
begin;
select pg_advisory_xact_lock(${TABLES_LOCK});
create schema if not exists sweep;
create table if not exists sweep.sweeps (
  id text primary key,
  plan text not null,
  created_at timestamptz not null default now()
);
create table if not exists sweep.runs (
  sweep text not null references sweep.sweeps (id) on delete cascade,
  cell integer not null check (cell >= 0),
  seed integer not null check (seed >= 1),
  job uuid not null default gen_random_uuid(),
  state text not null default 'waiting' check (state in ('waiting', 'running', 'finished', 'failed')),
  attempt integer not null default 0,
  -- Attempts since the last checkpoint that ended without a word.
  crashes integer not null default 0,
  worker text,
  fraction double precision not null default 0,
  checkpoint text,
  outcome text,
  report text,
  failure text,
  ended_at timestamptz,
  primary key (sweep, cell, seed),
  check ((state = 'finished') = (report is not null)),
  check ((state = 'failed') = (failure is not null))
);
commit;`;

/** Makes the tables of sweeps where they are missing. */
export async function createTables({ execute }: Pick<JobDatabase, "execute">): Promise<void> {
  await execute(statements);
}
