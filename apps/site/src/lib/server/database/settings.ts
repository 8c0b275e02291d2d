import { sql } from "drizzle-orm";
import type { Orm } from "./connect.ts";

/** Runs statements in a transaction of their own with some of Postgres' settings changed for it. */
export function withSettings<T>(
  orm: Orm,
  settings: Readonly<Record<string, number>>,
  run: (transaction: Orm) => Promise<T>,
): Promise<T> {
  return orm.transaction(async (transaction) => {
    const changes = Object.entries(settings).map(
      ([name, value]) => sql`set_config(${name}, ${String(value)}, true)`,
    );
    await transaction.execute(sql`select ${sql.join(changes, sql`, `)}`);
    return run(transaction);
  });
}

/** Postgres' code of a statement that was canceled, here because its time was over. */
const QUERY_CANCELED = "57014";

/** Whether an error, or what caused it, is that a statement took longer than `statement_timeout`. */
export function ranOutOfTime(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && cause.code === QUERY_CANCELED) return true;
  return false;
}
