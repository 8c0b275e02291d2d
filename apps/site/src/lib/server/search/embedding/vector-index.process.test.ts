import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { embeddingModels, paperEmbeddings, papers } from "../../database/schema/index.ts";
import { engines, openSeeded } from "../../database/testing.ts";
import { vectorList } from "../candidates.ts";
import { distance, dropVectorIndex, indexVectors, ofModel, type VectorSpace } from "./vector-index.ts";

/** Vectors on the upper half of a circle, so that cosines are known. */
const angle = (i: number, count: number) => (Math.PI * i) / count;
const point = (radians: number) => [Math.cos(radians), Math.sin(radians), 0];

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let space: VectorSpace;
  let ids: number[];
  beforeAll(async () => {
    database = await openSeeded(open);
    const { orm } = database;
    ids = (await orm.select({ id: papers.id }).from(papers).orderBy(papers.id)).map(({ id }) => id);
    const [model] = await orm
      .insert(embeddingModels)
      .values({ name: "circle", dimension: 3, parameters: {}, papersCount: ids.length })
      .returning();
    space = model;
    await orm
      .insert(paperEmbeddings)
      .values(
        ids.map((paperId, i) => ({ paperId, modelId: space.id, embedding: point(angle(i, ids.length)) })),
      );
  });
  afterAll(() => database?.close());

  async function plan(orm: Orm): Promise<string> {
    const rows = rowsOf<Record<string, string>>(
      await orm.execute(sql`
        explain select paper_id, ${distance(space, sql`'[1,0,0]'`)} as distance from paper_embeddings e
        where ${ofModel(space.id)} order by distance limit 3`),
    );
    return rows.flatMap((row) => Object.values(row)).join("\n");
  }

  async function nearest(orm: Orm, vector: readonly number[]): Promise<number[]> {
    const list = sql`select id from (${vectorList(space, vector)}) near order by place`;
    return rowsOf<{ id: number | string }>(await orm.execute(list)).map(({ id }) => Number(id));
  }

  test("papers come by their angle to the query, as far as the least cosine of 0.05", async () => {
    const within = ids.filter((_id, i) => Math.cos(angle(i, ids.length)) >= 0.05);
    expect(await nearest(database.orm, [1, 0, 0])).toEqual(within);
  });

  test("few papers have no index; many have one that is used and finds the same", async () => {
    const { orm } = database;
    const exact = await nearest(orm, point(1.3));
    await indexVectors(orm, space, 5000);
    expect(await plan(orm)).not.toContain("paper_embeddings_near");
    await indexVectors(orm, space, 5001);
    await orm.transaction(async (tx) => {
      // So few rows are read faster without an index.
      await tx.execute(sql`set local enable_seqscan = off`);
      await tx.execute(sql`set local enable_bitmapscan = off`);
      await tx.execute(sql`set local enable_sort = off`);
      expect(await plan(tx)).toContain(`paper_embeddings_near_${space.id}`);
      expect(await nearest(tx, point(1.3))).toEqual(exact);
    });
    await dropVectorIndex(orm, space.id);
    expect(await plan(orm)).not.toContain("paper_embeddings_near");
  });
});
