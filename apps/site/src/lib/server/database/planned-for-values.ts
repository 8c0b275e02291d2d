import { type SQL, sql } from "drizzle-orm";

/** Begins the text of such a statement. */
const MARK = "/* planned for its values */";

/**
 * Marks a statement of which the plan must be made for its values each time that it runs: by them indexes are chosen. The
 * embedded database goes by the mark; on a server the setting `plan_cache_mode` says it.
 */
export function plannedForValues(statement: SQL): SQL {
  // biome-ignore lint/plugin: a constant
  return sql`${sql.raw(MARK)} ${statement}`;
}

/** Whether a statement, by its text, is marked so. */
export function isPlannedForValues(text: string): boolean {
  return text.startsWith(MARK);
}
