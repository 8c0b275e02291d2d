import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VOTES_PER_HOUR } from "#lib/vote-limit.ts";
import type { Database } from "../database/connect.ts";
import { papers, users, votes } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { exportAccount } from "./account.ts";
import { followed, followSearch, isFollowed, MOST_FOLLOWED, unfollowSearch } from "./follows.ts";
import { hasOtherVersion, importAccount, parseExport } from "./import-account.ts";
import { changeMark } from "./reading-marks.ts";
import { updateVoteWeights } from "./votes.ts";

const now = new Date("2025-12-25T12:00:00Z");
const tomorrow = new Date("2025-12-26T13:00:00Z");
const PAPER = "1806.07572";

async function newUser({ orm }: Database, createdAt = now): Promise<string> {
  const name = crypto.randomUUID();
  const [{ id }] = await orm
    .insert(users)
    .values({
      email: `${name}@readers.example`,
      emailCanonicalHmac: new TextEncoder().encode(name),
      confirmedAt: createdAt,
      createdAt,
    })
    .returning({ id: users.id });
  return id;
}

test.each([
  "",
  "[]",
  "{",
  '{"type":"gradus-account","version":2,"votes":[]}',
  '{"type":"gradus-account","version":1}',
  '{"type":"gradus-account","version":1,"votes":[{"paper":"1806.07572","at":"0001-01-01T00:00:00Z"}]}',
  '{"type":"gradus-account","version":1,"votes":[{"paper":"\\u0000","at":"2025-01-01T00:00:00Z"}]}',
])("%j is no exported account", (text) => expect(parseExport(text)).toBeUndefined());

test("a device whose clock begins in 1970 exports what can be imported", () => {
  const votes = [{ paper: "1806.07572", at: "1970-01-01T00:00:01Z" }];
  expect(parseExport(JSON.stringify({ type: "gradus-account", version: 1, votes }))?.votes).toEqual(votes);
});

test("an exported account of another version is told from a file that is none", () => {
  const versions = [2, 1, "2"].map((version) => JSON.stringify({ type: "gradus-account", version }));
  expect([...versions, "{"].map(hasOtherVersion)).toEqual([true, false, false, false]);
});

