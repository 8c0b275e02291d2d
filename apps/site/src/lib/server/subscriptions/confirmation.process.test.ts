import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { subscriptions } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { MailError } from "../mail/transport.ts";
import { CONFIRM_HOURS } from "./confirmation.ts";
import { readSubscription } from "./preferences.ts";
import { confirmSubscription, purgeSubscriptions } from "./subscribe.ts";
import { DAY, HOUR, type MailedSite, openMailedSite, start, tokenIn } from "./testing/mailed-site.ts";

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

  test("what was never confirmed is forgotten after a week", async () => {
    await site.ask("ada@example.org");
    await purgeSubscriptions(site.orm, new Date(start + 7 * DAY - 1));
    expect(await site.orm.$count(subscriptions)).toBe(1);
    await purgeSubscriptions(site.orm, new Date(start + 7 * DAY + 1));
    expect(await site.orm.$count(subscriptions)).toBe(0);
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
