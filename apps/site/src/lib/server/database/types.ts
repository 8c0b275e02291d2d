import { customType, timestamp } from "drizzle-orm/pg-core";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";

/** Bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});

/** A `tsvector`, made and read by the database only. */
export const textVector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** A pgvector of any dimension. */
export const embeddingVector = customType<{ data: readonly number[]; driverData: string }>({
  dataType: () => "vector",
  toDriver: (value) => `[${value.join(",")}]`,
  fromDriver: (text) => text.slice(1, -1).split(",").map(Number),
});

/** JSON of figures: numbers for which JSON has no word are written as `{"$gradus":"number","value":"Infinity"}`. */
export const figuresJson = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => serializeCheckpoint(value),
  fromDriver: (kept) => parseCheckpoint(typeof kept === "string" ? kept : JSON.stringify(kept)),
});

/** Text that compares without regard to case. */
export const caselessText = customType<{ data: string }>({ dataType: () => "citext" });

/** When a row was made: a column of every table. */
export const createdAt = () => timestamp("created_at", { withTimezone: true }).notNull().defaultNow();
