import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { paperTopics, topicMentions, topics as topicRows } from "../../database/schema/index.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";
import type { ActiveModel } from "../embedding/store.ts";
import { distance, ofModel } from "../embedding/vector-index.ts";
import { readQuery } from "../terms.ts";

/** A topic that an abstract mentions is the paper's own when it is one of this many that are nearest to the paper, */
const NEAREST = 3;
/** stands out from the cosines of papers and topics by this many standard deviations, */
const LEAST_EXCESS = 0.8;
/** and by at least this share of what the nearest topic does. */
const LEAST_SHARE = 1 / 3;
/** Papers of which the usual cosines are taken. */
const SAMPLE = 500;
/** Papers decided in one statement: few, because the embedded database answers nobody else meanwhile. */
const BATCH = 50;

interface TopicVector {
  readonly slug: string;
  readonly vector: ArrayLike<number>;
}

/** Where the topics are among the papers. */
async function topicVectors(orm: Orm, model: ActiveModel): Promise<TopicVector[]> {
  const vectors: TopicVector[] = [];
  for (const { slug, about } of await orm.select().from(topicRows)) {
    const { terms } = await readQuery(orm, about);
    const vector = await model.embedQuery(
      about,
      terms.map(({ lexeme, count }) => ({ term: lexeme, count })),
    );
    if (vector) vectors.push({ slug, vector });
  }
  return vectors;
}

/** What cosines of papers and topics usually are: encoders differ in it. */
export interface UsualCosine {
  readonly mean: number;
  readonly deviation: number;
}

/** Which of the topics that a paper mentions are its own, by the cosine of every topic to the paper. */
export function agreedTopics(
  mentioned: readonly string[],
  cosines: ReadonlyMap<string, number>,
  { mean, deviation }: UsualCosine,
): readonly string[] {
  const nearest = [...cosines]
    .map(([slug, cosine]) => ({ slug, excess: (cosine - mean) / deviation }))
    .sort((a, b) => b.excess - a.excess)
    .slice(0, NEAREST);
  const own = nearest.filter(
    ({ excess }) => excess >= LEAST_EXCESS && excess >= LEAST_SHARE * nearest[0].excess,
  );
  return mentioned.filter((slug) => own.some((near) => near.slug === slug));
}

/** The topics as a table `t` of their slugs and vectors, which are read once and not again for each paper. */
function withTopics(topics: readonly TopicVector[]): SQL {
  const rows = topics.map(
    ({ slug, vector }) => sql`(${slug}::text, ${`[${Array.from(vector).join()}]`}::vector)`,
  );
  return sql`with t (slug, vector) as materialized (values ${sql.join(rows, sql`, `)})`;
}

async function usualCosine(
  orm: Orm,
  model: ActiveModel,
  topics: readonly TopicVector[],
): Promise<UsualCosine> {
  const [usual] = rowsOf<UsualCosine>(
    await orm.execute(sql`
      ${withTopics(topics)}
      select avg(cosine) as mean, stddev_pop(cosine) as deviation
      from (
        select 1 - (${distance(model, sql`t.vector`)}) as cosine
        from (select * from paper_embeddings where ${ofModel(model.id)} order by paper_id limit ${SAMPLE}) e, t
      ) cosines`),
  );
  return usual;
}

/** Mentions by papers with a vector of the model, which it has not decided yet. */
function waitingMentions(model: ActiveModel): SQL {
  return sql`topic_mentions m
    join paper_embeddings e on e.paper_id = m.paper_id and e.${ofModel(model.id)}
    where m.model_id is distinct from ${model.id}`;
}

async function anyWaits(orm: Orm, model: ActiveModel): Promise<boolean> {
  const [{ waits }] = rowsOf<{ waits: boolean }>(
    await orm.execute(sql`select exists (select 1 from ${waitingMentions(model)}) as waits`),
  );
  return waits;
}

/** Undecided papers with a vector of the model: the topics that each mentions, and all topics' cosines to it. */
async function undecided(orm: Orm, model: ActiveModel, topics: readonly TopicVector[]) {
  return rowsOf<{ id: number; mentioned: readonly string[]; cosines: Readonly<Record<string, number>> }>(
    await orm.execute(sql`
      ${withTopics(topics)}
      select waiting.id::int as id, mentioned,
        (select json_object_agg(slug, 1 - (${distance(model, sql`t.vector`)})) from t) as cosines
      from (
        select m.paper_id as id, array_agg(m.topic) as mentioned from ${waitingMentions(model)}
        group by m.paper_id order by m.paper_id limit ${BATCH}
      ) waiting
      join paper_embeddings e on e.paper_id = waiting.id and e.${ofModel(model.id)}`),
  );
}

/**
 * Decides by an embedding which of the topics that only abstracts mention are their papers' own, where the model has not
 * decided it yet. Returns the papers whose topics changed.
 */
export async function decideMentions(
  orm: Orm,
  model: ActiveModel,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<number[]> {
  // Asked every hour, and nearly always in vain: what follows takes the database seconds.
  if (!(await anyWaits(orm, model))) return [];
  const topics = await topicVectors(orm, model);
  if (topics.length === 0) return [];
  const usual = await usualCosine(orm, model, topics);
  const changed: number[] = [];
  for (;;) {
    await yieldToEventLoop(signal);
    const papers = await undecided(orm, model, topics);
    if (papers.length === 0) return changed;
    for (const { id, mentioned, cosines } of papers) {
      const own = agreedTopics(mentioned, new Map(Object.entries(cosines)), usual);
      const others = mentioned.filter((slug) => !own.includes(slug));
      await orm.transaction(async (tx) => {
        const of = (slugs: readonly string[]) =>
          and(eq(paperTopics.paperId, id), inArray(paperTopics.topic, [...slugs]));
        const gone = await tx.delete(paperTopics).where(of(others)).returning({ topic: paperTopics.topic });
        const added =
          own.length > 0
            ? await tx
                .insert(paperTopics)
                .values(own.map((topic) => ({ paperId: id, topic })))
                .onConflictDoNothing()
                .returning({ topic: paperTopics.topic })
            : [];
        await tx.update(topicMentions).set({ modelId: model.id }).where(eq(topicMentions.paperId, id));
        if (gone.length + added.length > 0) changed.push(id);
      });
    }
  }
}
