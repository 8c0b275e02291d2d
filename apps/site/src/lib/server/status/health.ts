import type { Orm } from "../database/connect.ts";
import { pendingMigrations } from "../database/migrate.ts";
import type { Maintenance } from "../jobs/maintenance.ts";

/** Seconds that work may wait: its hourly run failed twice, or hangs. */
export const LONGEST_WAIT = 2 * 3600;

/** Whether the site can answer from its database, with what its jobs keep up to date. */
export interface Readiness {
  readonly database: boolean;
  /** True when the schema is the one that this version was written for. */
  readonly migrations: boolean;
  /** True while no work of the jobs has waited for too long. */
  readonly queue: boolean;
  /** Seconds that the oldest work has waited; 0 when none waits. */
  readonly queueAge: number;
}

/** What readiness is asked of. */
export interface ReadinessSource {
  readonly orm: Orm;
  /** The version of the data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly maintenance: Pick<Maintenance, "waitingSince">;
  readonly now: Date;
}

/** Seconds that the oldest work of the jobs has waited. */
export function queueAge({ maintenance, now }: Pick<ReadinessSource, "maintenance" | "now">): number {
  const since = maintenance.waitingSince;
  return since ? Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000)) : 0;
}

/** Asks the database for its version of the data and of the schema, and the jobs for how long work has waited. */
export async function readiness({ orm, version, ...jobs }: ReadinessSource): Promise<Readiness> {
  const age = queueAge(jobs);
  const queue = { queue: age <= LONGEST_WAIT, queueAge: age };
  try {
    await version();
    return { database: true, migrations: (await pendingMigrations(orm)).length === 0, ...queue };
  } catch {
    return { database: false, migrations: false, ...queue };
  }
}
