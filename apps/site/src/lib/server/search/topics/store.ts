import { notInArray, type SQL, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { papers, paperTopics, topicMentions, topics as topicRows } from "../../database/schema/index.ts";
import { type Topic, topicQuery, topics as usual } from "./topics.ts";

/** A text in exact words, without accents: hyphens are spaces, and "non-convex" is one word. */
function exactWords(text: SQL): SQL {
  return sql`to_tsvector('simple', translate(
    regexp_replace(unaccent(${text}), '\\mnon[- ]', 'non', 'gi'), '-–—/', '    '))`;
}

/**
 * Writes the topics of the papers of `condition` (of all papers by default): those that the title names, and those that
 * the abstract mentions, which wait for the embedding.
 */
async function match(orm: Orm, condition = sql`true`): Promise<void> {
  // The offset keeps the planner from reading a paper's text once for every topic.
  const found = (words: SQL) => sql`
    select text.id, t.slug from (
      select p.id, ${words} as words from ${papers} p where ${condition} offset 0
    ) text
    join ${topicRows} t on text.words @@ websearch_to_tsquery('simple', t.query)`;
  await orm.execute(sql`
    insert into paper_topics (paper_id, topic) ${found(exactWords(sql`p.title`))} on conflict do nothing`);
  await orm.execute(sql`
    insert into topic_mentions (paper_id, topic)
    select id, slug from (${found(exactWords(sql`p.abstract_text`))}) mentioned
    where not exists (select 1 from paper_topics pt where pt.paper_id = id and pt.topic = slug)
    on conflict do nothing`);
}

/** Brings the topics to `topics`; when one changed, all papers are matched anew. Returns whether one did. */
export async function storeTopics(orm: Orm, topics: readonly Topic[] = usual): Promise<boolean> {
  return orm.transaction(async (tx) => {
    const rows = topics.map((topic, i) => ({
      slug: topic.slug,
      label: topic.label,
      query: topicQuery(topic),
      about: topic.about,
      position: i + 1,
    }));
    const line = ({ slug, label, query, about, position }: (typeof rows)[number]) =>
      JSON.stringify([slug, label, query, about, position]);
    const stored = await tx.select().from(topicRows);
    if (JSON.stringify(stored.map(line).sort()) === JSON.stringify(rows.map(line).sort())) return false;
    await tx.delete(topicRows).where(
      notInArray(
        topicRows.slug,
        rows.map(({ slug }) => slug),
      ),
    );
    for (const row of rows)
      await tx.insert(topicRows).values(row).onConflictDoUpdate({ target: topicRows.slug, set: row });
    await tx.delete(paperTopics);
    await tx.delete(topicMentions);
    await match(tx);
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
    await tx.execute(sql`delete from topic_mentions where paper_id in (${ids})`);
    await match(tx, sql`p.id in (${ids})`);
  });
}
