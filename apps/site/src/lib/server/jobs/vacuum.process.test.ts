import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { openEmpty, openSeeded } from "../database/testing.ts";
import { indexPapers } from "../search/index-papers.ts";
import { vacuumJob } from "./vacuum.ts";

const { signal } = new AbortController();
let database: Database;

beforeAll(async () => {
  database = await openSeeded(openEmpty, (orm) => indexPapers(orm, { signal }));
});
afterAll(() => database?.close());

/** Changes the scores of all papers so many times, as votes do one by one. */
async function vote(times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    await database.orm.execute(sql`update papers set votes_count = votes_count + 1, hot = hot + 1e-9`);
}

/** Bytes of the rows of papers, with those that others have replaced. */
async function size(): Promise<number> {
  const result = await database.orm.execute(sql`select pg_relation_size('papers')::float8 as bytes`);
  return rowsOf<{ bytes: number }>(result)[0].bytes;
}

/** Pages of words that wait to be sorted into the index; asking sorts them. */
async function waiting(): Promise<number> {
  const result = await database.orm.execute(
    sql`select gin_clean_pending_list('papers_tsv')::float8 as pages`,
  );
  return rowsOf<{ pages: number }>(result)[0].pages;
}

const vacuum = () => vacuumJob(database.orm).run(signal);

test("a day's votes take the room of the votes of the day before", async () => {
  await vote(40);
  const first = await size();
  await vote(80);
  const grown = await size();
  expect(grown).toBeGreaterThan(2 * first);
  for (let day = 0; day < 3; day++) {
    await vacuum();
    await vote(110);
    expect(await size()).toBeLessThanOrEqual(grown);
  }
});

test("no words wait to be sorted into the index", async () => {
  await vote(1);
  expect(await waiting()).toBeGreaterThan(0);
  await vote(1);
  await vacuum();
  expect(await waiting()).toBe(0);
});

test("a job that is stopped stops between two tables", async () => {
  await expect(vacuumJob(database.orm).run(AbortSignal.abort())).rejects.toThrow();
});
