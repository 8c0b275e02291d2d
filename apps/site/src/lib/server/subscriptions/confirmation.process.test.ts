import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mailOutbox, subscriptionRequests, subscriptions } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { MailError } from "../mail/transport.ts";
import { usualChoices } from "./choices.ts";
import { CONFIRM_HOURS } from "./confirmation.ts";
import { changeSubscription, forgetSubscription, readSubscription, unsubscribe } from "./preferences.ts";
import { confirmSubscription, purgeSubscriptions, requestSubscription } from "./subscribe.ts";
import { DAY, HOUR, type MailedSite, ORIGIN, openMailedSite, start, tokenIn } from "./testing/mailed-site.ts";

describe.each(engines)("on %s", (_, open) => {
  let site: MailedSite;
  beforeAll(async () => {
    site = await openMailedSite(open);
  });
  afterAll(() => site?.close());
  beforeEach(() => site.reset());

  test("nothing is sent before an address is confirmed, and a link confirms once, for 72 hours from its hand-over", async () => {
    site.react = () => new MailError("unreachable", undefined);
    await expect(site.ask("ada@example.org")).rejects.toThrow("unreachable");
    // Two days without a mail server.
    site.now += 47 * HOUR;
    site.react = () => undefined;
    await site.deliver();
    expect(site.taken.map(({ to }) => to)).toEqual(["ada@example.org"]);
    site.now += CONFIRM_HOURS * HOUR - 1;
    await site.tick();
    expect(site.taken).toHaveLength(1);
    const token = tokenIn(site.taken[0]);
    expect(await confirmSubscription(site.orm, "x".repeat(43), site.clock())).toBeUndefined();
    const id = await confirmSubscription(site.orm, token, site.clock());
    expect(await readSubscription(site.orm, id ?? "")).toMatchObject({
      status: "active",
      consent: { network: "192.0.2.0/24", text: "subscribe-1" },
    });
    expect(await confirmSubscription(site.orm, token, site.clock())).toBeUndefined();
    await site.ask("late@example.org");
    const late = tokenIn(site.taken.at(-1));
    site.now += CONFIRM_HOURS * HOUR;
    expect(await confirmSubscription(site.orm, late, site.clock())).toBeUndefined();
  });

  test("an address has one message in ten minutes, whether it is new, waits, gets mail or must get none", async () => {
    for (let i = 0; i < 3; i++) await site.ask("Ada@Example.org");
    expect(site.taken).toHaveLength(1);
    expect(await site.orm.$count(subscriptions)).toBe(1);
    expect(await confirmSubscription(site.orm, tokenIn(site.taken[0]), site.clock())).toBeTruthy();
    await site.orm.execute(sql`update mail_outbox set created_at = created_at - interval '11 minutes'`);
    // Somebody else's choices do not reach an active subscription without its owner.
    await site.ask("ada@example.org", { hour: 3, keywords: ["hessian"] });
    const [stored] = await site.orm.select().from(subscriptions);
    expect([stored.status, stored.hour, stored.keywords]).toEqual(["active", 7, []]);
    expect(site.taken.at(-1)?.text).toContain("asked to change what gradus");
    await confirmSubscription(site.orm, tokenIn(site.taken.at(-1)), site.clock());
    expect((await site.orm.select().from(subscriptions))[0]).toMatchObject({
      hour: 3,
      keywords: ["hessian"],
    });
  });

  test("asking again gives an earlier link no more time", async () => {
    await site.ask("ada@example.org");
    await site.orm.execute(sql`update mail_outbox set created_at = created_at - interval '11 minutes'`);
    site.now += (CONFIRM_HOURS - 1) * HOUR;
    await site.ask("ada@example.org");
    const [early, late] = site.taken.map(tokenIn);
    site.now += HOUR;
    expect(await confirmSubscription(site.orm, early, site.clock())).toBeUndefined();
    expect(await confirmSubscription(site.orm, late, site.clock())).toBeTruthy();
  });

  test("only what is active is changed", async () => {
    const change = async (id: string) =>
      changeSubscription(site.orm, id, { ...usualChoices, hour: 3 }, site.clock());
    await site.ask("ada@example.org");
    const [{ id }] = await site.orm.select().from(subscriptions);
    expect(await change(id)).toBe(false);
    expect(await readSubscription(site.orm, id)).toMatchObject({ hour: 7, nextDueAt: null });
    await confirmSubscription(site.orm, tokenIn(site.taken[0]), site.clock());
    expect(await change(id)).toBe(true);
    expect(await readSubscription(site.orm, id)).toMatchObject({
      hour: 3,
      nextDueAt: new Date("2025-12-26T03:00:00Z"),
    });
    await unsubscribe(site.orm, id, site.clock());
    expect(await change(id)).toBe(false);
    expect(await readSubscription(site.orm, id)).toMatchObject({ nextDueAt: null });
  });

  test("deleting takes requests and messages that wait, but for a link to sign in", async () => {
    const email = "ada@example.org";
    const id = await site.subscribe(email);
    const details = { origin: ORIGIN, returnTo: "/" };
    const expiresAt = new Date(start + DAY);
    await site.orm.insert(mailOutbox).values({ recipient: email, kind: "sign-in", details, expiresAt });
    for (const to of [email, "eve@example.org"])
      await requestSubscription(site.orm, {
        ...{ email: to, choices: usualChoices, network: "192.0.2.77", origin: ORIGIN, now: site.clock() },
      });
    await forgetSubscription(site.orm, id);
    expect((await site.orm.select().from(mailOutbox)).map(({ kind }) => kind)).toEqual(["sign-in"]);
    expect((await site.orm.select().from(subscriptionRequests)).map((one) => one.email)).toEqual([
      "eve@example.org",
    ]);
  });

  test("a link that waits in a mailbox does not bring back what was unsubscribed meanwhile", async () => {
    const id = await site.subscribe("ada@example.org");
    await site.orm.execute(sql`update mail_outbox set created_at = created_at - interval '11 minutes'`);
    await site.ask("ada@example.org", { hour: 3 });
    const change = tokenIn(site.taken.at(-1));
    expect(change).not.toBe("");
    await unsubscribe(site.orm, id, site.clock());
    expect(await confirmSubscription(site.orm, change, site.clock())).toBeUndefined();
    expect(await readSubscription(site.orm, id)).toMatchObject({ status: "unsubscribed", hour: 7 });
  });

  test("what was never confirmed is forgotten after a week", async () => {
    await site.ask("ada@example.org");
    await purgeSubscriptions(site.orm, new Date(start + 7 * DAY - 1));
    expect(await site.orm.$count(subscriptions)).toBe(1);
    await purgeSubscriptions(site.orm, new Date(start + 7 * DAY + 1));
    expect(await site.orm.$count(subscriptions)).toBe(0);
  });

  test("what has ended is forgotten after 90 days, and what is active never", async () => {
    const ended = await site.subscribe("ada@example.org");
    const active = await site.subscribe("eve@example.org");
    await unsubscribe(site.orm, ended, site.clock());
    await purgeSubscriptions(site.orm, new Date(start + 90 * DAY - 1));
    expect(await site.statusOf(ended)).toBe("unsubscribed");
    await purgeSubscriptions(site.orm, new Date(start + 90 * DAY + 1));
    expect(await site.statusOf(ended)).toBeUndefined();
    await purgeSubscriptions(site.orm, new Date(start + 900 * DAY));
    expect(await site.statusOf(active)).toBe("active");
  });

  test("whoever asks again on the last day of that week has 72 hours as everybody", async () => {
    await site.ask("ada@example.org");
    const past = sql`update mail_outbox set created_at = created_at - interval '7 days'`;
    await site.orm.execute(past);
    site.now = start + 7 * DAY - HOUR;
    await site.ask("ada@example.org");
    expect(site.taken).toHaveLength(2);
    site.now += CONFIRM_HOURS * HOUR - 1;
    await purgeSubscriptions(site.orm, site.clock());
    const id = await confirmSubscription(site.orm, tokenIn(site.taken[1]), site.clock());
    expect(await site.statusOf(id ?? "")).toBe("active");
    // Asking for changes is no new beginning of what is confirmed.
    const [{ createdAt }] = await site.orm.select().from(subscriptions);
    await site.orm.execute(past);
    site.now += DAY;
    await site.ask("ada@example.org", { hour: 3 });
    expect(await site.orm.select().from(subscriptions)).toMatchObject([{ createdAt }]);
  });
});
