import { bigint, index, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";
import { papers } from "./papers.ts";

/** Where each source of papers stands: its cursor moves only after a batch was stored. */
export const ingestState = pgTable("ingest_state", {
  source: text("source").primaryKey(),
  cursor: jsonb("cursor"),
  okAt: timestamp("ok_at", { withTimezone: true }),
  error: text("error"),
  errorAt: timestamp("error_at", { withTimezone: true }),
  createdAt: createdAt(),
});

/** Whose turn it is to send a request to a host, and when the next one may begin. */
export const requestTurns = pgTable("request_turns", {
  host: text("host").primaryKey(),
  holder: uuid("holder"),
  heldUntil: timestamp("held_until", { withTimezone: true }),
  nextAt: timestamp("next_at", { withTimezone: true }).notNull(),
  createdAt: createdAt(),
});

/** Pairs of papers that look like one work: a person decides. */
export const paperDuplicates = pgTable(
  "paper_duplicates",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    otherId: bigint("other_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    reason: text("reason", { enum: ["title", "doi"] }).notNull(),
    dismissedAt: timestamp("dismissed_at", { withTimezone: true }),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.otherId] }),
    index("paper_duplicates_other").on(table.otherId),
  ],
);
