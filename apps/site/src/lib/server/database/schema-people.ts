import { bigint, index, pgTable, primaryKey, real, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { papers } from "./schema.ts";
import { bytes, caselessText, createdAt } from "./types.ts";

/** Accounts. Nobody can make one yet; votes refer to them. */
export const users = pgTable("users", {
  id: uuid("id").primaryKey().defaultRandom(),
  email: caselessText("email").notNull().unique(),
  /** Of the address without what its domain ignores: one person, one account. */
  emailCanonicalHmac: bytes("email_canonical_hmac").notNull().unique(),
  name: text("name"),
  role: text("role", { enum: ["reader", "moderator", "administrator"] })
    .notNull()
    .default("reader"),
  confirmedAt: timestamp("confirmed_at", { withTimezone: true }),
  suspendedAt: timestamp("suspended_at", { withTimezone: true }),
  createdAt: createdAt(),
});

/** One vote a person and paper, with its weight in the ranking. */
export const votes = pgTable(
  "votes",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    votedAt: timestamp("voted_at", { withTimezone: true }).notNull(),
    weight: real("weight").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.userId] }),
    index("votes_user").on(table.userId, table.votedAt),
  ],
);
