// Gives synthetic papers their vectors and neighbors: a model fitted to some of them, vectors many at once, the index
// after the vectors, and any papers as neighbors, because what a page costs does not depend on which they are.
import { eq, sql } from "drizzle-orm";
import type { Orm } from "../../apps/site/src/lib/server/database/connect.ts";
import { embeddingModels } from "../../apps/site/src/lib/server/database/schema/index.ts";
import { encodeModel } from "../../apps/site/src/lib/server/search/embedding/codec.ts";
import { embedTerms, fitLsa, type TermCount } from "../../apps/site/src/lib/server/search/embedding/lsa.ts";
import { writeModelState } from "../../apps/site/src/lib/server/search/embedding/model-storage.ts";
import { countIndexed, paperTexts } from "../../apps/site/src/lib/server/search/embedding/paper-texts.ts";
import { FITTED } from "../../apps/site/src/lib/server/search/embedding/store.ts";
import { termsOfVector } from "../../apps/site/src/lib/server/search/embedding/terms.ts";
import { indexVectors } from "../../apps/site/src/lib/server/search/embedding/vector-index.ts";

const SEED = 1;
/** Papers to which the model is fitted. */
const FITTED_TO = 5000;
/** Vectors written in one statement. */
const ROWS = 500;

/** Writes the vectors of all papers by a model as of `now`, so that the site's maintenance finds nothing left to do. */
export async function embedPapers(orm: Orm, now: Date, tell: (stage: string) => void): Promise<void> {
  const [active] = await orm.select().from(embeddingModels).where(eq(embeddingModels.active, true));
  const indexed = await countIndexed(orm);
  if (active && active.papersCount >= indexed) return;
  await orm.delete(embeddingModels);
  const ids: number[] = [];
  const texts: TermCount[][] = [];
  for await (const papers of paperTexts(orm))
    for (const { id, words } of papers) {
      ids.push(id);
      texts.push(termsOfVector(words));
    }
  const every = Math.max(1, Math.floor(texts.length / FITTED_TO));
  const some = texts.filter((_, i) => i % every === 0);
  const model = await fitLsa(some, { seed: SEED });
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
  await writeModelState(orm, modelId, encodeModel(model));
  for (let i = 0; i < ids.length; i += ROWS) {
    const rows = ids.slice(i, i + ROWS).flatMap((id, j) => {
      const vector = embedTerms(model, texts[i + j]);
      return vector ? [{ id, vector: `[${Array.from(vector, (x) => x.toFixed(6)).join(",")}]` }] : [];
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
  await orm.execute(sql`
    insert into related_papers (paper_id, rank, related_id, cosine)
    select paper.id, rank, other.id, 0.6 - 0.1 * rank
    from (select id, row_number() over (order by id) as number, count(*) over () as papers from papers) paper
    cross join generate_series(1, 5) rank
    join (select id, row_number() over (order by id) as number from papers) other
      on other.number = paper.number * rank % paper.papers + 1
    where other.id <> paper.id
    on conflict do nothing`);
  await orm.update(embeddingModels).set({ active: true }).where(eq(embeddingModels.id, modelId));
  await orm.execute(sql`vacuum analyze related_papers`);
  tell("related papers written");
}
