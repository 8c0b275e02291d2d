import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { paperEmbeddings, papers } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import entries from "../papers/seed/seed-papers.json" with { type: "json" };
import { searchBacklog } from "./backlog.ts";
import { updateEmbedding } from "./embedding/store.ts";
import { indexPapers } from "./index-papers.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open);
  });
  afterAll(() => database?.close());

  test("papers wait for the search until they are indexed, each by itself", async () => {
    const { orm } = database;
    await orm.update(papers).set({ tsv: null });
    await orm.delete(paperEmbeddings);
    const all = entries.length;
    expect(await searchBacklog(orm)).toEqual({ unindexed: all, withoutVector: all });
    await indexPapers(orm);
    expect(await searchBacklog(orm)).toEqual({ unindexed: 0, withoutVector: all });
    await updateEmbedding(orm, new Date("2025-12-25T12:00:00Z"));
    expect(await searchBacklog(orm)).toEqual({ unindexed: 0, withoutVector: 0 });
    const some = await orm.select({ id: papers.id }).from(papers).orderBy(papers.id).limit(3);
    const ids = some.map(({ id }) => id);
    await orm.delete(paperEmbeddings).where(inArray(paperEmbeddings.paperId, ids));
    await orm.update(papers).set({ tsv: null }).where(eq(papers.id, ids[0]));
    expect(await searchBacklog(orm)).toEqual({ unindexed: 1, withoutVector: 3 });
  });
});
