import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, embeddingVector } from "../types.ts";
import { papers, topics } from "./papers.ts";

/** Maps of text to vectors; one of them is active. */
export const embeddingModels = pgTable(
  "embedding_models",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    name: text("name").notNull(),
    dimension: integer("dimension").notNull(),
    parameters: jsonb("parameters").notNull(),
    active: boolean("active").notNull().default(false),
    /** How many papers it was fitted to. */
    papersCount: integer("papers_count").notNull(),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex("embedding_models_active").on(table.active).where(sql`active`)],
);

/** The bytes of fitted models; a model that lies in a folder has none. */
export const embeddingModelParts = pgTable(
  "embedding_model_parts",
  {
    modelId: bigint("model_id", { mode: "number" })
      .notNull()
      .references(() => embeddingModels.id, { onDelete: "cascade" }),
    /** From 0. */
    part: integer("part").notNull(),
    bytes: bytes("bytes").notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.part] })],
);

export const paperEmbeddings = pgTable(
  "paper_embeddings",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    modelId: bigint("model_id", { mode: "number" })
      .notNull()
      .references(() => embeddingModels.id, { onDelete: "cascade" }),
    embedding: embeddingVector("embedding").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.modelId] }),
    index("paper_embeddings_model").on(table.modelId),
  ],
);

/** The nearest papers of each paper by the active model. */
export const relatedPapers = pgTable(
  "related_papers",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    rank: integer("rank").notNull(),
    relatedId: bigint("related_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    cosine: doublePrecision("cosine").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.rank] }),
    index("related_papers_related").on(table.relatedId),
  ],
);

/** A paper near another one. */
export interface Neighbor {
  readonly id: number;
  readonly cosine: number;
}

/** The papers in the lists that are nearest to one that came, nearest first. */
export const arrivalNeighbors = pgTable(
  "arrival_neighbors",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .primaryKey()
      .references(() => papers.id, { onDelete: "cascade" }),
    modelId: bigint("model_id", { mode: "number" })
      .notNull()
      .references(() => embeddingModels.id, { onDelete: "cascade" }),
    neighbors: jsonb("neighbors").$type<readonly Neighbor[]>().notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("arrival_neighbors_model").on(table.modelId)],
);

/** In how many papers each lexeme occurs; the empty lexeme stands for every paper. */
export const termStats = pgTable(
  "term_stats",
  {
    lexeme: text("lexeme").primaryKey(),
    df: integer("df").notNull(),
  },
  (table) => [index("term_stats_spelling").using("gin", sql`${table.lexeme} gin_trgm_ops`)],
);

/** Topics that a paper's abstract mentions and its title does not: the embedding decides whether they are its own. */
export const topicMentions = pgTable(
  "topic_mentions",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    topic: text("topic")
      .notNull()
      .references(() => topics.slug, { onDelete: "cascade" }),
    /** The model that decided; none yet, or one that has gone. */
    modelId: bigint("model_id", { mode: "number" }).references(() => embeddingModels.id, {
      onDelete: "set null",
    }),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.paperId, table.topic] }),
    index("topic_mentions_undecided").on(table.paperId).where(sql`model_id is null`),
    index("topic_mentions_model").on(table.modelId),
    index("topic_mentions_topic").on(table.topic),
  ],
);
