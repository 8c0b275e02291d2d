import { asc } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { mailEvents, subscriptions, suppressions } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import {
  type DeliveryReport,
  isSuppressed,
  liftSuppression,
  noteReport,
  purgeReports,
  suppressedRecipients,
} from "./suppressions.ts";

const DAY = 86_400_000;
const start = new Date("2025-12-25T12:00:00Z");
const [ada, bob] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    for (const table of [subscriptions, suppressions, mailEvents]) await database.orm.delete(table);
  });

  const report = (hash: Uint8Array, more: Partial<DeliveryReport> = {}, at = start) =>
    noteReport(database.orm, { hash, kind: "permanent", status: "5.2.2", ...more }, at);
  const bothSuppressed = async () => [
    await isSuppressed(database.orm, ada),
    await isSuppressed(database.orm, bob),
  ];

  test("an address that gets mail again begins anew, and no other does", async () => {
    for (const hash of [ada, bob]) for (let i = 0; i < 2; i++) await report(hash);
    expect(await bothSuppressed()).toEqual([true, true]);
    await liftSuppression(database.orm, ada);
    expect(await bothSuppressed()).toEqual([false, true]);
    // What was reported before counts no longer: its next failure is the first of two.
    expect([await report(ada), await report(ada)]).toEqual([false, true]);
  });

  test("failures of another address do not count", async () => {
    expect([await report(ada), await report(bob), await report(ada)]).toEqual([false, false, true]);
    for (let day = 0; day < 4; day++)
      await report(bob, { kind: "transient" }, new Date(start.getTime() + day * DAY));
    expect(await bothSuppressed()).toEqual([true, false]);
  });

  test.each(["5.1.7", "5.1.8", "5.7.1"])("%s is about the sender: one does not end mail", async (status) => {
    expect(await report(ada, { status, ofRecipient: true })).toBe(false);
    expect(await bothSuppressed()).toEqual([false, false]);
  });

  test("reports are forgotten after 90 days, and what they led to stays", async () => {
    await report(ada, { status: "5.1.1" });
    await report(bob);
    const after = (milliseconds: number) => new Date(start.getTime() + 90 * DAY + milliseconds);
    await purgeReports(database.orm, after(0));
    expect(await database.orm.$count(mailEvents)).toBe(2);
    await purgeReports(database.orm, after(1));
    expect(await database.orm.$count(mailEvents)).toBe(0);
    expect(await bothSuppressed()).toEqual([true, false]);
    // Bob's failure of long ago is none of two.
    expect(await report(bob, {}, after(1))).toBe(false);
  });

  test("a bounce ends subscriptions that wait or run, at its own time, and no other", async () => {
    const subscription = (emailHmac: Uint8Array, status: "pending" | "active" | "unsubscribed") => ({
      ...{ email: "reader@example.org", emailHmac, origin: "https://papers.example.org", status },
      ...{ ...usualChoices, topics: [], keywords: [], nextDueAt: start },
    });
    const carol = new Uint8Array(32).fill(3);
    await database.orm
      .insert(subscriptions)
      .values([
        subscription(ada, "active"),
        subscription(bob, "pending"),
        subscription(carol, "unsubscribed"),
        subscription(new Uint8Array(32).fill(4), "active"),
      ]);
    const later = new Date(start.getTime() + DAY);
    for (const hash of [ada, bob, carol]) await report(hash, { status: "5.1.1" }, later);
    const rows = await database.orm.select().from(subscriptions).orderBy(asc(subscriptions.emailHmac));
    expect(rows.map(({ status, endedAt, nextDueAt }) => [status, endedAt, nextDueAt])).toEqual([
      ["suppressed", later, null],
      ["suppressed", later, null],
      ["unsubscribed", null, start],
      ["active", null, start],
    ]);
  });

  test("of some recipients those are told that get no mail", async () => {
    const hashes = new Map([
      ["ada@example.org", ada],
      ["bob@example.org", bob],
    ]);
    const stopped = (...recipients: string[]) =>
      suppressedRecipients(database.orm, recipients, (to) => hashes.get(to) ?? new Uint8Array(32));
    await report(bob, { kind: "complaint" });
    expect(await stopped("ada@example.org", "bob@example.org", "c@example.org")).toEqual(
      new Set(["bob@example.org"]),
    );
    expect(await stopped()).toEqual(new Set());
  });
});
