import { notInArray, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { papers, paperTopics, topics as topicRows } from "../database/schema.ts";
import { type Topic, topics as usual } from "./topics.ts";

/** The papers of each topic among those of `condition` (all papers by default), as rows of `paper_topics`. */
function matches(condition = sql`true`) {
  return sql`
    insert into paper_topics (paper_id, topic)
    select text.id, t.slug from (
      -- The offset keeps the planner from reading a paper's text once for every topic.
      select p.id, to_tsvector('english', unaccent(p.title || ' ' || p.abstract_text)) as words
      from ${papers} p where ${condition} offset 0
    ) text
    join ${topicRows} t on text.words @@ websearch_to_tsquery('english', unaccent(t.query))
    on conflict do nothing`;
}

/** Brings the topics to `topics`; when one changed, all papers are matched anew. Returns whether one did. */
export async function storeTopics(orm: Orm, topics: readonly Topic[] = usual): Promise<boolean> {
  return orm.transaction(async (tx) => {
    const stored = await tx.select().from(topicRows);
    const line = (topic: Topic, position: number) =>
      JSON.stringify([topic.slug, topic.label, topic.query, position]);
    const before = stored.map((row) => line(row, row.position)).sort();
    const wanted = topics.map((topic, i) => line(topic, i + 1)).sort();
    if (JSON.stringify(before) === JSON.stringify(wanted)) return false;
    await tx.delete(topicRows).where(
      notInArray(
        topicRows.slug,
        topics.map(({ slug }) => slug),
      ),
    );
    for (const [i, { slug, label, query }] of topics.entries()) {
      const values = { label, query, position: i + 1 };
      await tx
        .insert(topicRows)
        .values({ slug, ...values })
        .onConflictDoUpdate({ target: topicRows.slug, set: values });
    }
    await tx.delete(paperTopics);
    await tx.execute(matches());
    return true;
  });
}

/** Matches some papers with the topics, after their text changed. */
export async function matchTopics(orm: Orm, paperIds: readonly number[]): Promise<void> {
  if (paperIds.length === 0) return;
  const ids = sql.join(
    paperIds.map((id) => sql`${id}`),
    sql`, `,
  );
  await orm.transaction(async (tx) => {
    await tx.execute(sql`delete from paper_topics where paper_id in (${ids})`);
    await tx.execute(matches(sql`p.id in (${ids})`));
  });
}
