import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { ENDED } from "./job-error.ts";

/** A run of a job that failed. */
export interface FailedRun {
  readonly job: string;
  readonly at: Date;
  /** How often it was tried. */
  readonly attempts: number;
  /** Whether it will be tried again. */
  readonly again: boolean;
  /** When, while it waits for that. */
  readonly next?: Date;
  /** What went wrong; holds nothing that a person wrote. */
  readonly reason: string;
}

interface Row {
  readonly name: string;
  readonly at: Date | string;
  readonly attempts: number;
  readonly state: string;
  readonly next: Date | string;
  readonly reason: string | null;
}

/** The latest runs that failed, as long as the queue remembers them. */
export async function failedRuns(orm: Orm, names: readonly string[], most: number): Promise<FailedRun[]> {
  if (names.length === 0) return [];
  const listed = sql.join(
    names.map((name) => sql`${name}`),
    sql`, `,
  );
  const result = await orm.execute(sql`
    select name, coalesce(${ENDED}, started_on, created_on) as at, retry_count + 1 as attempts,
      state::text as state, start_after as next, output->>'message' as reason
    from pgboss.job where name in (${listed}) and state in ('failed', 'retry')
    order by at desc limit ${most}::int`);
  return rowsOf<Row>(result).map(({ name, at, attempts, state, next, reason }) => ({
    job: name,
    at: new Date(at),
    attempts,
    again: state === "retry",
    next: state === "retry" ? new Date(next) : undefined,
    reason: reason ?? "no reason was recorded",
  }));
}
