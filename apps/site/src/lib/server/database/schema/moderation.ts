import { sql } from "drizzle-orm";
import { bigint, index, pgTable, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";
import { users } from "./users.ts";

/** What moderators should look at. */
export const moderationFlags = pgTable(
  "moderation_flags",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    /** What kind of thing it is, and of what: one open flag each. */
    kind: text("kind").notNull(),
    subject: text("subject").notNull(),
    summary: text("summary").notNull(),
    /** Where it can be looked at. */
    path: text("path"),
    raisedAt: timestamp("raised_at", { withTimezone: true }).notNull(),
    closedAt: timestamp("closed_at", { withTimezone: true }),
    closedBy: uuid("closed_by").references(() => users.id, { onDelete: "set null" }),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("moderation_flags_open").on(table.kind, table.subject).where(sql`closed_at is null`),
    index("moderation_flags_raised").on(table.raisedAt.desc(), table.id.desc()),
    index("moderation_flags_closed_by").on(table.closedBy),
  ],
);
