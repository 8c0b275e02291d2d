import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { papers, users, votes } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { untilWaiting } from "../database/until-waiting-testing.ts";
import { findDifferences } from "../jobs/check-counts.ts";
import { deleteAccount } from "./account.ts";
import { castVote } from "./votes.ts";

const key = Buffer.alloc(32, 7);
const now = new Date("2025-12-25T12:00:00Z");

/** Accounts that are old enough for their votes to weigh. */
async function accounts(orm: Orm, count: number): Promise<string[]> {
  const made = new Date("2025-12-01T00:00:00Z");
  const rows = await orm
    .insert(users)
    .values(
      Array.from({ length: count }, () => {
        const name = crypto.randomUUID();
        const hash = new TextEncoder().encode(name);
        return {
          email: `${name}@readers.example`,
          emailCanonicalHmac: hash,
          confirmedAt: made,
          createdAt: made,
        };
      }),
    )
    .returning({ id: users.id });
  return rows.map(({ id }) => id);
}

const paperIds = async (orm: Orm) =>
  (await orm.select({ id: papers.id }).from(papers).orderBy(asc(papers.id))).map(({ id }) => id);

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let ids: number[];
  beforeAll(async () => {
    database = await openSeeded(open);
    orm = database.orm;
    ids = await paperIds(orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    for (const { id } of await orm.select({ id: users.id }).from(users)) await deleteAccount(orm, id, key);
  });

  /** Accounts and votes that are left, and the papers whose counts are not those of their votes. */
  const left = async () => [
    await orm.$count(users),
    await orm.$count(votes),
    await findDifferences(orm),
    await orm.$count(papers, eq(papers.votesCount, 0)),
  ];

  test("votes of accounts that are deleted at the same time leave no count behind", async () => {
    const readers = await accounts(orm, 12);
    for (const userId of readers.slice(0, 6)) await castVote(orm, { paperId: ids[0], userId }, { now });
    await Promise.all(
      readers.flatMap((userId, i) => [
        ...ids.slice(0, 4).map((paperId) => castVote(orm, { paperId, userId }, { now })),
        deleteAccount(orm, userId, key),
        castVote(orm, { paperId: ids[4 + (i % 4)], userId }, { now }),
      ]),
    );
    expect(await left()).toEqual([0, 0, [], ids.length]);
  });

  // The embedded database does one transaction after the other.
  describe.skipIf(open === engines[0][1])("with several connections", () => {
    test("a vote under way is withdrawn by the deletion of its account", async () => {
      const [userId] = await accounts(orm, 1);
      const [known, other] = ids;
      await castVote(orm, { paperId: known, userId }, { now });
      let deletion: Promise<void> | undefined;
      await orm.transaction(async (vote) => {
        await castVote(vote, { paperId: other, userId }, { now });
        deletion = deleteAccount(orm, userId, key);
        await untilWaiting(orm, 1);
        // What the deletion will lock next.
        await castVote(vote, { paperId: known, userId }, { now });
      });
      await deletion;
      expect(await left()).toEqual([0, 0, [], ids.length]);
    });

    test("a vote that comes during the deletion of its account is none", async () => {
      const [userId] = await accounts(orm, 1);
      const [known, other] = ids;
      await castVote(orm, { paperId: known, userId }, { now });
      let vote: ReturnType<typeof castVote> | undefined;
      await orm.transaction(async (deletion) => {
        await deleteAccount(deletion, userId, key);
        vote = castVote(orm, { paperId: other, userId }, { now });
        await untilWaiting(orm, 1);
      });
      expect(await vote).toBeUndefined();
      expect(await left()).toEqual([0, 0, [], ids.length]);
    });
  });
});
