import { createHash } from "node:crypto";
import { migrations, type SchemaStep } from "@gradus/database/migrations";
import { sql } from "drizzle-orm";
import { pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { rootCause } from "../log.ts";
import type { Orm } from "./connect.ts";
import { isConnectionError } from "./connection-errors.ts";

/** The schema in the database is not one that this version can bring up to date. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

const schemaMigrations = pgTable("schema_migrations", {
  version: text("version").primaryKey(),
  checksum: text("checksum").notNull(),
  at: timestamp("at", { withTimezone: true }).notNull().defaultNow(),
});

/** One lock for all processes that bring a database up to date at the same time. */
const MIGRATION_LOCK = 7_236_431;

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * The migrations that are still to be applied, in order; changes nothing.
 *
 * @throws MigrationError when an applied migration was changed since, or the database is of a newer version
 */
export async function pendingMigrations(
  orm: Orm,
  steps: readonly SchemaStep[] = migrations,
): Promise<readonly SchemaStep[]> {
  return notApplied(await orm.select().from(schemaMigrations), steps);
}

/**
 * Brings the schema up to date: applies each migration that is missing, in order, each in a transaction of its own.
 * Returns the versions that were applied.
 *
 * @throws MigrationError when an applied migration was changed since, the database is of a newer version, or a migration
 * fails
 */
export async function migrate(orm: Orm, steps: readonly SchemaStep[] = migrations): Promise<string[]> {
  await orm.execute(sql`
    create table if not exists schema_migrations (
      version text primary key,
      checksum text not null,
      at timestamptz not null default now()
    )`);
  const applied: string[] = [];
  for (const step of await pendingMigrations(orm, steps)) {
    const applying = orm.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
      // Another process may have applied it meanwhile.
      if (!notApplied(await tx.select().from(schemaMigrations), steps).includes(step)) return false;
      for (const statement of step.text.split(/^--> statement-breakpoint$/m)) {
        // biome-ignore lint/plugin: the steps of the schema are constants
        if (statement.trim()) await tx.execute(sql.raw(statement));
      }
      await tx.insert(schemaMigrations).values({ version: step.version, checksum: checksum(step.text) });
      return true;
    });
    const fresh = await applying.catch((error: unknown) => {
      throw error instanceof MigrationError || isConnectionError(error)
        ? error
        : new MigrationError(failureOf(step, error), { cause: error });
    });
    if (fresh) applied.push(step.version);
  }
  return applied;
}

/** What an operator reads about a failed migration. */
function failureOf({ version }: SchemaStep, error: unknown): string {
  const said = error instanceof Error ? rootCause(error).message : String(error);
  return (
    `migration ${version} failed: ${said}. Nothing of it was kept; migrations before it were. ` +
    "Start again once its cause is gone, or restore the last backup and start the version of gradus that made it."
  );
}

interface Applied {
  readonly version: string;
  readonly checksum: string;
}

/** The steps that are not among those applied, in order. */
function notApplied(rows: readonly Applied[], steps: readonly SchemaStep[]): readonly SchemaStep[] {
  const missing = new Map(steps.map((step) => [step.version, step]));
  for (const row of rows.toSorted((a, b) => (a.version < b.version ? -1 : 1))) {
    assertKnown(row, missing.get(row.version));
    missing.delete(row.version);
  }
  return [...missing.values()];
}

function assertKnown(row: Applied, step: SchemaStep | undefined): void {
  if (!step)
    throw new MigrationError(
      `the database has migration ${row.version}, which this version of gradus does not have; upgrade gradus, or go back to a backup from before it by gradus db restore of the newer version, as docs/operate.md says under Upgrade`,
    );
  if (checksum(step.text) !== row.checksum)
    throw new MigrationError(
      `migration ${row.version} was changed after it was applied; revert the change and add a new migration`,
    );
}
