import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { papers, readingMarks, users } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { ownMarks } from "./own-marks.ts";
import { changeMark, exportMarks, mergeMarks, savedPapers } from "./reading-marks.ts";
import { requestVote } from "./vote-requests.ts";

const now = new Date("2025-12-25T12:00:00Z");
const later = new Date("2025-12-25T13:00:00Z");
const [A, B, C] = ["2412.08424", "1806.07572", "2506.13710"];

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open);
  });
  afterAll(() => database?.close());

  async function newUser(): Promise<string> {
    const name = crypto.randomUUID();
    const [{ id }] = await database.orm
      .insert(users)
      .values({ email: `${name}@readers.example`, emailCanonicalHmac: new TextEncoder().encode(name) })
      .returning({ id: users.id });
    return id;
  }

  test("marks are set and taken away apart, keep their first time, and leave nothing behind", async () => {
    const { orm } = database;
    const userId = await newUser();
    const change = (mark: "saved" | "read", set: boolean, at = now) =>
      changeMark(orm, { userId, arxivId: A, mark, set, now: at });
    expect(await change("saved", true)).toBe(true);
    await change("read", true);
    await change("saved", true, later);
    const at = now.toISOString();
    expect(await exportMarks(orm, userId)).toEqual({
      saved: [{ arxivId: A, savedAt: at }],
      read: [{ arxivId: A, readAt: at }],
    });
    expect(await ownMarks(orm, userId, [A, B])).toEqual({ voted: [], saved: [A], read: [A] });
    expect(await ownMarks(orm, await newUser(), [A, B])).toEqual({ voted: [], saved: [], read: [] });
    await change("saved", false);
    await change("saved", false);
    expect(await ownMarks(orm, userId, [A])).toEqual({ voted: [], saved: [], read: [A] });
    await change("read", false);
    expect(await orm.$count(readingMarks)).toBe(0);
    await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, C));
    for (const arxivId of ["2501.99999", C])
      expect(await changeMark(orm, { userId, arxivId, mark: "read", set: true, now })).toBe(false);
    await orm.update(papers).set({ hidden: false }).where(eq(papers.arxivId, C));
  });

  test("marks of a browser are added to those of the account, as often as they are sent", async () => {
    const { orm } = database;
    const userId = await newUser();
    await changeMark(orm, { userId, arxivId: A, mark: "saved", set: true, now });
    const marks = {
      saved: [
        { arxivId: A, savedAt: later.toISOString() },
        { arxivId: B, savedAt: "2025-12-24T00:00:00Z" },
        { arxivId: C, savedAt: "2999-01-01T00:00:00Z" },
        { arxivId: "2501.99999", savedAt: now.toISOString() },
      ],
      read: [{ arxivId: B }, { arxivId: B }],
    };
    for (let i = 0; i < 2; i++) await mergeMarks(orm, userId, marks, later);
    const saved = await savedPapers(orm, userId);
    expect(saved.map(({ arxivId, savedAt, read }) => [arxivId, savedAt, read])).toEqual([
      [C, later.toISOString(), false],
      [A, now.toISOString(), false],
      [B, "2025-12-24T00:00:00.000Z", true],
    ]);
    expect(saved[2]).toMatchObject({
      title: expect.stringContaining("Neural Tangent Kernel"),
      published: "Jun 20, 2018",
    });
  });

  test("accounts have marks of their own, and papers that are only read are not listed as saved", async () => {
    const { orm } = database;
    const [one, other] = [await newUser(), await newUser()];
    for (const userId of [one, other]) {
      await changeMark(orm, { userId, arxivId: A, mark: "saved", set: true, now });
      await changeMark(orm, { userId, arxivId: B, mark: "read", set: true, now });
    }
    await mergeMarks(orm, one, { saved: [], read: [{ arxivId: B, readAt: later.toISOString() }] }, later);
    await changeMark(orm, { userId: one, arxivId: A, mark: "saved", set: false, now });
    const read = [{ arxivId: B, readAt: now.toISOString() }];
    expect(await exportMarks(orm, one)).toEqual({ saved: [], read });
    expect(await savedPapers(orm, one)).toEqual([]);
    expect(await exportMarks(orm, other)).toEqual({
      saved: [{ arxivId: A, savedAt: now.toISOString() }],
      read,
    });
    expect((await savedPapers(orm, other)).map(({ arxivId }) => arxivId)).toEqual([A]);
    await requestVote(orm, { arxivId: A, userId: other, cast: true, now });
    expect(await ownMarks(orm, one, [A, B])).toEqual({ voted: [], saved: [], read: [B] });
    expect(await ownMarks(orm, other, [A, B])).toEqual({ voted: [A], saved: [A], read: [B] });
  });

  test("a saved paper that is hidden is not listed, and no browser brings a mark of it", async () => {
    const { orm } = database;
    const [before, meanwhile] = [await newUser(), await newUser()];
    const saved = [A, B].map((arxivId) => ({ arxivId, savedAt: now.toISOString() }));
    const listed = async (userId: string) => (await savedPapers(orm, userId)).map(({ arxivId }) => arxivId);
    await mergeMarks(orm, before, { saved, read: [] }, now);
    await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, B));
    await mergeMarks(orm, meanwhile, { saved, read: [] }, now);
    expect([await listed(before), await listed(meanwhile)]).toEqual([[A], [A]]);
    await orm.update(papers).set({ hidden: false }).where(eq(papers.arxivId, B));
    expect([(await listed(before)).sort(), await listed(meanwhile)]).toEqual([[B, A].sort(), [A]]);
  });
});
