import { papers as registry } from "@gradus/papers";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { syncRegistry } from "./sync-registry.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, syncRegistry);
  });
  afterAll(() => database?.close());

  /** The claims of a paper, each with the transaction that wrote it. */
  const stored = async (arxivId: string) => [
    ...rowsOf<{ code: string; short: string; position: number; writer: string }>(
      await database.orm.execute(sql`
        select code, short, c.position, c.xmin::text as writer
        from claims c join papers p on p.id = c.paper_id where p.arxiv_id = ${arxivId} order by c.position`),
    ),
  ];

  test("claims are stored in the papers' order", async () => {
    for (const { arxivId, claims } of registry)
      expect((await stored(arxivId)).map(({ code, short, position }) => [code, short, position])).toEqual(
        claims.map(({ id, short }, i) => [id, short, i + 1]),
      );
  });

  test("only the papers whose claims have changed are written again", async () => {
    const { orm } = database;
    const [changed, same] = registry;
    const before = [await stored(changed.arxivId), await stored(same.arxivId)];
    expect(await syncRegistry(orm)).toBe(registry.length);
    expect([await stored(changed.arxivId), await stored(same.arxivId)]).toEqual(before);

    const [first, ...others] = changed.claims;
    const renamed = { ...changed, claims: [...others, { ...first, short: "another" }] };
    await syncRegistry(orm, registry.with(0, renamed));
    const after = await stored(changed.arxivId);
    expect(after.map(({ code, short }) => [code, short])).toEqual([
      ...others.map(({ id, short }) => [id, short]),
      [first.id, "another"],
    ]);
    expect(await stored(same.arxivId)).toEqual(before[1]);

    await syncRegistry(orm, registry.with(0, { ...changed, claims: others }));
    expect((await stored(changed.arxivId)).map(({ code }) => code)).toEqual(others.map(({ id }) => id));
  });
});
