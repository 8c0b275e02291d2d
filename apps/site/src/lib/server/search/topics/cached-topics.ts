import { asc } from "drizzle-orm";
import type { TopicView } from "#lib/views.ts";
import type { Orm } from "../../database/connect.ts";
import { topics } from "../../database/schema/index.ts";

/** Topics change when a new version starts: another process may have written them meanwhile. */
const TTL_MILLISECONDS = 10_000;
const cache = new WeakMap<Orm, { readonly topics: Promise<TopicView[]>; readonly readAt: number }>();

/** The topics, in their order, as they were at most ten seconds ago. */
export function cachedTopics(orm: Orm): Promise<TopicView[]> {
  const cached = cache.get(orm);
  const now = performance.now();
  if (cached && now - cached.readAt < TTL_MILLISECONDS) return cached.topics;
  // `then` runs the query once: the builder's own promise runs it each time that it is awaited.
  const read = orm
    .select({ slug: topics.slug, label: topics.label })
    .from(topics)
    .orderBy(asc(topics.position), asc(topics.slug))
    .then((rows): TopicView[] => rows);
  const entry = { topics: read, readAt: now };
  cache.set(orm, entry);
  read.catch(() => {
    if (cache.get(orm) === entry) cache.delete(orm);
  });
  return read;
}
