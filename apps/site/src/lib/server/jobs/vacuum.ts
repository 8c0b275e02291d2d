import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import type { Job } from "../job.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";

interface Table {
  readonly schema: string;
  readonly name: string;
}

/**
 * Vacuums and analyzes every table. Each vote leaves an old row behind, and words in lists that every search goes through
 * until they are sorted into the indexes. A server of Postgres does this by itself; the embedded database, which has one
 * process, never does. One table at a time, so that requests come in between.
 */
async function vacuumTables(orm: Orm, signal: AbortSignal): Promise<void> {
  const tables = rowsOf<Table>(
    await orm.execute(sql`
      select schemaname as schema, tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by schemaname, tablename`),
  );
  for (const { schema, name } of tables) {
    await yieldToEventLoop(signal);
    await orm.execute(sql`vacuum (analyze) ${sql.identifier(schema)}.${sql.identifier(name)}`);
  }
}

/** The job that vacuums the embedded database every night. */
export function vacuumJob(orm: Orm): Job {
  return {
    name: "vacuum",
    schedule: "30 2 * * *",
    run: (signal) => vacuumTables(orm, signal),
  };
}
