import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { incomingMail, leaveIncomingMail } from "@gradus/database/incoming-mail";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { mailEvents, mailReturns, subscriptions, suppressions } from "../../database/schema/index.ts";
import { engines } from "../../database/testing.ts";
import { usualChoices } from "../../subscriptions/choices.ts";
import { unsubscribe } from "../../subscriptions/preferences.ts";
import { returnAddresses } from "../return-addresses.ts";
import { noteRecipient, purgeReturnPaths } from "../return-paths.ts";
import { isSuppressed } from "../suppressions.ts";
import { incomingJob } from "./job.ts";
import { answerPostedMail } from "./posted.ts";
import { takeIncomingMail } from "./take.ts";
import { complaint, message, statusNotification } from "./testing.ts";

const DAY = 86_400_000;
const start = Date.parse("2025-12-25T12:00:00Z");
const addresses = returnAddresses(
  { GRADUS_MAIL_INCOMING: "bounce@papers.example.org" } as NodeJS.ProcessEnv,
  "papers.example.org",
);
const [ada, bob] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const { signal } = new AbortController();
const noMailbox = [{ Action: "failed", Status: "5.1.1" }];
const full = [{ Action: "failed", Status: "4.2.2" }];

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let now: number;
  /** Ada's subscription. */
  let own: string;
  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    const { orm } = database;
    for (const table of [subscriptions, suppressions, mailEvents, mailReturns]) await orm.delete(table);
    now = start;
    const [row] = await orm
      .insert(subscriptions)
      .values({
        ...{
          email: "ada@example.com",
          emailHmac: ada,
          origin: "https://papers.example.org",
          status: "active",
        },
        ...{ ...usualChoices, topics: [], keywords: [] },
      })
      .returning({ id: subscriptions.id });
    own = row.id;
  });

  const settings = { addresses, unsubscribe, now: () => new Date(now) };
  const take = (raw: Uint8Array) => takeIncomingMail(database.orm, raw, settings);
  const status = async () => (await database.orm.select().from(subscriptions))[0].status;
  /** All that a message could have changed. */
  const everything = async () => {
    const { orm } = database;
    const tables = [subscriptions, suppressions, mailEvents, mailReturns];
    return JSON.stringify(await Promise.all(tables.map((table) => orm.select().from(table))));
  };

  test("a mailbox that does not exist gets no more mail, at once", async () => {
    expect(await take(statusNotification(addresses.ofSubscription(own), noMailbox))).toBe("suppressed");
    expect([await status(), await isSuppressed(database.orm, ada)]).toEqual(["suppressed", true]);
  });

  test("a sign-in link that comes back ends mail to its address, for 30 days after it was sent", async () => {
    await noteRecipient(database.orm, 7, bob, new Date(now));
    const bounce = statusNotification(addresses.ofMessage(7), noMailbox);
    await purgeReturnPaths(database.orm, new Date(now + 30 * DAY));
    expect(await take(bounce)).toBe("suppressed");
    expect([await isSuppressed(database.orm, bob), await status()]).toEqual([true, "active"]);
    await purgeReturnPaths(database.orm, new Date(now + 30 * DAY + 1));
    await expect(take(bounce)).rejects.toMatchObject({ code: "unknown" });
  });

  test("failures that may pass count once a day and end mail on the fifth; a report that comes twice counts once", async () => {
    const outcomes: string[] = [];
    for (let i = 0; i < 10; i++) {
      // Two reports each day, each of which comes twice.
      now = start + Math.floor(i / 2) * DAY;
      const fields = { "Message-ID": `<${i}@mx.example.net>` };
      const bounce = statusNotification(addresses.ofSubscription(own), full, fields);
      for (let again = 0; again < 2; again++) outcomes.push(await take(bounce));
    }
    expect(outcomes).toEqual([...Array(16).fill("noted"), ...Array(4).fill("suppressed")]);
    expect(await database.orm.$count(mailEvents)).toBe(10);
  });

  test("trouble with the sender's own address or standing ends mail only when it comes again", async () => {
    const bounce = (i: number, code: string) =>
      statusNotification(addresses.ofSubscription(own), [{ Action: "failed", Status: code }], {
        "Message-ID": `<${i}@mx>`,
      });
    expect(await take(bounce(1, "5.1.8"))).toBe("noted");
    expect(await take(bounce(2, "5.7.1"))).toBe("suppressed");
  });

  test("a complaint unsubscribes and suppresses, found by the sender that it notes", async () => {
    const mailFrom = addresses.ofSubscription(own);
    expect(await take(complaint("abuse@papers.example.org", { mailFrom, type: "not-spam" }))).toBe("ignored");
    expect(await take(complaint("abuse@papers.example.org", { returnPath: mailFrom }))).toBe("suppressed");
    const [{ reason }] = await database.orm.select().from(suppressions);
    expect([await status(), reason]).toEqual(["suppressed", "complaint"]);
  });

  test("a mailed request unsubscribes, twice as well as once", async () => {
    const request = message(
      {
        From: "Ada <ada@elsewhere.example>",
        To: `<${addresses.toUnsubscribe(own)}>`,
        Subject: "unsubscribe",
      },
      "",
    );
    for (let i = 0; i < 2; i++) expect(await take(request)).toBe("unsubscribed");
    expect([await status(), await isSuppressed(database.orm, ada)]).toEqual(["unsubscribed", false]);
  });

  const forged = addresses.ofSubscription("0b5d2f6e-93a1-4c6f-8a55-0f6f3a2b1c4d").replace("0b5d", "0b5e");
  test.each([
    ["forged", () => statusNotification(forged, noMailbox)],
    [
      "no_token",
      () =>
        statusNotification("bounce@papers.example.org", [
          { ...noMailbox[0], "Original-Recipient": `rfc822;${addresses.ofSubscription(own)}` },
        ]),
    ],
    [
      "unknown",
      () => statusNotification(addresses.ofSubscription("0b5d2f6e-93a1-4c6f-8a55-0f6f3a2b1c4d"), noMailbox),
    ],
    ["unknown", () => statusNotification(addresses.ofMessage(12), noMailbox)],
    [
      "not_a_report",
      () => message({ From: "ada@example.com", To: addresses.ofSubscription(own) }, "550 5.1.1"),
    ],
    ["malformed", () => Buffer.from("550 5.1.1 no such user")],
    [
      "too_large",
      () =>
        Buffer.concat([
          statusNotification(addresses.ofSubscription(own), noMailbox),
          Buffer.alloc(400 * 1024, "x\n"),
        ]),
    ],
  ])("refused as %s, a message changes nothing", async (code, raw) => {
    const before = await everything();
    await expect(take(raw())).rejects.toMatchObject({ name: "IncomingMailError", code });
    expect(await everything()).toBe(before);
  });

  test("messages in the data folder are read in their order and taken away, those that are refused too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gradus-incoming-"));
    try {
      leaveIncomingMail(folder, Buffer.from("nothing"), new Date(1));
      leaveIncomingMail(folder, statusNotification(addresses.ofSubscription(own), noMailbox), new Date(2));
      const failing = incomingJob(database.orm, folder, {
        ...settings,
        now() {
          throw new Error("the database is gone");
        },
      });
      await expect(failing.run(signal)).rejects.toThrow("the database is gone");
      expect(incomingMail(folder)).toHaveLength(1);
      await incomingJob(database.orm, folder, settings).run(signal);
      expect([incomingMail(folder), await status()]).toEqual([[], "suppressed"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const secret = "s".repeat(24);
  const post = async (
    body: Uint8Array,
    { signature, ...more }: { signature?: string; secret?: string } = {},
  ) => {
    const own = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const request = new Request("https://papers.example.org/hooks/bounce", {
      ...{ method: "POST", body: new Uint8Array(body) },
      headers: { "x-gradus-signature": signature ?? own },
    });
    const answer = await answerPostedMail(database.orm, request, { ...settings, secret, ...more });
    return [answer.status, await answer.json()];
  };

  test("a mail server posts messages that it signs; any other request changes nothing", async () => {
    const bounce = statusNotification(addresses.ofSubscription(own), noMailbox);
    const before = await everything();
    const unsigned = { error: { code: "unauthorized" } };
    for (const signature of ["", "sha256=", `sha256=${"0".repeat(64)}`, secret])
      expect(await post(bounce, { signature })).toMatchObject([401, unsigned]);
    expect(await post(bounce, { secret: undefined })).toMatchObject([404, { error: { code: "not_found" } }]);
    expect(await post(Buffer.alloc(400 * 1024 + 1))).toMatchObject([413, { error: { code: "too_large" } }]);
    expect(await post(statusNotification(forged, noMailbox))).toMatchObject([
      422,
      { error: { code: "forged" } },
    ]);
    expect(await everything()).toBe(before);
    expect(await post(bounce)).toEqual([200, { outcome: "suppressed" }]);
  });
});
