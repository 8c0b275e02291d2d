import { sql } from "drizzle-orm";
import { bigint, index, integer, pgTable, primaryKey, real, timestamp, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";
import { papers } from "./papers.ts";
import { users } from "./users.ts";

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
    index("votes_weightless").on(table.paperId, table.votedAt).where(sql`weight = 0`),
  ],
);

/** How many votes an account has cast in the hour that began with the first of them. */
export const voteWindows = pgTable("vote_windows", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  beganAt: timestamp("began_at", { withTimezone: true }).notNull(),
  votes: integer("votes").notNull(),
  createdAt: createdAt(),
});
