import { and, asc, eq } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { embeddingModelParts } from "../../database/schema/index.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";

/** Bytes in one row. */
const PART = 1 << 19;

/** Stores the bytes of a fitted model. */
export async function writeModelState(
  orm: Orm,
  modelId: number,
  state: Uint8Array,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  for (let at = 0; at < state.length; at += PART) {
    await yieldToEventLoop(signal);
    await orm
      .insert(embeddingModelParts)
      .values({ modelId, part: at / PART, bytes: state.subarray(at, at + PART) });
  }
}

/** The bytes of a fitted model; undefined when it has none. */
export async function readModelState(orm: Orm, modelId: number): Promise<Uint8Array | undefined> {
  const numbers = await orm
    .select({ part: embeddingModelParts.part })
    .from(embeddingModelParts)
    .where(eq(embeddingModelParts.modelId, modelId))
    .orderBy(asc(embeddingModelParts.part));
  const parts: Uint8Array[] = [];
  for (const { part } of numbers) {
    await yieldToEventLoop();
    const [row] = await orm
      .select({ bytes: embeddingModelParts.bytes })
      .from(embeddingModelParts)
      .where(and(eq(embeddingModelParts.modelId, modelId), eq(embeddingModelParts.part, part)));
    // The model was removed meanwhile.
    if (!row) return undefined;
    parts.push(row.bytes);
  }
  return parts.length > 0 ? Buffer.concat(parts) : undefined;
}
