import type { SQL } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { plannedForValues } from "../database/planned-for-values.ts";
import { serverSearchSettings } from "../database/search-settings.ts";
import { executeWithSettings, isEmbedded, isStatementTimeout } from "../database/settings.ts";

/** Milliseconds for a statement, on a server: the embedded database has no timers, only limits of what it reads. */
const PATIENCE_MILLISECONDS = 400;

/** Runs a statement of the search; resolves to undefined when it takes too long. */
export async function queryWithTimeout(orm: Orm, statement: SQL): Promise<unknown> {
  if (isEmbedded(orm)) return orm.execute(plannedForValues(statement));
  const settings = {
    ...serverSearchSettings,
    statement_timeout: PATIENCE_MILLISECONDS,
    // Compiling a statement takes longer than running it.
    jit: "off",
    // How rare the words are decides how they are looked for.
    plan_cache_mode: "force_custom_plan",
  };
  try {
    return await executeWithSettings(orm, settings, statement);
  } catch (error) {
    if (isStatementTimeout(error)) return undefined;
    throw error;
  }
}
