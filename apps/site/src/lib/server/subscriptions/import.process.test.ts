import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import {
  mailOutbox,
  type SubscriptionChoices,
  subscriptionRequests,
  subscriptions,
  users,
} from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { exportAccount } from "../people/account.ts";
import { addressHash } from "../people/address.ts";
import { parseExport } from "../people/import-account.ts";
import { confirmationMail } from "./confirmation.ts";
import { importSubscription } from "./import.ts";
import { confirmSubscription, subscriptionJob } from "./subscribe.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const ORIGIN = "https://elsewhere.example.org";
const ADA = "ada@gmail.com";
const [thisKey, otherKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const choices: SubscriptionChoices = {
  cadence: "weekly",
  weekday: 5,
  hour: 6,
  tz: "Europe/Berlin",
  topics: ["convex"],
  keywords: ['"mirror descent"'],
  minVotes: 2,
  maxItems: 7,
};

describe.each(engines)("on %s", (_, open) => {
  let here: Database;
  let elsewhere: Database;
  let orm: Orm;
  let exported: readonly unknown[];

  const newUser = async (database: Database, email: string, key: Buffer): Promise<string> => {
    const values = { email, emailCanonicalHmac: addressHash(email, key), confirmedAt: NOW, createdAt: NOW };
    const [{ id }] = await database.orm.insert(users).values(values).returning({ id: users.id });
    return id;
  };

  beforeAll(async () => {
    [here, elsewhere] = [await open(), await open()];
    ({ orm } = elsewhere);
    await migrate(here.orm);
    await migrate(orm);
    const from = await newUser(here, ADA, thisKey);
    // By a spelling with a tag, which reaches the same mailbox.
    const email = "ada+papers@gmail.com";
    await here.orm.insert(subscriptions).values({
      ...choices,
      ...{ topics: ["convex"], keywords: ['"mirror descent"'] },
      ...{ email, emailHmac: addressHash(email, thisKey), origin: "https://here.example.org" },
      ...{ status: "active", confirmedAt: NOW },
    });
    exported = parseExport(JSON.stringify(await exportAccount(here.orm, from)))?.subscriptions ?? [];
  });
  afterAll(async () => {
    await here?.close();
    await elsewhere?.close();
  });
  beforeEach(async () => {
    for (const table of [mailOutbox, subscriptions, subscriptionRequests, users]) await orm.delete(table);
  });

  const bring = (userId: string, what = exported) =>
    importSubscription(orm, {
      ...{ userId, exported: what, key: otherKey, network: "192.0.2.7", origin: ORIGIN, now: NOW },
    });
  const work = () =>
    subscriptionJob(orm, { now: () => NOW, key: otherKey, follow: async () => {} }).run(
      new AbortController().signal,
    );

  test("an exported subscription is pending, and its owner is mailed and confirms", async () => {
    const to = await newUser(elsewhere, ADA, otherKey);
    expect(exported).toHaveLength(1);
    expect(await bring(to)).toBe(true);
    await work();
    const [pending] = await orm.select().from(subscriptions);
    expect(pending).toMatchObject({
      ...{ status: "pending", email: "ada+papers@gmail.com", cadence: "weekly", weekday: 5, hour: 6 },
      ...{
        tz: "Europe/Berlin",
        topics: ["convex"],
        keywords: ['"mirror descent"'],
        minVotes: 2,
        maxItems: 7,
      },
      ...{ confirmedAt: null, consent: null, nextDueAt: null },
    });
    const [mail] = await orm.select().from(mailOutbox);
    expect(mail).toMatchObject({ kind: "confirm", recipient: "ada+papers@gmail.com", state: "waiting" });
    const { details } = mail;
    if (!("consent" in details)) throw new Error("the message asks nobody to confirm");
    const message = await confirmationMail(orm, { now: () => NOW, domain: "elsewhere.example.org" }).compose({
      ...{ id: mail.id, recipient: mail.recipient, details },
    });
    const token = /elsewhere\.example\.org\/subscribe\/(\S+)/.exec(message?.text ?? "")?.[1] ?? "";
    expect(await confirmSubscription(orm, token, NOW)).toBe(pending.id);
    const [active] = await orm.select().from(subscriptions);
    expect(active).toMatchObject({
      ...{ status: "active", userId: to },
      consent: { text: "import-1", network: "192.0.2.0/24" },
      nextDueAt: new Date("2026-11-27T05:00:00Z"),
    });
    // It stays as it is when the file is imported again.
    expect(await bring(to)).toBe(false);
    expect(await orm.$count(subscriptionRequests)).toBe(0);
  });

  test("an account of another address gets the mail itself, whatever addresses a file has", async () => {
    const to = await newUser(elsewhere, "eve@example.org", otherKey);
    const [first] = exported;
    const file = [{ ...Object(first), email: "victim@example.org" }, first];
    expect(await bring(to, file)).toBe(true);
    await work();
    const mails = await orm.select({ recipient: mailOutbox.recipient }).from(mailOutbox);
    expect(mails).toEqual([{ recipient: "eve@example.org" }]);
  });

  test("what has ended, or is no subscription, is not imported", async () => {
    const to = await newUser(elsewhere, ADA, otherKey);
    const [first] = exported;
    for (const file of [
      [],
      [{ ...Object(first), status: "unsubscribed" }],
      [{ ...Object(first), hour: 25 }],
      [{ ...Object(first), tz: "Mars/Olympus" }],
      [null, 7, "x", []],
    ])
      expect(await bring(to, file)).toBe(false);
    expect(await bring(crypto.randomUUID())).toBe(false);
    expect(await orm.$count(subscriptionRequests)).toBe(0);
    expect(await orm.$count(users, eq(users.id, to))).toBe(1);
  });
});
