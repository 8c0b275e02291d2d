import type { Orm } from "../database/connect.ts";
import { pendingMigrations } from "../database/migrate.ts";
import { type JobState, jobStates } from "../jobs/job-states.ts";

/** Seconds that a run may wait: it failed several times, or hangs. */
const LONGEST_WAIT = 2 * 3600;

/** Whether the site can answer from its database, with what its jobs keep up to date. */
export interface Readiness {
  readonly database: boolean;
  /** True when the schema is the one that this version was written for. */
  readonly migrations: boolean;
  /** True while no work of the jobs has waited for too long. */
  readonly queue: boolean;
  /** Seconds that the oldest work has waited; 0 when none waits. Undefined while the database cannot be reached. */
  readonly queueAge: number | undefined;
}

/** What readiness depends on. */
export interface ReadinessSource {
  readonly orm: Orm;
  /** The version of the data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  /** Names of the jobs. */
  readonly jobs: readonly string[];
}

/** Seconds that the oldest run of the jobs has waited. */
export function queueAge(states: readonly JobState[]): number {
  return states.reduce((age, { waiting }) => Math.max(age, waiting), 0);
}

/** Asks the database for its version of the data and of the schema, and the queue for how long work has waited. */
export async function readiness({ orm, version, jobs }: ReadinessSource): Promise<Readiness> {
  try {
    await version();
    const age = queueAge(await jobStates(orm, jobs));
    return {
      database: true,
      migrations: (await pendingMigrations(orm)).length === 0,
      queue: age <= LONGEST_WAIT,
      queueAge: age,
    };
  } catch {
    return { database: false, migrations: false, queue: false, queueAge: undefined };
  }
}