describe.each(engines)("on %s", (_, open) => {
  let here: Database;
  let elsewhere: Database;
  beforeAll(async () => {
    [here, elsewhere] = [await openSeeded(open), await openSeeded(open)];
  });
  afterAll(async () => {
    await here?.close();
    await elsewhere?.close();
  });

  test("what one installation exports another imports: votes at their times, marks and followed searches", async () => {
    const from = await newUser(here, new Date("2025-01-01T00:00:00Z"));
    const [paper] = await here.orm.select().from(papers).where(eq(papers.arxivId, PAPER));
    await here.orm.insert(votes).values({ paperId: paper.id, userId: from, votedAt: now, weight: 1 });
    await changeMark(here.orm, { userId: from, arxivId: PAPER, mark: "saved", set: true, now });
    await changeMark(here.orm, { userId: from, arxivId: PAPER, mark: "read", set: true, now });
    await followSearch(here.orm, { userId: from, query: '"Julie Nutini"', now });
    const text = JSON.stringify(await exportAccount(here.orm, from));
    const kept = parseExport(text);
    if (!kept) throw new Error("the export is not read");

    const { orm } = elsewhere;
    const to = await newUser(elsewhere, tomorrow);
    const [before] = await orm.select().from(papers).where(eq(papers.arxivId, PAPER));
    const nothing = { votes: 0, saved: 0, read: 0, followed: 0, known: 0, unknown: 0, refused: 0 };
    const all = { ...nothing, votes: 1, saved: 1, read: 1, followed: 1 };
    expect(await importAccount(orm, to, kept, tomorrow)).toEqual(all);
    expect(await importAccount(orm, to, kept, tomorrow)).toEqual({ ...nothing, known: 4 });
    const [after] = await orm.select().from(papers).where(eq(papers.arxivId, PAPER));
    // The account is new here: its vote counts in the ranking when it is a day old, at the vote's own time.
    expect([after.votesCount, after.hot]).toEqual([before.votesCount + 1, before.hot]);
    expect(await updateVoteWeights(orm, new Date(tomorrow.getTime() + 25 * 3_600_000))).toBe(1);
    const [vote] = await orm.select().from(votes).where(eq(votes.userId, to));
    expect([vote.votedAt, vote.weight]).toEqual([now, 1]);
    const again: object | undefined = await exportAccount(orm, to);
    const { saved, read, followed: searches } = parseExport(text) ?? {};
    expect(JSON.parse(JSON.stringify(again))).toMatchObject({ saved, read, followed: searches });
  });

  test("votes for unknown papers, and votes and searches of the future, do no harm", async () => {
    const { orm } = elsewhere;
    const userId = await newUser(elsewhere);
    const file = {
      type: "gradus-account",
      version: 1,
      votes: [
        { paper: "2501.99999", at: now.toISOString() },
        { paper: PAPER, at: "2999-01-01T00:00:00Z" },
      ],
      saved: [
        { paper: "2501.99999", at: now.toISOString() },
        { paper: "2501.99998", at: now.toISOString() },
      ],
      followed: [
        { query: "hessian", at: "2999-01-01T00:00:00Z" },
        { query: "x".repeat(251), at: now.toISOString() },
      ],
    };
    const kept = parseExport(JSON.stringify(file));
    expect(kept && (await importAccount(orm, userId, kept, now))).toMatchObject({
      ...{ votes: 1, saved: 0, followed: 1, known: 0, unknown: 2, refused: 1 },
    });
    const [vote] = await orm.select().from(votes).where(eq(votes.userId, userId));
    expect(vote.votedAt).toEqual(now);
    expect(await followed(orm, userId)).toEqual([{ query: "hessian", followedAt: now }]);
  });

  test("every paper of a long file is counted once", async () => {
    const { orm } = elsewhere;
    const userId = await newUser(elsewhere);
    const unknown = Array.from({ length: 1200 }, (_, i) => `2501.${10_000 + i}`);
    const saved = [...unknown, PAPER, PAPER].map((paper) => ({ paper, at: now.toISOString() }));
    const kept = parseExport(JSON.stringify({ type: "gradus-account", version: 1, votes: [], saved }));
    if (!kept) throw new Error("the export is not read");
    expect(await importAccount(orm, userId, kept, now)).toMatchObject({ saved: 1, known: 0, unknown: 1200 });
    expect(await importAccount(orm, userId, kept, now)).toMatchObject({ saved: 0, known: 1, unknown: 1200 });
  });

  test("all votes of a file are restored at once, more than an account may cast in an hour", async () => {
    const { orm } = elsewhere;
    const userId = await newUser(elsewhere);
    const ids = Array.from({ length: VOTES_PER_HOUR + 15 }, (_, i) => `2511.${String(10_000 + i)}`);
    await writePapers(
      orm,
      ids.map((arxivId) => recordWith({ arxivId, title: `Paper ${arxivId}` })),
    );
    await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, ids[7]));
    const at = now.toISOString();
    const file = {
      type: "gradus-account",
      version: 1,
      votes: [...ids, "2501.99999"].map((paper) => ({ paper, at })),
    };
    const kept = parseExport(JSON.stringify(file));
    const cast = ids.length - 1;
    for (const counts of [
      { votes: cast, known: 0, unknown: 2 },
      { votes: 0, known: cast, unknown: 2 },
    ])
      expect(kept && (await importAccount(orm, userId, kept, now))).toMatchObject(counts);
    expect(await orm.$count(votes, eq(votes.userId, userId))).toBe(ids.length - 1);
  });

  test("a search is followed once, in its normalized form, until it is unfollowed; there is a limit", async () => {
    const { orm } = elsewhere;
    const userId = await newUser(elsewhere);
    const follow = (query: string) => followSearch(orm, { userId, query, now });
    expect(await follow("  hessian   spectrum ")).toBeUndefined();
    await Promise.all([follow("hessian spectrum"), follow("hessian spectrum")]);
    expect(await followed(orm, userId)).toEqual([{ query: "hessian spectrum", followedAt: now }]);
    expect(await isFollowed(orm, userId, "hessian spectrum")).toBe(true);
    const other = await newUser(elsewhere);
    await followSearch(orm, { userId: other, query: "hessian spectrum", now });
    expect(await isFollowed(orm, other, "hessian spectrum")).toBe(true);
    await unfollowSearch(orm, userId, "hessian spectrum");
    expect(await isFollowed(orm, other, "hessian spectrum")).toBe(true);
    expect(await isFollowed(orm, userId, "hessian spectrum")).toBe(false);
    expect(await follow(" \u200b ")).toBe("no query");
    expect(await follow("x".repeat(251))).toBe("long query");
    for (let i = 0; i < MOST_FOLLOWED; i++) expect(await follow(`query ${i}`)).toBeUndefined();
    expect(await follow("one more")).toBe("too many");
    expect(await follow("query 7")).toBeUndefined();
  });
});
