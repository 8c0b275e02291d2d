// What a browser or a program still asks for when its account was deleted after it signed in.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { apiTokens, followedSearches, papers, readingMarks, votes } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { makeAccessToken } from "./access-tokens.ts";
import { followSearch } from "./follows.ts";
import { changeMark, mergeMarks } from "./reading-marks.ts";
import { requestVote } from "./vote-requests.ts";

const now = new Date("2025-12-25T12:00:00Z");
const arxivId = "2412.08424";
const userId = "0b5d8f6e-5a4c-4c39-9e55-2f6f3a1f7c10";

describe.each(engines)("on %s, nothing is kept, and nothing fails:", (_, open) => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    database = await openSeeded(open);
    ({ orm } = database);
  });
  afterAll(() => database?.close());

  test("an access token", async () => {
    expect(await makeAccessToken(orm, { userId, name: "laptop", scopes: ["votes"] })).toBe("no account");
    expect(await orm.$count(apiTokens)).toBe(0);
  });

  test("a search that is followed", async () => {
    expect(await followSearch(orm, { userId, query: "hessian", now })).toBe("no account");
    expect(await orm.$count(followedSearches)).toBe(0);
  });

  test("marks, set or brought", async () => {
    for (const set of [true, false])
      expect(await changeMark(orm, { userId, arxivId, mark: "saved", set, now })).toBe(true);
    await mergeMarks(orm, userId, { saved: [{ arxivId, savedAt: now.toISOString() }], read: [] }, now);
    expect(await orm.$count(readingMarks)).toBe(0);
  });

  test("a vote", async () => {
    expect(await requestVote(orm, { arxivId, userId, cast: true, now })).toBeUndefined();
    expect([await orm.$count(votes), (await orm.select().from(papers))[0].votesCount]).toEqual([0, 0]);
  });
});
