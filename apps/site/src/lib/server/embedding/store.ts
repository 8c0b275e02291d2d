import { eq, inArray, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { embeddingModels, paperEmbeddings, relatedPapers } from "../database/schema.ts";
import { decodeModel, encodeModel } from "./codec.ts";
import { embedTerms, fitLsa, type LsaModel, type TermCount } from "./lsa.ts";
import { relatedStatement } from "./related.ts";

/** Papers whose vectors are written in one statement. */
const BATCH = 200;
/** A model is fitted anew when the papers have become this many times as many. */
const GROWTH = 1.2;
const WEEK = 7 * 86_400_000;

/** The map of texts to vectors that is in use. */
export interface ActiveModel {
  readonly id: number;
  readonly dimension: number;
  /** Where a text is; undefined when the model knows nothing of it. */
  embed(text: string, terms: readonly TermCount[]): Promise<ArrayLike<number> | undefined>;
}

/** The terms of papers and their counts, in the order of `ids`. */
async function termsOf(orm: Orm, ids: readonly number[]): Promise<TermCount[][]> {
  const byPaper = new Map<number, TermCount[]>(ids.map((id) => [id, []]));
  for (let i = 0; i < ids.length; i += BATCH) {
    const list = sql.join(
      ids.slice(i, i + BATCH).map((id) => sql`${id}`),
      sql`, `,
    );
    const rows = rowsOf<{ id: number | string; lexeme: string; count: number }>(
      await orm.execute(sql`
        select p.id, t.lexeme, cardinality(t.positions)::int as count
        from papers p, unnest(p.tsv) t where p.id in (${list}) order by p.id, t.lexeme`),
    );
    for (const { id, lexeme, count } of rows) byPaper.get(Number(id))?.push({ term: lexeme, count });
  }
  return ids.map((id) => byPaper.get(id) ?? []);
}

async function indexedIds(orm: Orm, condition = sql`true`): Promise<number[]> {
  const rows = rowsOf<{ id: number | string }>(
    await orm.execute(
      sql`select p.id from papers p where p.tsv is not null and not p.hidden and ${condition} order by p.id`,
    ),
  );
  return rows.map(({ id }) => Number(id));
}

async function writeVectors(
  orm: Orm,
  modelId: number,
  entries: readonly { readonly paperId: number; readonly embedding: readonly number[] }[],
): Promise<void> {
  for (let i = 0; i < entries.length; i += BATCH)
    await orm
      .insert(paperEmbeddings)
      .values(entries.slice(i, i + BATCH).map((entry) => ({ modelId, ...entry })))
      .onConflictDoUpdate({
        target: [paperEmbeddings.paperId, paperEmbeddings.modelId],
        set: { embedding: sql`excluded.embedding` },
      });
}

/** Vectors of papers under a fitted model. */
async function vectorsOf(orm: Orm, model: LsaModel, ids: readonly number[]) {
  const terms = await termsOf(orm, ids);
  return ids.flatMap((paperId, i) => {
    const vector = embedTerms(model, terms[i]);
    return vector ? [{ paperId, embedding: Array.from(vector) }] : [];
  });
}

/** The fitted model that is in use, and when it was fitted. */
async function activeRow(orm: Orm) {
  const [row] = await orm.select().from(embeddingModels).where(eq(embeddingModels.active, true));
  return row;
}

/** Whether a model that was fitted to `fitted` papers at `at` should be fitted anew. */
export function isOutdated(
  { fitted, at }: { readonly fitted: number; readonly at: Date },
  papers: number,
  now: Date,
): boolean {
  return papers >= GROWTH * fitted || (papers !== fitted && now.getTime() - at.getTime() >= WEEK);
}

/**
 * Fits a new model to all indexed papers, writes every paper's vector, then switches to it and removes the old one:
 * a reader sees the old model until the new one is whole.
 */
export async function refit(
  orm: Orm,
  { seed = 1, signal }: { readonly seed?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const ids = await indexedIds(orm);
  const terms = await termsOf(orm, ids);
  if (!terms.some((list) => list.length > 0)) return;
  const model = await fitLsa(terms, { seed, signal });
  const [{ id: modelId }] = await orm
    .insert(embeddingModels)
    .values({
      name: "latent semantic analysis",
      dimension: model.dimension,
      parameters: { seed, terms: model.vocabulary.size },
      state: encodeModel(model),
      papersCount: ids.length,
    })
    .returning({ id: embeddingModels.id });
  const entries = ids.flatMap((paperId, i) => {
    const vector = embedTerms(model, terms[i]);
    return vector ? [{ paperId, embedding: Array.from(vector) }] : [];
  });
  await writeVectors(orm, modelId, entries);
  await orm.transaction(async (tx) => {
    const others = await tx
      .update(embeddingModels)
      .set({ active: false })
      .where(sql`${embeddingModels.id} <> ${modelId}`)
      .returning({ id: embeddingModels.id });
    await tx.update(embeddingModels).set({ active: true }).where(eq(embeddingModels.id, modelId));
    if (others.length > 0)
      await tx.delete(embeddingModels).where(
        inArray(
          embeddingModels.id,
          others.map(({ id }) => id),
        ),
      );
    await tx.delete(relatedPapers);
    await tx.execute(relatedStatement(modelId, sql`true`));
  });
}

/**
 * Brings the vectors up to date: fits a model where there is none or where it is outdated; else embeds the papers
 * that the model has not seen. Returns what was done.
 */
export async function updateEmbedding(
  orm: Orm,
  now: Date,
  options: { readonly signal?: AbortSignal } = {},
): Promise<"refitted" | "extended" | "current"> {
  const row = await activeRow(orm);
  const ids = await indexedIds(orm);
  if (ids.length === 0) return "current";
  if (!row?.state || isOutdated({ fitted: row.papersCount, at: row.createdAt }, ids.length, now)) {
    await refit(orm, options);
    return "refitted";
  }
  const missing = await indexedIds(
    orm,
    sql`not exists (select 1 from paper_embeddings e where e.paper_id = p.id and e.model_id = ${row.id})`,
  );
  const entries = await vectorsOf(orm, decodeModel(row.state), missing);
  if (entries.length === 0) return "current";
  await writeVectors(orm, row.id, entries);
  for (let i = 0; i < entries.length; i += BATCH) {
    const list = sql.join(
      entries.slice(i, i + BATCH).map(({ paperId }) => sql`${paperId}`),
      sql`, `,
    );
    await orm.execute(relatedStatement(row.id, sql`p.paper_id in (${list})`));
  }
  return "extended";
}

/** The active model, read once and kept until another one is active. */
export function modelReader(): (orm: Orm) => Promise<ActiveModel | undefined> {
  let kept: { readonly id: number; readonly model: LsaModel } | undefined;
  return async (orm) => {
    const [head] = await orm
      .select({ id: embeddingModels.id })
      .from(embeddingModels)
      .where(eq(embeddingModels.active, true));
    if (!head) return undefined;
    if (kept?.id !== head.id) {
      const row = await activeRow(orm);
      if (!row?.state) return undefined;
      kept = { id: row.id, model: decodeModel(row.state) };
    }
    const { id, model } = kept;
    return { id, dimension: model.dimension, embed: async (_text, terms) => embedTerms(model, terms) };
  };
}
