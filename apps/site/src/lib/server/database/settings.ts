import { type SQL, sql } from "drizzle-orm";
import { PgDialect, PgTransaction } from "drizzle-orm/pg-core";
import { PgliteDatabase } from "drizzle-orm/pglite";
import { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import type { Orm } from "./connect.ts";
import { rowsOf } from "./rows.ts";
import { executeAtOnce } from "./server/at-once.ts";

type Settings = Readonly<Record<string, number | string>>;

function change(settings: Settings): SQL {
  const changes = Object.entries(settings).map(
    ([name, value]) => sql`set_config(${name}, ${String(value)}, true)`,
  );
  return sql`select ${sql.join(changes, sql`, `)}`;
}

async function current(orm: Orm, settings: Settings): Promise<Record<string, string>> {
  const names = JSON.stringify(Object.keys(settings));
  const rows = rowsOf<{ name: string; value: string | null }>(
    await orm.execute(sql`
      select name, current_setting(name, true) as value
      from jsonb_array_elements_text(${names}::text::jsonb) name`),
  );
  return Object.fromEntries(rows.flatMap(({ name, value }) => (value ? [[name, value]] : [])));
}

function isTransaction(orm: Orm): boolean {
  return orm instanceof PgTransaction;
}

/** Whether statements run in this process outside a transaction, where they cannot be interrupted. */
export function isEmbedded(orm: Orm): boolean {
  return orm instanceof PgliteDatabase;
}

/** Runs statements in a transaction with some of Postgres' settings changed for them alone. */
export async function withSettings<T>(
  orm: Orm,
  settings: Settings,
  run: (transaction: Orm) => Promise<T>,
): Promise<T> {
  // Settings end with their transaction: one that goes on after these statements must get its own back.
  const before = isTransaction(orm) ? await current(orm, settings) : {};
  return orm.transaction(async (transaction) => {
    await transaction.execute(change(settings));
    const result = await run(transaction);
    if (Object.keys(before).length > 0) await transaction.execute(change(before));
    return result;
  });
}

const dialect = new PgDialect();

function hasClient(orm: Orm): orm is Orm & { readonly $client: Sql } {
  return orm instanceof PostgresJsDatabase && "$client" in orm;
}

/** Runs one statement in a transaction with some of Postgres' settings changed for it. */
export async function executeWithSettings(orm: Orm, settings: Settings, statement: SQL): Promise<unknown> {
  if (!hasClient(orm)) return withSettings(orm, settings, (tx) => tx.execute(statement));
  const { sql: text, params: parameters } = dialect.sqlToQuery(statement);
  return executeAtOnce(orm.$client, settings, { text, parameters });
}

/** Postgres error code of a canceled statement, here by `statement_timeout`. */
const QUERY_CANCELED = "57014";

/** Whether an error, or what caused it, is that a statement took longer than `statement_timeout`. */
export function isStatementTimeout(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && cause.code === QUERY_CANCELED) return true;
  return false;
}
