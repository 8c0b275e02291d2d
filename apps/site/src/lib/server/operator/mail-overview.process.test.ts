import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import {
  auditLog,
  digestRuns,
  mailEvents,
  mailOutbox,
  subscriptions,
  suppressions,
  users,
} from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { isSuppressed, noteReport } from "../mail/suppressions.ts";
import { addressHash } from "../people/address.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import { allowMail, countRetryable, mailOverview, retryMail } from "./mail-overview.ts";

const HOUR = 3_600_000;
const now = new Date("2025-12-25T12:00:00Z");
const at = (hours: number) => new Date(now.getTime() + hours * HOUR);
const key = Buffer.alloc(32, 7);
const hashOf = (address: string) => addressHash(address, key);
const hexOf = (address: string) => Buffer.from(hashOf(address)).toString("hex");

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    for (const table of [mailOutbox, mailEvents, suppressions, subscriptions, auditLog, users])
      await database.orm.delete(table);
  });
  const overview = () => mailOverview(database.orm, { hashOf, now });

  type Row = Partial<typeof mailOutbox.$inferInsert>;
  async function message(name: string, row: Row): Promise<number> {
    const [{ id }] = await database.orm
      .insert(mailOutbox)
      .values({
        ...{
          recipient: `${name}@example.org`,
          kind: "sign-in",
          details: { origin: "https://x", returnTo: "/" },
        },
        ...{ nextAt: now, expiresAt: at(1), ...row },
      })
      .returning({ id: mailOutbox.id });
    return id;
  }
  async function subscribe(name: string): Promise<string> {
    const email = `${name}@example.org`;
    const [{ id }] = await database.orm
      .insert(subscriptions)
      .values({
        ...{ email, emailHmac: hashOf(email), origin: "https://x", status: "active" },
        ...{ ...usualChoices, topics: [], keywords: [] },
      })
      .returning({ id: subscriptions.id });
    return id;
  }

  test("an empty site has nothing to show", async () => {
    expect(await overview()).toEqual({
      ...{ waiting: 0, sentToday: 0, troubled: [], suppressed: [], suppressedCount: 0, bounces: [] },
      digests: { queued: 0, sent: 0, empty: 0, failed: 0, dropped: 0 },
    });
  });

  test("the queue counts what waits and what was sent today, and names the reasons of the rest", async () => {
    await message("a", {});
    await message("b", { state: "handed over" });
    await message("c", { state: "sent", endedAt: at(-11) });
    // Yesterday, in UTC.
    await message("d", { state: "sent", endedAt: at(-13) });
    await message("e", { state: "expired", endedAt: at(-1) });
    const failed = await message("f", { state: "failed", refusal: "5.7.1", endedAt: at(-1) });
    const cut = await message("g", {
      state: "unknown",
      refusal: "unknown",
      endedAt: at(-2),
      expiresAt: at(-1),
    });
    const full = await message("h", { refusal: "4.2.2", attempts: 2, nextAt: at(1) });
    const gone = await message("i", { state: "failed", refusal: "5.1.1", endedAt: at(-3) });
    await noteReport(
      database.orm,
      { hash: hashOf("i@example.org"), kind: "permanent", status: "5.1.1" },
      now,
    );
    const { waiting, sentToday, troubled } = await overview();
    expect([waiting, sentToday]).toEqual([3, 1]);
    const usual = { kind: "sign-in", attempts: 0, nextAt: undefined };
    expect(troubled).toEqual([
      {
        ...usual,
        id: full,
        address: "h•••@e•••.org",
        reason: "mailbox full (4.2.2)",
        attempts: 2,
        nextAt: at(1),
        endedAt: undefined,
        mayRetry: false,
      },
      {
        ...usual,
        id: failed,
        address: "f•••@e•••.org",
        reason: "rejected by a policy (5.7.1)",
        endedAt: at(-1),
        mayRetry: true,
      },
      {
        ...usual,
        id: cut,
        address: "g•••@e•••.org",
        reason: "connection lost before the answer",
        endedAt: at(-2),
        mayRetry: false,
      },
      {
        ...usual,
        id: gone,
        address: "i•••@e•••.org",
        reason: "no such mailbox (5.1.1)",
        endedAt: at(-3),
        mayRetry: false,
      },
    ]);
  });

  test("a message that was given up is sent again once, while it is of use", async () => {
    const failed = await message("f", { state: "failed", refusal: "5.7.1", attempts: 8, endedAt: at(-1) });
    const late = await message("l", { state: "failed", endedAt: at(-1), expiresAt: now });
    const sent = await message("s", { state: "sent", endedAt: at(-1) });
    const [{ id: actor }] = await database.orm
      .insert(users)
      .values({ email: "operator@example.org", emailCanonicalHmac: hashOf("operator@example.org") })
      .returning({ id: users.id });
    const retry = (id: number) => retryMail(database.orm, id, { actor, now });
    const retryable = () => countRetryable({ database, addressKey: key, now: () => now });
    expect(await retryable()).toBe(1);
    expect(await Promise.all([late, sent, failed + 1000].map(retry))).toEqual([false, false, false]);
    expect([await retry(failed), await retry(failed)]).toEqual([true, false]);
    expect(await retryable()).toBe(0);
    expect(await database.orm.select().from(auditLog)).toMatchObject([
      { actor, action: "mail.retry", subject: `message ${failed}`, actedAt: now },
    ]);
    const [row] = await database.orm.select().from(mailOutbox).where(eq(mailOutbox.id, failed));
    expect(row).toMatchObject({ state: "waiting", attempts: 0, endedAt: null });
  });

  test("suppressed addresses and bounces are masked, or only hashes where nothing else is kept", async () => {
    await subscribe("ada");
    const report = (name: string, kind: "permanent" | "complaint", status?: string, hours = 0) =>
      noteReport(database.orm, { hash: hashOf(`${name}@example.org`), kind, status }, at(hours));
    await report("ada", "permanent", "5.1.1", -2);
    await report("forgotten", "complaint", undefined, -1);
    const { suppressed, suppressedCount, bounces } = await overview();
    expect(suppressed).toEqual([
      { id: hexOf("forgotten@example.org"), address: undefined, reason: "complaint", at: at(-1) },
      { id: hexOf("ada@example.org"), address: "a•••@e•••.org", reason: "bounce", at: at(-2) },
    ]);
    expect(suppressedCount).toBe(2);
    expect(bounces).toEqual([
      { address: undefined, kind: "complaint", reason: "complaint", at: at(-1) },
      { address: "a•••@e•••.org", kind: "permanent", reason: "no such mailbox (5.1.1)", at: at(-2) },
    ]);
  });

  test("an operator allows mail again, which is noted without the address", async () => {
    const [{ id: actor }] = await database.orm
      .insert(users)
      .values({ email: "op@example.org", emailCanonicalHmac: hashOf("op@example.org") })
      .returning({ id: users.id });
    const hash = hashOf("ada@example.org");
    await noteReport(database.orm, { hash, kind: "complaint" }, now);
    const id = hexOf("ada@example.org");
    expect([
      await allowMail(database.orm, id, { actor, now }),
      await isSuppressed(database.orm, hash),
    ]).toEqual([...[true, false]]);
    expect(await allowMail(database.orm, id, { actor, now })).toBe(false);
    const noted = await database.orm.select().from(auditLog);
    expect(noted).toMatchObject([
      { actor, action: "suppression.lift", subject: `address ${id.slice(0, 12)}` },
    ]);
  });

  test("digests of the last day are counted by what became of them", async () => {
    const subscription = await subscribe("ada");
    for (const [i, [state, hours]] of (
      [
        ["sent", -1],
        ["sent", -23],
        ["empty", -2],
        ["failed", -3],
        ["sent", -25],
      ] as const
    ).entries())
      await database.orm.insert(digestRuns).values({
        ...{ subscriptionId: subscription, periodKey: String(i), since: at(-48), cutoff: at(hours), state },
        matched: 1,
      });
    expect((await overview()).digests).toEqual({ queued: 0, sent: 2, empty: 1, failed: 1, dropped: 0 });
  });
});
