import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ingestRequests, removeIngestRequest, requestIngestion } from "@gradus/database/ingest-requests";
import { isNotNull, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "../database/connect.ts";
import { papers } from "../database/schema/index.ts";
import { openMigrated } from "../database/testing.ts";
import { startJobs } from "../jobs/start.ts";
import { siteStatus } from "../status/site-status.ts";
import { openArxiv } from "./arxiv/client.ts";
import { rangeJob, weeksOf } from "./ingest-range.ts";
import { archive } from "./testing/archive.ts";
import { type FakeArxiv, fakeArxiv, type Mood, simulatedTime } from "./testing/fake-arxiv.ts";
import { dailyItem, fakeHuggingFace } from "./testing/fake-hugging-face.ts";

const PAPERS = archive({ start: new Date("2026-10-20T00:00:00Z"), days: 12, papersPerDay: 20, seed: 4 });
const time = simulatedTime(new Date("2026-11-20T00:00:00Z"));

let folder: string;
let database: Database;
let server: FakeArxiv;
let lists: Awaited<ReturnType<typeof fakeHuggingFace>>;
let mood: Mood = "well";
beforeAll(async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  folder = mkdtempSync(join(tmpdir(), "gradus-range-"));
  database = await openMigrated();
  server = await fakeArxiv({ papers: () => PAPERS, now: time.now, mood: () => mood });
  lists = await fakeHuggingFace({
    "2026-10-31": [dailyItem(PAPERS[0].id, 4)],
    "2026-11-01": [dailyItem(PAPERS[1].id, 5)],
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await server?.close();
  await lists?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a range is asked for a week at a time", () => {
  expect(weeksOf("2026-11-01", "2026-11-01")).toEqual([
    { from: new Date("2026-11-01T00:00:00Z"), to: new Date("2026-11-01T23:59:00Z") },
  ]);
  expect(weeksOf("2026-11-01", "2026-11-08")).toEqual([
    { from: new Date("2026-11-01T00:00:00Z"), to: new Date("2026-11-07T23:59:00Z") },
    { from: new Date("2026-11-08T00:00:00Z"), to: new Date("2026-11-08T23:59:00Z") },
  ]);
});

test("the papers of the days come, the request stays until they are all here", async () => {
  const { orm } = database;
  const index = vi.fn(async () => {});
  const client = openArxiv(orm, { ...server, userAgent: "gradus", timing: time });
  const list = { url: lists.url, userAgent: "gradus", timing: time };
  const job = rangeJob(orm, folder, { client, now: time.now, index, list });
  const { signal } = new AbortController();
  await job.run(signal);
  expect(server.requests).toEqual([]);
  requestIngestion(folder, { from: "2026-10-21", to: "2026-10-30" });
  mood = { status: 503 };
  await expect(job.run(signal)).rejects.toThrow("not available");
  expect(ingestRequests(folder)).toHaveLength(1);
  mood = "well";
  await job.run(signal);
  expect(ingestRequests(folder)).toEqual([]);
  expect(index).toHaveBeenCalledTimes(1);
  const rows = await orm.select({ id: papers.arxivId }).from(papers);
  const wanted = PAPERS.filter(
    ({ versions: [at] }) => at >= new Date("2026-10-21") && at < new Date("2026-10-30T23:59:00Z"),
  );
  expect(rows.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id).sort());

  requestIngestion(folder, { from: "2026-10-31", to: "2026-11-01", list: "hugging-face" });
  lists.mood = 503;
  await expect(job.run(signal)).rejects.toThrow("status 503");
  expect(ingestRequests(folder)).toHaveLength(1);
  lists.mood = "well";
  await job.run(signal);
  expect(ingestRequests(folder)).toEqual([]);
  const marked = await orm
    .select({ id: papers.arxivId, upvotes: papers.externalUpvotes })
    .from(papers)
    .where(isNotNull(papers.externalUpvotes));
  expect(new Map(marked.map(({ id, upvotes }) => [id, upvotes]))).toEqual(
    new Map([
      [PAPERS[0].id, 4],
      [PAPERS[1].id, 5],
    ]),
  );
});

test("days of which nothing is announced yet end a range, days long ago that seem empty do not", async () => {
  const { orm } = database;
  const client = openArxiv(orm, { ...server, userAgent: "gradus", timing: time });
  const list = { url: lists.url, userAgent: "gradus", timing: time };
  const job = rangeJob(orm, folder, { client, now: time.now, index: async () => {}, list });
  const { signal } = new AbortController();
  const today = time.now().toISOString().slice(0, 10);
  requestIngestion(folder, { from: today, to: today });
  await job.run(signal);
  expect(ingestRequests(folder)).toEqual([]);
  requestIngestion(folder, { from: "2026-11-08", to: "2026-11-08" });
  await expect(job.run(signal)).rejects.toThrow("lack entries");
});

test("while a range waits to ask arXiv again, the status page says why and until when", async () => {
  const { orm } = database;
  const list = { url: lists.url, userAgent: "gradus", timing: time };
  const started = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const timing = {
    now: () => new Date(),
    async wait(milliseconds: number) {
      if (milliseconds < 60_000) return;
      started.resolve();
      await goOn.promise;
      mood = "well";
      await orm.execute(sql`update request_turns set next_at = now()`);
    },
  };
  await orm.execute(sql`update request_turns set next_at = now()`);
  const client = openArxiv(orm, { ...server, userAgent: "gradus", timing });
  const job = rangeJob(orm, folder, { client, now: time.now, index: async () => {}, list });
  for (const request of ingestRequests(folder)) removeIngestRequest(folder, request);
  requestIngestion(folder, { from: "2026-10-21", to: "2026-10-21" });
  mood = { status: 503, headers: { "Retry-After": "600" } };
  const jobs = await startJobs(database, [job]);
  const status = () => siteStatus({ database, jobs, now: () => new Date() });
  try {
    expect(await status()).toMatchObject({ outage: undefined, jobs: [{ running: false }] });
    await jobs.request(job.name);
    await started.promise;
    expect(await status()).toMatchObject({
      outage: { failed: "just now", reason: "status 503", next: "in 10 min" },
      jobs: [{ name: "ingest-range", ok: undefined, failed: undefined, running: true }],
    });
    expect((await status()).sources.map(({ name }) => name)).not.toContain("arxiv");
    goOn.resolve();
    await expect.poll(async () => (await status()).jobs[0].ok, { timeout: 10_000 }).toBe("just now");
    expect((await status()).outage).toBeUndefined();
  } finally {
    await jobs.close();
  }
});

test("a run of a range that fails says when it is tried again, and that it failed while it is", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let runs = 0;
  const job = {
    name: "ingest-range",
    async run() {
      runs += 1;
      if (runs === 1) throw new Error("not a feed");
      await held;
    },
  };
  const jobs = await startJobs(database, [job]);
  const status = async () => (await siteStatus({ database, jobs, now: () => new Date() })).jobs[0];
  try {
    await jobs.request(job.name);
    await expect
      .poll(status)
      .toMatchObject({ failed: "just now", next: expect.stringMatching(/^in [12] min$/) });
    await database.orm.execute(sql`update pgboss.job set start_after = now() where state = 'retry'`);
    await expect
      .poll(status, { timeout: 10_000 })
      .toMatchObject({ failed: "just now", next: undefined, running: true });
  } finally {
    release();
    await jobs.close();
  }
});
