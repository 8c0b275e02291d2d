import { eq } from "drizzle-orm";
import type { z } from "zod";
import type { Orm } from "../database/connect.ts";
import { ingestState } from "../database/schema/index.ts";

/** Sources of papers. */
export type Source = "atom" | "oai" | "hugging-face";

/** Where a source stands; undefined when it never brought anything, or stands where this version cannot go on. */
export async function readCursor<Cursor>(
  orm: Orm,
  source: Source,
  schema: z.ZodType<Cursor>,
): Promise<Cursor | undefined> {
  const [row] = await orm
    .select({ cursor: ingestState.cursor })
    .from(ingestState)
    .where(eq(ingestState.source, source));
  return schema.safeParse(row?.cursor).data;
}

type State = Omit<Partial<typeof ingestState.$inferInsert>, "source">;

/** Stores where a source stands. */
export async function writeState(orm: Orm, source: Source, state: State): Promise<void> {
  await orm
    .insert(ingestState)
    .values({ source, ...state })
    .onConflictDoUpdate({ target: ingestState.source, set: state });
}

/** When a source last brought everything. */
export async function lastSuccess(orm: Orm, source: Source): Promise<Date | undefined> {
  const [row] = await orm
    .select({ okAt: ingestState.okAt })
    .from(ingestState)
    .where(eq(ingestState.source, source));
  return row?.okAt ?? undefined;
}
