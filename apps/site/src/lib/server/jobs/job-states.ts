import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { ENDED } from "./job-error.ts";

/** How a job fares. */
export interface JobState {
  readonly name: string;
  /** When the last run that succeeded ended. */
  readonly succeeded?: Date;
  /** When the last run that failed did, whether it is tried again or not. */
  readonly failed?: Date;
  /** When the job is tried again that failed, while it waits for that; undefined once another run has succeeded. */
  readonly next?: Date;
  /** Whether a run is under way. */
  readonly running: boolean;
  /** Seconds that the oldest run that is due has waited or run; 0 when none is due. */
  readonly waiting: number;
}

/** Whether the last run that ended failed. */
export function isFailing({ succeeded, failed }: Pick<JobState, "succeeded" | "failed">): boolean {
  return failed !== undefined && (succeeded === undefined || failed > succeeded);
}

interface Row {
  readonly name: string;
  readonly succeeded: Date | string | null;
  readonly failed: Date | string | null;
  readonly next: Date | string | null;
  readonly running: boolean;
  readonly waiting: number;
}

/** Whether what a run left says that it did not fail by itself. */
const INTERRUPTED = sql`coalesce(output->>'message', '') in ('interrupted', 'the process ended')`;

const instant = (value: Date | string | null) => (value === null ? undefined : new Date(value));

/** The states of jobs, in the order of their names, as the queue remembers their runs. */
export async function jobStates(orm: Orm, names: readonly string[]): Promise<JobState[]> {
  if (names.length === 0) return [];
  const listed = sql.join(
    names.map((name) => sql`${name}`),
    sql`, `,
  );
  // A run that waits for its next try has failed when its last one ended, and so has one that is being tried again.
  const result = await orm.execute(sql`
    select name,
      max(completed_on) filter (where state = 'completed') as succeeded,
      max(coalesce(${ENDED}, started_on)) filter (where state in ('failed', 'retry')
        or (state = 'active' and retry_count > 0 and not ${INTERRUPTED})) as failed,
      min(start_after) filter (where state = 'retry') as next,
      coalesce(bool_or(state = 'active'), false) as running,
      coalesce(extract(epoch from now() - min(created_on) filter (
        where state in ('active', 'retry') or (state = 'created' and start_after <= now()))), 0)::float8 as waiting
    from pgboss.job where name in (${listed}) group by name`);
  const states = new Map(rowsOf<Row>(result).map((row) => [row.name, row]));
  return names.map((name) => {
    const row = states.get(name);
    const succeeded = instant(row?.succeeded ?? null);
    const failed = instant(row?.failed ?? null);
    return {
      ...{ name, succeeded, failed },
      next: isFailing({ succeeded, failed }) ? instant(row?.next ?? null) : undefined,
      running: row?.running ?? false,
      waiting: Math.max(0, Math.round(row?.waiting ?? 0)),
    };
  });
}
