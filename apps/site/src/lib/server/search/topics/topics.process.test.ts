import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Database } from "../../database/connect.ts";
import { papers, paperTopics, topics } from "../../database/schema/index.ts";
import { engines, openSeeded } from "../../database/testing.ts";
import { cachedTopics } from "./cached-topics.ts";
import { topicsByPaper } from "./paper-topics.ts";
import { storeTopics } from "./store.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, storeTopics);
  });
  afterAll(() => database?.close());
  afterEach(() => vi.restoreAllMocks());

  test("topics are cached for ten seconds; a failed read is not cached", async () => {
    const { orm } = database;
    const now = vi.spyOn(performance, "now");
    const labels = async () => (await cachedTopics(orm)).map(({ label }) => label);
    now.mockReturnValue(1_000);
    const before = await labels();
    expect(before).toContain("Convex");
    await orm.update(topics).set({ label: "Convex problems" }).where(eq(topics.slug, "convex"));
    now.mockReturnValue(10_999);
    expect(await labels()).toEqual(before);
    now.mockReturnValue(11_000);
    expect(await labels()).toContain("Convex problems");

    await orm.execute(sql`alter table topics rename to topics_away`);
    now.mockReturnValue(21_000);
    await expect(cachedTopics(orm)).rejects.toThrow();
    await orm.execute(sql`alter table topics_away rename to topics`);
    expect(await labels()).toContain("Convex problems");
    await orm.update(topics).set({ label: "Convex" }).where(eq(topics.slug, "convex"));
  });

  test("topics of one position are listed by slug", async () => {
    const { orm } = database;
    vi.spyOn(performance, "now").mockReturnValue(1e9);
    // An update moves a row to the end of its table: without a tiebreaker the rows come in this order.
    await orm.update(topics).set({ position: 1 });
    for (const slug of ["convex", "classification", "second-order"])
      await orm.update(topics).set({ position: 0 }).where(eq(topics.slug, slug));
    const slugs = (await cachedTopics(orm)).map(({ slug }) => slug);
    expect(slugs.slice(0, 3)).toEqual(["classification", "convex", "second-order"]);
    expect(slugs.slice(3)).toEqual(slugs.slice(3).toSorted());

    const [{ id }] = await orm.select({ id: papers.id }).from(papers).limit(1);
    await orm.delete(paperTopics).where(eq(paperTopics.paperId, id));
    for (const topic of ["second-order", "classification", "convex"])
      await orm.insert(paperTopics).values({ paperId: id, topic });
    const own = (await topicsByPaper(orm, [id])).get(id);
    expect(own?.map(({ slug }) => slug)).toEqual(["classification", "convex", "second-order"]);
  });
});
