import { type SQL, sql } from "drizzle-orm";
import { PLANNED_FOR_VALUES } from "./embedded/protocol.ts";

/**
 * Marks a statement of which the plan must be made for its values each time that it runs: by them indexes are chosen. The
 * embedded database goes by the mark; on a server the setting `plan_cache_mode` says it.
 */
export function plannedForValues(statement: SQL): SQL {
  // biome-ignore lint/plugin: a constant
  return sql`${sql.raw(PLANNED_FOR_VALUES)} ${statement}`;
}
