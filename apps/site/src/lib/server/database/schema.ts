import { sql } from "drizzle-orm";
import {
  bigint,
  date,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

/** One row a paper. The tables themselves are made by the SQL files in `migrations/`. */
export const papers = pgTable(
  "papers",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    arxivId: text("arxiv_id").notNull().unique(),
    title: text("title").notNull(),
    abstractRaw: text("abstract_raw").notNull(),
    abstractKind: text("abstract_kind", { enum: ["source", "flattened"] }).notNull(),
    abstractHtml: text("abstract_html").notNull(),
    abstractExcerptHtml: text("abstract_excerpt_html").notNull(),
    abstractText: text("abstract_text").notNull(),
    authorsCount: integer("authors_count").notNull(),
    primaryCategory: text("primary_category"),
    codeUrl: text("code_url"),
    publishedAt: timestamp("published_at", { withTimezone: true }).notNull(),
    lane: text("lane", { enum: ["seed", "daily", "classic"] }),
    featuredAt: timestamp("featured_at", { withTimezone: true }),
    /** The UTC date of `featuredAt`. */
    featuredOn: date("featured_on", { mode: "string" }).generatedAlwaysAs(
      sql`(featured_at at time zone 'UTC')::date`,
    ),
    hot: doublePrecision("hot"),
    /** Changes when what the row was made from changes. */
    contentHash: text("content_hash").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index("papers_day").on(table.featuredOn.desc(), table.hot.desc())],
);

export const paperAuthors = pgTable(
  "paper_authors",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    /** 1 for the first author. */
    position: integer("position").notNull(),
    name: text("name").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.paperId, table.position] })],
);
