// Sixty days of an archive, with the outages that arXiv has, on a clock that only waiting moves.
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { ingestState, papers, paperVersions } from "../database/schema/index.ts";
import { openFast } from "../database/testing.ts";
import type { Job } from "../job.ts";
import { openArxiv } from "./arxiv/client.ts";
import { ingestJobs } from "./jobs.ts";
import { lastIngestion } from "./last-ingestion.ts";
import { archive } from "./testing/archive.ts";
import { type FakeArxiv, fakeArxiv, type Mood, simulatedTime } from "./testing/fake-arxiv.ts";

const START = new Date("2026-11-02T00:00:00Z");
const DAYS = 60;
const DAY = 86_400_000;
const PAPERS = archive({ start: START, days: DAYS, papersPerDay: 300, seed: 1903 });

const down: Mood = { status: 503 };

/** What goes wrong on a day, counted from 0: by the request of that day. */
const TROUBLE: Readonly<Record<number, (request: number) => Mood>> = {
  3: (i) => (i === 0 ? { status: 429, headers: { "Retry-After": "120" } } : "well"),
  // A whole day without an answer.
  8: () => down,
  14: (i) => (i < 2 ? "empty" : i === 5 ? "short" : "well"),
  17: (i) => (i === 1 ? "cut" : "well"),
  // The early run fails, the late one does not.
  22: (i) => (i === 2 ? "html" : "well"),
  29: (i) => (i === 0 ? "error entry" : "well"),
  // Three days of empty answers and no connections.
  35: () => "empty",
  36: () => "cut",
  37: () => down,
  45: (i) => (i % 4 === 1 ? { status: 503, headers: { "Retry-After": "30" } } : "well"),
};
const WITHOUT_SUCCESS = [8, 35, 36, 37];

let database: Database;
let server: FakeArxiv;
let jobs: Readonly<Record<string, Job>>;
let day = 0;
let requestsBefore = 0;
const time = simulatedTime(START);

beforeAll(async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  database = await openFast();
  await migrate(database.orm);
  server = await fakeArxiv({
    papers: () => PAPERS,
    now: time.now,
    mood: (request) => TROUBLE[day]?.(request - requestsBefore) ?? "well",
  });
  const client = openArxiv(database.orm, {
    queryUrl: server.queryUrl,
    oaiUrl: server.oaiUrl,
    userAgent: "gradus",
    timing: time,
  });
  const settings = { client, now: time.now, index: async () => {} };
  jobs = Object.fromEntries(ingestJobs(database.orm, settings).map((job) => [job.name, job]));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await server?.close();
  await database?.close();
});

/** What the archive shows now: identifiers with their latest versions. */
function shown(): Map<string, number> {
  const now = time.now();
  return new Map(
    PAPERS.filter(({ announced, versions: [came] }) => announced <= now && came >= START).map(
      ({ id, versions }) => [id, versions.filter((at) => at <= now).length],
    ),
  );
}

async function stored(): Promise<Map<string, number>> {
  const rows = await database.orm
    .select({ id: papers.arxivId, version: papers.latestVersion })
    .from(papers)
    .orderBy(asc(papers.arxivId));
  return new Map(rows.map(({ id, version }) => [id, version]));
}

async function cursor(): Promise<unknown> {
  const [row] = await database.orm
    .select({ cursor: ingestState.cursor })
    .from(ingestState)
    .where(eq(ingestState.source, "atom"));
  return row?.cursor;
}

/** The jobs of a day (UTC), when they are due. */
async function liveADay(): Promise<void> {
  const midnight = START.getTime() + day * DAY;
  const weekday = new Date(midnight).getUTCDay();
  const works = weekday !== 0 && weekday !== 6;
  requestsBefore = server.requests.length;
  const { signal } = new AbortController();
  for (const [hour, minute, name] of [
    [4, 15, "ingest-atom"],
    [5, 0, "ingest-oai"],
    [10, 15, "ingest-atom"],
  ] as const) {
    if (name === "ingest-atom" && !works) continue;
    time.set(new Date(midnight + (hour * 60 + minute) * 60_000));
    await jobs[name].run(signal);
  }
}

test("sixty days of 300 papers, with outages: each day right, none twice, never faster than allowed", {
  timeout: 600_000,
}, async () => {
  for (; day < DAYS; day++) {
    const before = await cursor();
    await liveADay();
    if (WITHOUT_SUCCESS.includes(day)) {
      expect(await cursor(), `the cursor after day ${day}`).toEqual(before);
      const [{ error }] = await database.orm
        .select({ error: ingestState.error })
        .from(ingestState)
        .where(eq(ingestState.source, "atom"));
      expect(error).toMatch(/not available|lack entries/);
      continue;
    }
    const [{ count, versions }] = await database.orm
      .select({ count: sql<number>`count(*)::int`, versions: sql<number>`sum(latest_version)::int` })
      .from(papers);
    const expected = shown();
    expect(count, `papers after day ${day}`).toBe(expected.size);
    expect(versions ?? 0, `versions after day ${day}`).toBe(
      [...expected.values()].reduce((a, b) => a + b, 0),
    );
    expect(
      new Date(START.getTime() + day * DAY).getUTCDay() % 6 === 0 ||
        !(await lastIngestion(database.orm, time.now()))?.stale,
    ).toBe(true);
  }
  expect(await stored()).toEqual(new Map([...shown()].sort(([a], [b]) => (a < b ? -1 : 1))));
  // Nearly all of 18,000: the last day's wait for their announcement.
  expect((await stored()).size).toBeGreaterThan(17_000);
});

test("the alarm is on while nothing comes, and off when papers come again", async () => {
  await database.orm.update(ingestState).set({ okAt: new Date(time.now().getTime() - 4 * DAY) });
  expect((await lastIngestion(database.orm, time.now()))?.stale).toBe(true);
});

test("requests never overlapped and were 3 s apart", () => {
  expect(server.most()).toBe(1);
  const instants = server.requests.map(({ at }) => at.getTime());
  for (let i = 1; i < instants.length; i++)
    expect(instants[i] - instants[i - 1]).toBeGreaterThanOrEqual(3000);
});

test("papers carry the instants of their versions, and say when they are withdrawn", async () => {
  const now = time.now();
  const byId = new Map(PAPERS.map((paper) => [paper.id, paper]));
  const rows = await database.orm
    .select({
      id: papers.arxivId,
      published: papers.publishedAt,
      updated: papers.arxivUpdatedAt,
      withdrawn: papers.withdrawn,
      authors: papers.authorsCount,
    })
    .from(papers);
  for (const { id, published, updated, withdrawn, authors } of rows) {
    const paper = byId.get(id);
    if (!paper) throw new Error(`${id} is not in the archive`);
    const versions = paper.versions.filter((at) => at <= now);
    const seconds = (at: Date | null) => Math.floor((at?.getTime() ?? 0) / 1000);
    expect([seconds(published), seconds(updated)]).toEqual([
      seconds(versions[0]),
      seconds(versions.at(-1) ?? null),
    ]);
    expect(withdrawn).toBe(paper.comment !== undefined);
    expect(authors).toBe(2);
  }
  const kept = await database.orm.$count(paperVersions);
  expect(kept).toBeGreaterThanOrEqual(rows.length);
});
