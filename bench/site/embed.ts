// Gives synthetic papers their vectors and neighbors, many at once, the index after the vectors.
import { eq, sql } from "drizzle-orm";
import type { Orm } from "../../apps/site/src/lib/server/database/connect.ts";
import { embeddingModels } from "../../apps/site/src/lib/server/database/schema.ts";
import { encodeModel } from "../../apps/site/src/lib/server/embedding/codec.ts";
import { embedTerms, fitLsa, type TermCount } from "../../apps/site/src/lib/server/embedding/lsa.ts";
import { indexVectors } from "../../apps/site/src/lib/server/embedding/nearness.ts";
import { paperTexts } from "../../apps/site/src/lib/server/embedding/papers.ts";
import { writeState } from "../../apps/site/src/lib/server/embedding/parts.ts";
import { writeRelated } from "../../apps/site/src/lib/server/embedding/related.ts";
import { FITTED } from "../../apps/site/src/lib/server/embedding/store.ts";
import { termsOfVector } from "../../apps/site/src/lib/server/embedding/terms.ts";

const SEED = 1;
/** Vectors written in one statement. */
const ROWS = 500;

/** Fits a model to all papers as of `now`, and writes what the site's upkeep would: it finds nothing left to do. */
export async function embedPapers(orm: Orm, now: Date, tell: (stage: string) => void): Promise<void> {
  await orm.delete(embeddingModels);
  const ids: number[] = [];
  const texts: TermCount[][] = [];
  for await (const papers of paperTexts(orm))
    for (const { id, words } of papers) {
      ids.push(id);
      texts.push(termsOfVector(words));
    }
  const model = await fitLsa(texts, { seed: SEED });
  tell("fitted");
  const { dimension } = model;
  const [{ id: modelId }] = await orm
    .insert(embeddingModels)
    .values({
      name: FITTED,
      dimension,
      parameters: { seed: SEED },
      papersCount: ids.length,
      createdAt: now,
    })
    .returning({ id: embeddingModels.id });
  await writeState(orm, modelId, encodeModel(model));
  for (let i = 0; i < ids.length; i += ROWS) {
    const rows = ids.slice(i, i + ROWS).flatMap((id, j) => {
      const vector = embedTerms(model, texts[i + j]);
      return vector ? [{ id, vector: `[${Array.from(vector).join(",")}]` }] : [];
    });
    await orm.execute(sql`
      insert into paper_embeddings (paper_id, model_id, embedding)
      select id, ${modelId}::bigint, vector::vector
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) v (id bigint, vector text)`);
  }
  tell("vectors written");
  await orm.execute(sql`set maintenance_work_mem = '512MB'`);
  await indexVectors(orm, { id: modelId, dimension }, ids.length);
  await orm.execute(sql`vacuum analyze paper_embeddings`);
  tell("vectors indexed");
  await writeRelated(orm, { id: modelId, dimension }, ids);
  await orm.update(embeddingModels).set({ active: true }).where(eq(embeddingModels.id, modelId));
  await orm.execute(sql`vacuum analyze related_papers`);
  tell("related papers written");
}
