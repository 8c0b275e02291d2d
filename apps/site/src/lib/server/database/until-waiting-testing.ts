import { sql } from "drizzle-orm";
import { expect } from "vitest";
import type { Orm } from "./connect.ts";
import { rowsOf } from "./rows.ts";

/** Resolves once so many connections to a database wait for others' locks. */
export const untilWaiting = (orm: Orm, count: number): Promise<void> =>
  expect
    .poll(async () =>
      rowsOf<{ waiting: number }>(
        await orm.execute(sql`
          select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`),
      ).map(({ waiting }) => waiting),
    )
    .toEqual([count]);
