import { eq, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { embeddingModels, paperEmbeddings } from "../../database/schema/index.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";
import { fitInThread } from "./fit.ts";
import { readModelState, writeModelState } from "./model-storage.ts";
import { countIndexed, paperTexts } from "./paper-texts.ts";
import { writeRelated } from "./related.ts";
import { fittedEmbedder, type TextEmbedder } from "./text-embedder.ts";
import { dropVectorIndex, indexVectors, isIndexed, type VectorSpace } from "./vector-index.ts";

/** A model is fitted anew when the papers have become this many times as many. */
const GROWTH = 1.2;
const WEEK = 7 * 86_400_000;

/** Vectors written in one statement: few, because each takes milliseconds where they are indexed. */
const ROWS = 6;

/** What an update of the embedding may be given. */
export interface UpdateOptions {
  readonly signal?: AbortSignal;
  /** A sentence encoder to use instead of a fitted model. */
  readonly encoder?: Encoder;
}

/** A map that is not fitted, known by its name. */
export interface Encoder extends TextEmbedder {
  readonly name: string;
}

/** The map of texts to vectors that is in use. */
export interface ActiveModel extends VectorSpace, Pick<TextEmbedder, "embedQuery"> {}

/** The name of fitted models. */
export const FITTED = "latent semantic analysis";
const SEED = 1;

async function activeHead(orm: Orm) {
  const [head] = await orm.select().from(embeddingModels).where(eq(embeddingModels.active, true));
  return head;
}

/** The map of a fitted model; undefined when it has gone, or is an encoder. */
async function readFitted(orm: Orm, id: number): Promise<TextEmbedder | undefined> {
  const state = await readModelState(orm, id);
  return state && fittedEmbedder(state);
}

/** Writes the vectors that papers lack under a model. Returns the papers that got one. */
async function extend(
  orm: Orm,
  { id: modelId }: VectorSpace,
  readMap: () => Promise<TextEmbedder | undefined>,
  { signal }: UpdateOptions,
): Promise<number[]> {
  const missing = sql`not exists (select 1 from paper_embeddings e where e.paper_id = p.id and e.model_id = ${modelId})`;
  const written: number[] = [];
  let map: TextEmbedder | undefined;
  for await (const papers of paperTexts(orm, missing, { signal })) {
    map ??= await readMap();
    // Another process has switched to a new model.
    if (!map) break;
    const vectors = await map.embedPapers(papers);
    const rows = papers.flatMap(({ id: paperId }, i) => {
      const vector = vectors[i];
      return vector ? [{ paperId, modelId, embedding: Array.from(vector) }] : [];
    });
    for (let i = 0; i < rows.length; i += ROWS) {
      await yieldToEventLoop(signal);
      await orm
        .insert(paperEmbeddings)
        .values(rows.slice(i, i + ROWS))
        .onConflictDoNothing();
    }
    written.push(...rows.map(({ paperId }) => paperId));
  }
  if (written.length > 0) await orm.execute(sql`analyze paper_embeddings`);
  return written;
}

/** Removes the models that are not in use, with their vectors and indexes. */
async function removeInactive(orm: Orm): Promise<void> {
  const rows = await orm
    .select({ id: embeddingModels.id })
    .from(embeddingModels)
    .where(eq(embeddingModels.active, false));
  for (const { id } of rows) {
    await dropVectorIndex(orm, id);
    await orm.delete(embeddingModels).where(eq(embeddingModels.id, id));
  }
}

/**
 * Writes every paper's vector and neighbors under a new model, then switches to it and removes the old one: a reader
 * sees the old model until the new one is whole.
 */
async function replaceModel(
  orm: Orm,
  map: TextEmbedder,
  row: Omit<typeof embeddingModels.$inferInsert, "dimension" | "active">,
  options: UpdateOptions & { readonly state?: Uint8Array },
): Promise<void> {
  // Left by a process that ended on the way.
  await removeInactive(orm);
  const { dimension } = map;
  const [{ id }] = await orm
    .insert(embeddingModels)
    .values({ ...row, dimension })
    .returning({ id: embeddingModels.id });
  if (options.state) await writeModelState(orm, id, options.state, options);
  // An index that grows with its rows never holds the embedded database for long; one built at the end would.
  await indexVectors(orm, { id, dimension }, row.papersCount);
  const written = await extend(orm, { id, dimension }, async () => map, options);
  await writeRelated(orm, { id, dimension }, written, options);
  // Papers that came meanwhile.
  const later = await extend(orm, { id, dimension }, async () => map, options);
  await orm.transaction(async (tx) => {
    await tx.update(embeddingModels).set({ active: false }).where(eq(embeddingModels.active, true));
    await tx.update(embeddingModels).set({ active: true }).where(eq(embeddingModels.id, id));
  });
  await writeRelated(orm, { id, dimension }, later, options);
  await removeInactive(orm);
}

/** Papers that a model was made for, and when. */
interface Made {
  readonly papersCount: number;
  readonly createdAt: Date;
}

/**
 * Whether a model's vectors have no index although there are now so many papers. They are written anew into one: an index
 * built over thousands of vectors would hold the embedded database for a quarter of a minute.
 */
export function lacksIndex({ papersCount }: Made, papers: number): boolean {
  return isIndexed(papers) && !isIndexed(papersCount);
}

/** Whether a fitted model should be fitted anew. */
export function isOutdated({ papersCount, createdAt }: Made, papers: number, now: Date): boolean {
  return (
    papers >= GROWTH * papersCount || (papers !== papersCount && now.getTime() - createdAt.getTime() >= WEEK)
  );
}

/** Fits a new model to all indexed papers and switches to it. */
async function refit(orm: Orm, now: Date, options: UpdateOptions = {}): Promise<void> {
  let papersCount = 0;
  async function* words() {
    for await (const papers of paperTexts(orm, undefined, options)) {
      papersCount += papers.length;
      yield papers.map((paper) => paper.words);
    }
  }
  const state = await fitInThread(words(), { seed: SEED, signal: options.signal });
  const row = { name: FITTED, parameters: { seed: SEED }, papersCount, createdAt: now };
  await replaceModel(orm, fittedEmbedder(state), row, { ...options, state });
}

/**
 * Brings the vectors up to date: makes a model where there is none, where it is outdated or another one is wanted;
 * else embeds the papers that the model has not seen. Returns what was done.
 */
export async function updateEmbedding(
  orm: Orm,
  now: Date,
  options: UpdateOptions = {},
): Promise<"refitted" | "extended" | "current"> {
  const { encoder } = options;
  const head = await activeHead(orm);
  const papersCount = await countIndexed(orm);
  if (!(await hasWords(orm))) return "current";
  const isWhole = head !== undefined && !lacksIndex(head, papersCount);
  if (encoder && (head?.name !== encoder.name || !isWhole)) {
    const next = { name: encoder.name, parameters: {}, papersCount, createdAt: now };
    await replaceModel(orm, encoder, next, options);
    return "refitted";
  }
  if (!isWhole || (!encoder && (head.name !== FITTED || isOutdated(head, papersCount, now)))) {
    await refit(orm, now, options);
    return "refitted";
  }
  const written = await extend(orm, head, async () => encoder ?? readFitted(orm, head.id), options);
  await writeRelated(orm, head, written, options);
  return written.length > 0 ? "extended" : "current";
}

/** Whether any paper has a word to fit to. */
async function hasWords(orm: Orm): Promise<boolean> {
  return rowsOf(await orm.execute(sql`select 1 from term_stats where lexeme <> '' limit 1`)).length > 0;
}

/**
 * The active model, read once and kept until another one is active; nothing while the active model is an encoder
 * that this process was not given, or fitted where it was given one.
 */
export function modelReader(encoder?: Encoder): (orm: Orm) => Promise<ActiveModel | undefined> {
  let kept: { readonly id: number; readonly map: TextEmbedder } | undefined;
  return async (orm) => {
    const [head] = await orm
      .select({ id: embeddingModels.id, name: embeddingModels.name })
      .from(embeddingModels)
      .where(eq(embeddingModels.active, true));
    if (!head) return undefined;
    if (kept?.id !== head.id) {
      const map = head.name === encoder?.name ? encoder : await readFitted(orm, head.id);
      if (!map) return undefined;
      kept = { id: head.id, map };
    }
    const { id, map } = kept;
    return { id, dimension: map.dimension, embedQuery: (text, terms) => map.embedQuery(text, terms) };
  };
}
