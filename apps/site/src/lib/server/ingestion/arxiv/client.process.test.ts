import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { engines } from "../../database/testing.ts";
import { archive } from "../testing/archive.ts";
import { type FakeArxiv, fakeArxiv, type Mood, simulatedTime } from "../testing/fake-arxiv.ts";
import { parseAtom } from "./atom.ts";
import { atomPages, submittedBetween } from "./atom-pages.ts";
import { ArxivUnavailableError, openArxiv } from "./client.ts";
import { TurnTakenError } from "./turns.ts";
import { ArxivFormatError } from "./xml.ts";

const START = new Date("2026-11-02T00:00:00Z");
const NOW = new Date("2026-11-05T04:15:00Z");
const PAPERS = archive({ start: START, days: 2, papersPerDay: 130, seed: 1 });
const QUERY = submittedBetween(START, NOW);

let database: Database;
let server: FakeArxiv;
let moods: readonly Mood[];
let time: ReturnType<typeof simulatedTime>;

/** Waits as they add up, in seconds, between the requests so far. */
const gaps = () =>
  server.requests
    .slice(1)
    .map(({ at }, i) => Math.round((at.getTime() - server.requests[i].at.getTime()) / 1000));

const client = (timeout?: number) =>
  openArxiv(database.orm, {
    queryUrl: server.queryUrl,
    oaiUrl: server.oaiUrl,
    userAgent: "gradus/0.1.0 (+https://papers.example; mailto:operator@papers.example)",
    timing: time,
    timeout,
  });

async function all(timeout?: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { records } of atomPages(client(timeout), QUERY))
    ids.push(...records.map(({ arxivId }) => arxivId));
  return ids;
}

