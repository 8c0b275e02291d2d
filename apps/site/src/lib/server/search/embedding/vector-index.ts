import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";

/** A model's vectors: all of one dimension. */
export interface VectorSpace {
  readonly id: number;
  readonly dimension: number;
}

/** Up to this many papers are compared one by one; above, an index narrows them down. */
const EXACT_UP_TO = 5000;

/** Whether vectors have an index, by the number of papers. */
export function isIndexed(papers: number): boolean {
  return papers > EXACT_UP_TO;
}

/** A whole number as a part of a statement: the index is found only by constants. */
function constant(value: number): SQL {
  if (!Number.isSafeInteger(value)) throw new RangeError(`a model's id must be an integer, got ${value}`);
  // biome-ignore lint/plugin: an integer is no statement
  return sql.raw(String(value));
}

/** The condition that a row of `paper_embeddings` is the model's. */
export function ofModel(id: number): SQL {
  return sql`model_id = ${constant(id)}`;
}

/** The cosine distance of `e`, a row of `paper_embeddings`, to a vector, in the form that the index knows. */
export function distance({ dimension }: VectorSpace, vector: SQL): SQL {
  const type = sql`vector(${constant(dimension)})`;
  return sql`e.embedding::${type} <=> ${vector}::${type}`;
}

const indexName = (id: number) => sql.identifier(`paper_embeddings_near_${id}`);

/**
 * Makes the index of a model's vectors when there are many: hierarchical navigable small worlds, 16 links a vertex,
 * 200 candidates for each new one: with 64 the index finds a tenth less of what is nearest.
 *
 * Source: Malkov & Yashunin 2018, "Efficient and robust approximate nearest neighbor search using HNSW graphs".
 */
export async function indexVectors(orm: Orm, { id, dimension }: VectorSpace, papers: number): Promise<void> {
  if (!isIndexed(papers)) return;
  await orm.execute(sql`
    create index if not exists ${indexName(id)} on paper_embeddings
    using hnsw ((embedding::vector(${constant(dimension)})) vector_cosine_ops) with (m = 16, ef_construction = 200)
    where ${ofModel(id)}`);
}

/** Takes the index of a model's vectors away. */
export async function dropVectorIndex(orm: Orm, id: number): Promise<void> {
  await orm.execute(sql`drop index if exists ${indexName(id)}`);
}
