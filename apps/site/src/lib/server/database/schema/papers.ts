import { type SQL, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, textVector } from "../types.ts";
import { users } from "./users.ts";

/** A title without case, spaces and punctuation. */
export const titleKey = (title: SQL) =>
  sql`md5(regexp_replace(lower(${title}), '[[:space:][:punct:]]+', '', 'g'))`;

/** One row a paper. The tables themselves are made by the migrations of `@gradus/database`. */
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
    /** The version of the renderer that made HTML and text of the abstract. */
    rendering: integer("rendering").notNull().default(0),
    authorsCount: integer("authors_count").notNull(),
    primaryCategory: text("primary_category"),
    categories: text("categories").array().notNull().default([]),
    /** Classes of other systems (ACM, MSC) that arXiv mixes in. */
    otherClasses: text("other_classes").array().notNull().default([]),
    comment: text("comment"),
    journalRef: text("journal_ref"),
    doi: text("doi"),
    license: text("license"),
    codeUrl: text("code_url"),
    projectUrl: text("project_url"),
    publishedAt: timestamp("published_at", { withTimezone: true }).notNull(),
    /** When the latest version came. */
    arxivUpdatedAt: timestamp("arxiv_updated_at", { withTimezone: true }),
    latestVersion: integer("latest_version").notNull().default(1),
    withdrawn: boolean("withdrawn").notNull().default(false),
    incomplete: boolean("incomplete").notNull().default(false),
    hidden: boolean("hidden").notNull().default(false),
    submittedBy: uuid("submitted_by").references(() => users.id, { onDelete: "set null" }),
    votesCount: integer("votes_count").notNull().default(0),
    /** Votes on the Hugging Face page; shown as such, never mixed into the ranking. */
    externalUpvotes: integer("external_upvotes"),
    /** The runnable paper's name in the registry. */
    specSlug: text("spec_slug").unique(),
    /** What the lexical search reads: title, authors, topics, abstract. */
    tsv: textVector("tsv"),
    /** The title without accents, in lower case; written with `tsv`. */
    titleFolded: text("title_folded"),
    /** The lexemes of `tsv`, and of those the title's, without positions: they lie within the row. */
    words: textVector("words").generatedAlwaysAs(sql`strip(tsv)`),
    titleWords: textVector("title_words").generatedAlwaysAs(sql`strip(ts_filter(tsv, '{a}'))`),
    lane: text("lane", { enum: ["seed", "daily", "classic"] }),
    featuredAt: timestamp("featured_at", { withTimezone: true }),
    /** The UTC date of `featuredAt`. */
    featuredOn: date("featured_on", { mode: "string" }).generatedAlwaysAs(
      sql`(featured_at at time zone 'UTC')::date`,
    ),
    hot: doublePrecision("hot"),
    /** Changes when what the row was made from changes. */
    contentHash: text("content_hash").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index("papers_day").on(table.featuredOn.desc(), table.votesCount.desc(), table.hot.desc()),
    index("papers_trending")
      .on(table.hot.desc(), table.id.desc())
      .where(sql`featured_at is not null and not hidden`),
    index("papers_new").on(table.featuredAt.desc()),
    index("papers_tsv").using("gin", table.tsv),
    index("papers_title_words").using("gin", table.titleWords),
    index("papers_title_folded").using("gin", sql`${table.titleFolded} gin_trgm_ops`),
    index("papers_hot").on(table.hot.desc().nullsLast(), table.id.desc()).where(sql`not hidden`),
    index("papers_unindexed").on(table.id).where(sql`tsv is null`),
    index("papers_categories").using("gin", table.categories),
    index("papers_title_key").on(titleKey(sql`${table.title}`)),
    index("papers_doi").on(sql`lower(${table.doi})`).where(sql`doi is not null`),
    index("papers_created").on(table.createdAt.desc()).where(sql`featured_at is null and not hidden`),
    index("papers_rendering").on(table.rendering),
    index("papers_arrived").on(table.createdAt).where(sql`lane is distinct from 'seed'`),
  ],
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
    /** Without accents, in lower case; a trigger writes it. */
    nameFolded: text("name_folded"),
    affiliation: text("affiliation"),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.position] }),
    index("paper_authors_folded").on(table.nameFolded),
    index("paper_authors_family")
      .on(sql`reverse(${table.nameFolded}) text_pattern_ops`)
      .where(sql`position = 1`),
  ],
);

/** The versions of a paper that are known. */
export const paperVersions = pgTable(
  "paper_versions",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    submittedAt: timestamp("submitted_at", { withTimezone: true }).notNull(),
    title: text("title").notNull(),
    abstractRaw: text("abstract_raw").notNull(),
    abstractKind: text("abstract_kind", { enum: ["source", "flattened"] }).notNull(),
    comment: text("comment"),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.paperId, table.version] })],
);

/** Topics are saved searches: `query` says which phrases their papers have, `about` what they are about. */
export const topics = pgTable("topics", {
  slug: text("slug").primaryKey(),
  label: text("label").notNull(),
  categories: text("categories").array().notNull().default([]),
  query: text("query").notNull(),
  about: text("about").notNull().default(""),
  position: integer("position").notNull(),
  createdAt: createdAt(),
});

export const paperTopics = pgTable(
  "paper_topics",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    topic: text("topic")
      .notNull()
      .references(() => topics.slug, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.topic] }),
    index("paper_topics_topic").on(table.topic, table.paperId),
  ],
);
