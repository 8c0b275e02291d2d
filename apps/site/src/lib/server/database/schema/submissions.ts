import { sql } from "drizzle-orm";
import { bigint, index, pgTable, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";
import { users } from "./users.ts";

/** Papers that readers proposed. */
export const submissions = pgTable(
  "submissions",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "set null" }),
    arxivId: text("arxiv_id").notNull(),
    lane: text("lane", { enum: ["daily", "classic"] }),
    state: text("state", { enum: ["pending", "accepted", "refused"] }).notNull(),
    reason: text("reason"),
    codeUrl: text("code_url"),
    note: text("note"),
    submittedAt: timestamp("submitted_at", { withTimezone: true }).notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }),
    createdAt: createdAt(),
  },
  (table) => [
    index("submissions_user").on(table.userId, table.submittedAt.desc()),
    index("submissions_lane").on(table.lane, table.decidedAt).where(sql`lane is not null`),
    uniqueIndex("submissions_pending").on(table.arxivId).where(sql`state = 'pending'`),
  ],
);
