import { asc, eq, inArray } from "drizzle-orm";
import type { TopicView } from "#lib/views.ts";
import type { Orm } from "../../database/connect.ts";
import { paperTopics, topics } from "../../database/schema/index.ts";

/** The topics of papers, in the topics' order; papers without a topic are left out. */
export async function topicsByPaper(orm: Orm, ids: readonly number[]): Promise<Map<number, TopicView[]>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ paperId: paperTopics.paperId, slug: topics.slug, label: topics.label })
    .from(paperTopics)
    .innerJoin(topics, eq(topics.slug, paperTopics.topic))
    .where(inArray(paperTopics.paperId, [...ids]))
    .orderBy(asc(topics.position), asc(topics.slug));
  const byPaper = Map.groupBy(rows, ({ paperId }) => paperId);
  return new Map(
    [...byPaper].map(([id, own]) => [id, own.map(({ slug, label }) => ({ slug, label }))] as const),
  );
}
