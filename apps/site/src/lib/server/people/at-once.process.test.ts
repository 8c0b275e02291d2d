// What people do in the same instant, over several connections: one of them wins, and nobody gets an error.
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import {
  loginTokens,
  readingMarks,
  subscriptions,
  subscriptionTokens,
  users,
} from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { untilWaiting } from "../database/until-waiting-testing.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import { confirmSubscription } from "../subscriptions/subscribe.ts";
import { freshToken } from "../tokens.ts";
import { addressHash } from "./address.ts";
import { changeMark, exportMarks, mergeMarks } from "./reading-marks.ts";
import { redeemLink } from "./sign-in.ts";

const now = new Date("2025-12-25T12:00:00Z");
const key = Buffer.alloc(32, 7);
const origin = "https://papers.example.org";
const [A, B] = ["2412.08424", "1806.07572"];

// The embedded database does one transaction after the other.
const [, server] = engines;

describe.skipIf(!server)("on a Postgres server (skipped without GRADUS_TEST_DATABASE_URL)", () => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    const [, open] = server;
    database = await openSeeded(open);
    ({ orm } = database);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    for (const table of [users, subscriptions]) await orm.delete(table);
  });

  async function person(email: string, transaction = orm): Promise<string> {
    const [{ id }] = await transaction
      .insert(users)
      .values({ email, emailCanonicalHmac: addressHash(email, key), confirmedAt: now, createdAt: now })
      .returning({ id: users.id });
    return id;
  }

  /** Redeems a link to an address, which an account is to have where it changes one. */
  async function redeem(email: string, changes?: string) {
    const { token, hash } = freshToken();
    const expiresAt = new Date(now.getTime() + 60_000);
    await orm.insert(loginTokens).values({ tokenHash: hash, email, returnTo: "/papers", changes, expiresAt });
    return redeemLink(orm, { token, agent: "Firefox on Linux", session: undefined, origin, key, now });
  }

  /** Begins pieces of work while another transaction has what they wait for; then lets them go on. */
  async function atOnce<T>(first: (transaction: Orm) => Promise<unknown>, ...works: (() => Promise<T>)[]) {
    const running: Promise<T>[] = [];
    await orm.transaction(async (transaction) => {
      await first(transaction);
      for (const work of works) await untilWaiting(orm, running.push(work()));
    });
    return Promise.all(running);
  }
  const changeNoAccount = (transaction: Orm) => transaction.execute(sql`lock table users in share mode`);

  const addresses = async () =>
    (await orm.select({ email: users.email }).from(users)).map(({ email }) => email).sort();

  test("two accounts that confirm one new address: one has it, the other is told that it is taken", async () => {
    const [ada, bob] = [await person("ada@old.example"), await person("bob@old.example")];
    const answers = await atOnce(
      changeNoAccount,
      () => redeem("one@new.example", ada),
      () => redeem("one@new.example", bob),
    );
    expect(answers.filter((answer) => answer === "taken")).toHaveLength(1);
    expect(answers.filter((answer) => answer !== "taken")).toMatchObject([{ changed: true }]);
    const winner = answers[0] === "taken" ? "ada" : "bob";
    expect(await addresses()).toEqual([`${winner}@old.example`, "one@new.example"]);
  });

  test("an account that confirms an address at which somebody signs in for the first time", async () => {
    const ada = await person("ada@old.example");
    const answers = await atOnce(
      (transaction) => person("one@new.example", transaction),
      () => redeem("one@new.example", ada),
    );
    expect(answers).toEqual(["taken"]);
    expect(await addresses()).toEqual(["ada@old.example", "one@new.example"]);
  });

  test("a subscription that follows its account to an address that subscribes at that moment", async () => {
    const subscribe = (transaction: Orm, email: string, status: "pending" | "active") =>
      transaction.insert(subscriptions).values({
        ...{ email, emailHmac: addressHash(email, key), origin, status },
        ...{ ...usualChoices, topics: [], keywords: [] },
      });
    const ada = await person("ada@old.example");
    await subscribe(orm, "ada@old.example", "active");
    const answers = await atOnce(
      (transaction) => subscribe(transaction, "one@new.example", "pending"),
      () => redeem("one@new.example", ada),
    );
    expect(answers).toMatchObject([{ changed: true }]);
    const kept = await orm
      .select({ email: subscriptions.email, status: subscriptions.status })
      .from(subscriptions)
      .orderBy(asc(subscriptions.status));
    expect(kept).toEqual([
      { email: "one@new.example", status: "active" },
      { email: "one@new.example", status: "unsubscribed" },
    ]);
  });

  test("two links that confirm one subscription: one does, and the other is used up", async () => {
    const choices = { ...usualChoices, topics: [], keywords: [] };
    const [{ id }] = await orm
      .insert(subscriptions)
      .values({
        email: "ada@new.example",
        emailHmac: addressHash("ada@new.example", key),
        origin,
        ...choices,
      })
      .returning({ id: subscriptions.id });
    const consent = { at: now.toISOString(), network: "192.0.2.0/24", text: "subscribe-1" };
    const tokens = [freshToken(), freshToken()];
    for (const { hash } of tokens)
      await orm.insert(subscriptionTokens).values({
        ...{ tokenHash: hash, subscriptionId: id, purpose: "confirm" as const, choices, consent },
        expiresAt: new Date(now.getTime() + 60_000),
      });
    const answers = await atOnce(
      (transaction) => transaction.select().from(subscriptions).where(eq(subscriptions.id, id)).for("update"),
      ...tokens.map(
        ({ token }) =>
          () =>
            confirmSubscription(orm, token, now),
      ),
    );
    expect(answers).toEqual([id, undefined]);
  });

  test("somebody who takes both marks of a paper away leaves nothing behind", async () => {
    const userId = await person("ada@old.example");
    await orm.execute(sql`
      insert into reading_marks (user_id, paper_id, saved_at, read_at)
      select ${userId}::uuid, id, now(), now() from papers where arxiv_id = ${A}`);
    const unset = (mark: "saved" | "read") => () =>
      changeMark(orm, { userId, arxivId: A, mark, set: false, now });
    await atOnce(
      (transaction) => transaction.select().from(readingMarks).for("update"),
      unset("saved"),
      unset("read"),
    );
    expect(await orm.$count(readingMarks)).toBe(0);
  });

  test("two browsers bring the same marks in another order", async () => {
    const userId = await person("ada@old.example");
    // Of papers that are not here, so many that each of the two that are is written in a statement of its own.
    const unknown = Array.from({ length: 600 }, (_, i) => `1501.${String(i).padStart(5, "0")}`);
    const saved = (ids: readonly string[]) => ids.map((arxivId) => ({ arxivId, savedAt: now.toISOString() }));
    const bring = (ids: readonly string[]) => mergeMarks(orm, userId, { saved: saved(ids), read: [] }, now);
    await Promise.all([
      bring([A, ...unknown, B]),
      bring([B, ...unknown, A]),
      bring([A, ...unknown, B]),
      bring([B, ...unknown, A]),
    ]);
    expect((await exportMarks(orm, userId)).saved.map(({ arxivId }) => arxivId).sort()).toEqual(
      [B, A].sort(),
    );
  });
});
