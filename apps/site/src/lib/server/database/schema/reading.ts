import { sql } from "drizzle-orm";
import { bigint, index, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";
import { papers } from "./papers.ts";
import { users } from "./users.ts";

/** Papers that people saved or read. */
export const readingMarks = pgTable(
  "reading_marks",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    savedAt: timestamp("saved_at", { withTimezone: true }),
    readAt: timestamp("read_at", { withTimezone: true }),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.paperId] }),
    index("reading_marks_paper").on(table.paperId),
    index("reading_marks_saved").on(table.userId, table.savedAt.desc()).where(sql`saved_at is not null`),
  ],
);

/** Searches whose new papers people follow; an author is a search for the name. */
export const followedSearches = pgTable(
  "followed_searches",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    query: text("query").notNull(),
    followedAt: timestamp("followed_at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.query] })],
);