describe.each(engines)("on %s", (_, open) => {
  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await database.orm.execute(sql`truncate request_turns`);
    moods = [];
    time = simulatedTime(NOW);
    server = await fakeArxiv({ papers: () => PAPERS, now: time.now, mood: (i) => moods[i] ?? "well" });
  });
  afterEach(() => server.close());

  /** What is announced by now, in the order of submission. */
  const announced = PAPERS.filter(({ announced: at, versions: [came] }) => at <= NOW && came >= START);

  test("pages follow each other 3 s apart, and say who asks", async () => {
    expect(await all()).toEqual(announced.map(({ id }) => id));
    expect(gaps()).toEqual([3, 3]);
    expect(server.requests[0].userAgent).toBe(
      "gradus/0.1.0 (+https://papers.example; mailto:operator@papers.example)",
    );
  });

  const later = (status: number, retryAfter?: string): Mood => ({
    status,
    headers: retryAfter === undefined ? {} : { "Retry-After": retryAfter },
  });

  test.each<[string, readonly Mood[], readonly number[]]>([
    ["429 with seconds", [later(429, "120")], [120, 3, 3]],
    ["503 with a date", [later(503, new Date(NOW.getTime() + 90_000).toUTCString())], [90, 3, 3]],
    ["429 that asks for less than the limit allows", [later(429, "0")], [3, 3, 3]],
    ["503 without a time: 1 min, then 2", [later(503), later(503)], [60, 120, 3, 3]],
    ["500", [later(500)], [60, 3, 3]],
    ["an answer cut off", ["cut"], [60, 3, 3]],
    ["empty pages: 5 s and 20 s", ["empty", "empty"], [5, 20, 3, 3]],
    ["an empty page later on", ["well", "empty"], [3, 5, 3]],
    ["a page that lacks an entry", ["short"], [5, 3, 3]],
  ])("%s: asked again, and nothing is missing", async (_name, failures, expected) => {
    moods = failures;
    expect(await all()).toEqual(announced.map(({ id }) => id));
    expect(gaps()).toEqual(expected);
    expect(server.most()).toBe(1);
  });

  test("a slow body ends at the time limit", async () => {
    moods = ["stalled"];
    expect(await all(1500)).toHaveLength(announced.length);
    expect(gaps()).toEqual([60, 3, 3]);
  });

  test("after 6 failures, each twice as far from the next, it stops", async () => {
    moods = Array.from({ length: 9 }, () => later(503));
    await expect(all()).rejects.toThrow(new ArxivUnavailableError("arXiv is not available: status 503"));
    expect(gaps()).toEqual([60, 120, 240, 480, 960]);
  });

  test("empty pages all the time are a failure and no days without papers", async () => {
    moods = Array.from({ length: 9 }, () => "empty" as const);
    await expect(all()).rejects.toThrow(ArxivUnavailableError);
    expect(gaps()).toEqual([5, 20, 60]);
  });

  test.each<[string, Mood, string]>([
    ["a page of HTML", "html", "expected a feed"],
    ["a DOCTYPE", "doctype", "DOCTYPE"],
    ["more than 20 MB", "long", "bytes"],
    [
      "a redirect to another host",
      { status: 301, headers: { Location: "http://elsewhere.invalid/" } },
      "host",
    ],
    ["a redirect with a user", { status: 301, headers: { Location: "http://a@127.0.0.1/" } }, "host"],
    ["a redirect without an address", { status: 302 }, "redirect"],
    ["a redirect to a file", { status: 302, headers: { Location: "file:///etc/hosts" } }, "host"],
    ["403", later(403), "status 403"],
  ])("%s fails at once", async (_name, mood, message) => {
    moods = [mood];
    await expect(all()).rejects.toThrow(ArxivFormatError);
    moods = [...server.requests.map(() => "well" as const), mood];
    await expect(all()).rejects.toThrow(message);
    expect(server.requests).toHaveLength(2);
  });

  test("a redirect on the same host is followed, 3 s later, and not for ever", async () => {
    const away: Mood = { status: 301, headers: { Location: "/api/query?id_list=1412.6980&max_results=1" } };
    moods = [away];
    expect(parseAtom(await client().query({ id_list: "x" })).records[0].arxivId).toBe("1412.6980");
    expect(gaps()).toEqual([3]);
    moods = Array.from({ length: 9 }, () => away);
    await expect(client().query({ id_list: "x" })).rejects.toThrow("redirects");
  });

  test("two that ask at once take turns", async () => {
    const { wait } = time;
    // Looks do not move the clock here: they would outrun the request that they wait for.
    time.wait = (ms, signal) => (ms > 1000 ? wait(ms, signal) : new Promise((done) => setImmediate(done)));
    const [first, second] = await Promise.all([all(), all()]);
    expect(first).toEqual(second);
    expect(server.requests).toHaveLength(6);
    expect(server.most()).toBe(1);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(3);
  });

  test("whoever died with the turn gives way after half a minute", async () => {
    await database.orm.execute(sql`
      insert into request_turns (host, holder, held_until, next_at)
      values ('arxiv.org', gen_random_uuid(), ${new Date(NOW.getTime() + 30_000).toISOString()}::text::timestamptz, ${NOW.toISOString()}::text::timestamptz)`);
    await all();
    expect(server.requests[0].at.getTime() - NOW.getTime()).toBe(30_000);
  });

  test("a clock that was ahead when the last request ended holds nobody up once it is right", async () => {
    const ahead = new Date(NOW.getTime() + 60 * 24 * 3_600_000).toISOString();
    await database.orm.execute(sql`
      insert into request_turns (host, holder, held_until, next_at)
      values ('arxiv.org', gen_random_uuid(), ${ahead}::text::timestamptz, ${ahead}::text::timestamptz)`);
    await client().query({ id_list: "x" }, { patience: 5000 });
    expect(server.requests).toHaveLength(1);
  });

  test("a reader who waits is told at once when arXiv wants no request, and asks only once", async () => {
    moods = [later(503, "600")];
    await expect(client().query({ id_list: "x" }, { patience: 5000 })).rejects.toThrow(ArxivUnavailableError);
    await expect(client().query({ id_list: "x" }, { patience: 5000 })).rejects.toThrow(TurnTakenError);
    expect(server.requests).toHaveLength(1);
  });

  test("a reader who waits takes a turn that comes within their patience, and no later one", async () => {
    for (let i = 0; i < 2; i++) await client().query({ id_list: "x" }, { patience: 5000 });
    expect(gaps()).toEqual([3]);
    await expect(client().query({ id_list: "x" }, { patience: 1000 })).rejects.toThrow(TurnTakenError);
    expect(server.requests).toHaveLength(2);
  });

  test("an abort ends the wait", async () => {
    moods = [later(503)];
    const stop = new AbortController();
    const wait = time.wait;
    time.wait = async (ms, signal) => {
      if (ms > 10_000) stop.abort(new Error("stopped"));
      await wait(ms, signal);
    };
    await expect(client().query({ id_list: "x" }, { signal: stop.signal })).rejects.toThrow("stopped");
  });
});
