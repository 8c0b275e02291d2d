import { jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";

/** Where each source of papers stands: its cursor moves only after a batch was stored. */
export const ingestState = pgTable("ingest_state", {
  source: text("source").primaryKey(),
  cursor: jsonb("cursor"),
  okAt: timestamp("ok_at", { withTimezone: true }),
  error: text("error"),
  errorAt: timestamp("error_at", { withTimezone: true }),
  createdAt: createdAt(),
});
