import type { Orm } from "./database/connect.ts";
import { pendingMigrations } from "./database/migrate.ts";

/** Whether the site can answer from its database. */
export interface Readiness {
  readonly database: boolean;
  /** True when the schema is the one that this version was written for. */
  readonly migrations: boolean;
}

/** Asks the database for its version of the data and of the schema. */
export async function readiness(orm: Orm, version: () => Promise<string>): Promise<Readiness> {
  try {
    await version();
    return { database: true, migrations: (await pendingMigrations(orm)).length === 0 };
  } catch {
    return { database: false, migrations: false };
  }
}
