import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { paperAuthors, papers, users, votes } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { openFlags } from "../moderation/flags.ts";
import { hotOf } from "../papers/ranking.ts";
import { castVote } from "../people/votes.ts";
import { checkCountsJob, findDifferences } from "./check-counts.ts";

const NOW = new Date("2025-12-25T12:00:00Z");
const { signal } = new AbortController();

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    database = await openSeeded(open);
    ({ orm } = database);
  });
  afterAll(() => database?.close());
  const check = () => checkCountsJob(orm, { now: () => NOW }).run(signal);
  const stored = async (arxivId: string) =>
    (await orm.select().from(papers).where(eq(papers.arxivId, arxivId)))[0];

  test("counts and scores as votes leave them are right, and nothing is flagged", async () => {
    const [old, young] = await orm
      .insert(users)
      .values(
        [48, 1].map((hours) => ({
          email: `${hours}@readers.example`,
          emailCanonicalHmac: new Uint8Array(32).fill(hours),
          confirmedAt: NOW,
          createdAt: new Date(NOW.getTime() - hours * 3_600_000),
        })),
      )
      .returning({ id: users.id });
    const ids = await orm.select({ id: papers.id }).from(papers);
    for (const { id: paperId } of ids)
      for (const { id: userId } of [old, young]) await castVote(orm, { paperId, userId }, { now: NOW });
    // One that is only indexed has votes and no score.
    await orm
      .update(papers)
      .set({ featuredAt: null, hot: null, lane: null })
      .where(eq(papers.arxivId, "1712.08859"));
    expect(await findDifferences(orm)).toEqual([]);
    await check();
    expect(await openFlags(orm)).toEqual([]);
  });

  test("what differs is corrected as far as votes tell, logged and flagged by name, once", async () => {
    const lines = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const [first, second, third] = ["1806.07572", "2412.08424", "2206.01254"];
    await orm.update(papers).set({ votesCount: 7 }).where(eq(papers.arxivId, first));
    await orm.update(papers).set({ hot: 1e4 }).where(eq(papers.arxivId, second));
    const { id, authorsCount } = await stored(third);
    await orm.insert(paperAuthors).values({ paperId: id, position: authorsCount + 1, name: "A Ghost" });
    expect(await findDifferences(orm)).toMatchObject([
      { arxivId: first, votes: true, authors: false },
      { arxivId: third, votes: false, authors: true },
      { arxivId: second, votes: true, authors: false },
    ]);
    for (let i = 0; i < 2; i++) await check();
    lines.mockRestore();
    expect((await stored(first)).votesCount).toBe(2);
    const { featuredAt, hot, id: paperId } = await stored(second);
    const cast = await orm.select().from(votes).where(eq(votes.paperId, paperId));
    const wanted =
      featuredAt &&
      hotOf(
        featuredAt,
        cast.map(({ votedAt: at, weight }) => ({ at, weight })),
      );
    expect(hot).toBeCloseTo(wanted ?? Number.NaN, 9);
    // Which authors are right is not for a machine to say.
    expect(await findDifferences(orm)).toMatchObject([{ arxivId: third, votes: false, authors: true }]);
    const [flag, ...others] = await openFlags(orm);
    expect(others).toEqual([]);
    expect(flag.summary).toContain(`The stored number of authors of 1 paper (arXiv ${third})`);
  });
});
