import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import {
  claims,
  digestItems,
  digestRuns,
  mailOutbox,
  papers,
  type SubscriptionChoices,
  subscriptionRequests,
  subscriptions,
  subscriptionTokens,
  suppressions,
} from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { mailJob } from "../mail/outbox.ts";
import { returnAddresses } from "../mail/return-addresses.ts";
import { noteRefusal, noteReport, suppressedRecipients } from "../mail/suppressions.ts";
import { MailError, type MailMessage } from "../mail/transport.ts";
import { syncRegistry } from "../papers/sync-registry.ts";
import { addressHash } from "../people/address.ts";
import { moveSubscription } from "../people/move-subscription.ts";
import { indexPapers } from "../search/index-papers.ts";
import { storeTopics } from "../search/topics/store.ts";
import { usualChoices } from "./choices.ts";
import { CONFIRM_HOURS, confirmationMail } from "./confirmation.ts";
import { digestJob } from "./digest-job.ts";
import { digestMail } from "./digest-mail.ts";
import { subscriptionLinks } from "./links.ts";
import {
  changeSubscription,
  exportSubscription,
  forgetSubscription,
  maskedAddress,
  readSubscription,
  unsubscribe,
} from "./preferences.ts";
import {
  confirmSubscription,
  purgeSubscriptions,
  requestSubscription,
  subscriptionJob,
} from "./subscribe.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ORIGIN = "https://papers.example.org";
const DOMAIN = "papers.example.org";
const key = Buffer.alloc(32, 7);
const links = subscriptionLinks({} as NodeJS.ProcessEnv);
const addresses = returnAddresses({} as NodeJS.ProcessEnv, DOMAIN);
const { signal } = new AbortController();
const start = Date.parse("2025-12-25T12:00:00Z");

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let seeded: readonly Pick<typeof papers.$inferSelect, "arxivId" | "featuredAt">[];
  let now: number;
  let taken: MailMessage[];
  let react: (to: string) => MailError | undefined;
  beforeAll(async () => {
    database = await openSeeded(open, syncRegistry, storeTopics, (orm) => indexPapers(orm, { signal }));
    await database.orm.execute(sql`
      insert into paper_topics (paper_id, topic) select id, 'explanation' from papers where arxiv_id = '2206.01254'
      on conflict do nothing`);
    seeded = await database.orm
      .select({ arxivId: papers.arxivId, featuredAt: papers.featuredAt })
      .from(papers);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    const { orm } = database;
    for (const table of [subscriptions, subscriptionRequests, mailOutbox, suppressions])
      await orm.delete(table);
    for (const { arxivId, featuredAt } of seeded)
      await orm.update(papers).set({ featuredAt }).where(eq(papers.arxivId, arxivId));
    [now, taken, react] = [start, [], () => undefined];
  });

  const clock = () => new Date(now);
  const follow = async () => {};
  async function deliver() {
    const { orm } = database;
    const settings = { now: clock, domain: DOMAIN };
    const job = mailJob(orm, {
      now: clock,
      journal: { record() {}, has: () => false, clear() {}, close() {} },
      transport: {
        async send(message) {
          const error = react(message.to);
          if (error) throw error;
          taken.push(message);
        },
      },
      kinds: {
        "sign-in": { compose: async () => undefined },
        "address-changed": { compose: async () => undefined },
        confirm: confirmationMail(orm, settings),
        digest: digestMail(orm, { ...settings, links, addresses }),
      },
      returnPath: async (_within, { id }) => addresses.ofMessage(id),
      suppressed: (within, all) => suppressedRecipients(within, all, (to) => addressHash(to, key)),
      refused: (within, to, error) => noteRefusal(within, addressHash(to, key), error, clock()),
    });
    await job.run(signal);
  }
  async function tick() {
    await digestJob(database.orm, { now: clock, follow }).run(signal);
    await deliver();
  }
  async function ask(email: string, choices: Partial<SubscriptionChoices> = {}) {
    const network = "192.0.2.77";
    const request = {
      email,
      choices: { ...usualChoices, ...choices },
      network,
      origin: ORIGIN,
      now: clock(),
    };
    await requestSubscription(database.orm, request);
    await subscriptionJob(database.orm, { now: clock, key, follow }).run(signal);
    await deliver();
  }
  const tokenIn = (message?: MailMessage) =>
    /\/subscribe\/([\w-]{43})\n/.exec(message?.text ?? "")?.[1] ?? "";
  async function subscribe(email: string, choices: Partial<SubscriptionChoices> = {}): Promise<string> {
    await ask(email, choices);
    return (await confirmSubscription(database.orm, tokenIn(taken.pop()), clock())) ?? "";
  }
  /** Features a paper at an instant. */
  const feature = (arxivId: string, at: number) =>
    database.orm
      .update(papers)
      .set({ featuredAt: new Date(at) })
      .where(eq(papers.arxivId, arxivId));
  const papersIn = (text: string) => [...text.matchAll(/\/papers\/(\d{4}\.\d{4,5})/g)].map(([, id]) => id);
  const statusOf = async (id: string) => (await readSubscription(database.orm, id))?.status;

  test("nothing is sent before an address is confirmed, and a link confirms once, for 72 hours from its hand-over", async () => {
    react = () => new MailError("unreachable", undefined);
    await expect(ask("ada@example.org")).rejects.toThrow("unreachable");
    // Two days without a mail server.
    now += 47 * HOUR;
    react = () => undefined;
    await deliver();
    expect(taken.map(({ to }) => to)).toEqual(["ada@example.org"]);
    now += CONFIRM_HOURS * HOUR - 1;
    await tick();
    expect(taken).toHaveLength(1);
    const token = tokenIn(taken[0]);
    expect(await confirmSubscription(database.orm, "x".repeat(43), clock())).toBeUndefined();
    const id = await confirmSubscription(database.orm, token, clock());
    expect(await readSubscription(database.orm, id ?? "")).toMatchObject({
      status: "active",
      consent: { network: "192.0.2.0/24", text: "subscribe-1" },
    });
    expect(await confirmSubscription(database.orm, token, clock())).toBeUndefined();
    await ask("late@example.org");
    const late = tokenIn(taken.at(-1));
    now += CONFIRM_HOURS * HOUR;
    expect(await confirmSubscription(database.orm, late, clock())).toBeUndefined();
  });

  test("an address has one message in ten minutes, whether it is new, waits, gets mail or must get none", async () => {
    for (let i = 0; i < 3; i++) await ask("Ada@Example.org");
    expect(taken).toHaveLength(1);
    expect(await database.orm.$count(subscriptions)).toBe(1);
    expect(await confirmSubscription(database.orm, tokenIn(taken[0]), clock())).toBeTruthy();
    await database.orm.execute(sql`update mail_outbox set created_at = created_at - interval '11 minutes'`);
    // Somebody else's choices do not reach an active subscription without its owner.
    await ask("ada@example.org", { hour: 3, keywords: ["hessian"] });
    const [stored] = await database.orm.select().from(subscriptions);
    expect([stored.status, stored.hour, stored.keywords]).toEqual(["active", 7, []]);
    expect(taken.at(-1)?.text).toContain("asked to change what gradus");
    await confirmSubscription(database.orm, tokenIn(taken.at(-1)), clock());
    expect((await database.orm.select().from(subscriptions))[0]).toMatchObject({
      hour: 3,
      keywords: ["hessian"],
    });
  });

  test("a digest has the papers of its topics and keywords, best first, and says what they found", async () => {
    await subscribe("ada@example.org", {
      topics: ["explanation"],
      keywords: ['"bilevel" -sketching', "Nutini"],
      hour: 0,
    });
    // Of the first one claim held, and the others held in some seeds.
    const own = sql`paper_id = (select id from papers where arxiv_id = '1712.08859')`;
    await database.orm.execute(sql`update claims set verdict = 'not run'`);
    await database.orm.execute(
      sql`update claims set verdict = case when code = 'C1' then 'held' else 'mixed' end where ${own}`,
    );
    const count = await database.orm.$count(claims, own);
    now = Date.parse("2025-12-26T00:05:00Z");
    await tick();
    expect(taken).toHaveLength(1);
    const [{ subject, text, html }] = taken;
    // 17 is on explanations, 20 is on bilevel problems, and 10 is by Nutini.
    expect(papersIn(text)).toEqual(["1712.08859", "2206.01254", "2309.01753"]);
    expect(subject).toMatch(/^Let's Make Block Coordinate Descent .* and 2 more$/);
    expect(text).toContain("Friday, December 26, 2025");
    expect(text).toMatch(/Measured: \S/);
    expect(text).toContain(`0 votes · 1 of ${count} claims held, ${count - 1} mixed`);
    expect(text).toMatch(/0 votes · \d+ claims, not run yet/);
    expect(html).toContain(`${ORIGIN}/u/v1.`);
    for (const line of text.split("\n"))
      if (!line.includes("https://")) expect([...line].length).toBeLessThanOrEqual(76);
    for (const [, link] of `${text} ${html}`.matchAll(/(https?:\/\/[^\s"<>]+)/g))
      expect(new URL(link).origin, link).toBe(ORIGIN);
    expect(html).not.toContain("<img");
    const [{ id }] = await database.orm.select({ id: subscriptions.id }).from(subscriptions);
    expect(await exportSubscription(database.orm, id)).toMatchObject({
      ...{
        type: "gradus-subscription",
        address: "a•••@e•••.org",
        status: "active",
        cadence: "daily",
        hour: 0,
      },
      ...{ topics: ["explanation"], keywords: ['"bilevel" -sketching', "Nutini"] },
      consent: { network: "192.0.2.0/24" },
      digests: [{ period: "2025-12-26", state: "sent", papers: ["1712.08859", "2206.01254", "2309.01753"] }],
    });
    expect(await exportSubscription(database.orm, crypto.randomUUID())).toBeUndefined();
  });

  test("where nothing matches no message is sent, and it is recorded", async () => {
    const id = await subscribe("ada@example.org", { keywords: ["zeppelin"], hour: 13 });
    now = Date.parse("2025-12-25T13:00:00Z");
    await tick();
    expect(taken).toEqual([]);
    const runs = await database.orm.select().from(digestRuns).where(eq(digestRuns.subscriptionId, id));
    expect(runs).toMatchObject([{ periodKey: "2025-12-25", state: "empty", matched: 0 }]);
  });

  test("over 30 days of changes a paper is sent once, a day has one digest at most, and nothing is left out", async () => {
    const id = await subscribe("ada@example.org", { hour: 7, tz: "Europe/Berlin" });
    const all = seeded;
    // From tomorrow on a paper is featured every 33 hours, and some of them are featured again later.
    for (const [i, { arxivId }] of all.entries()) await feature(arxivId, start + DAY + i * 33 * HOUR);
    const zones = ["Pacific/Kiritimati", "America/New_York", "Asia/Kathmandu", "UTC"];
    for (let i = 0; i < 31 * 24 * 4; i++) {
      now += 15 * 60_000;
      if (i % 131 === 130)
        await changeSubscription(
          database.orm,
          id,
          { ...usualChoices, hour: (i * 7) % 24, tz: zones[i % zones.length] },
          clock(),
        );
      if (i % 400 === 399) await feature(all[Math.floor(i / 400)].arxivId, now - HOUR);
      if (i % 8 === 0) await tick();
    }
    const sent = taken.flatMap(({ text }) => papersIn(text));
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent.length).toBeGreaterThanOrEqual(20);
    const runs = await database.orm.select().from(digestRuns).where(eq(digestRuns.subscriptionId, id));
    expect(new Set(taken.map(({ messageId }) => messageId)).size).toBe(taken.length);
    expect(runs.length).toBeGreaterThan(20);
  });

  test("one that is twelve hours late is sent with the next, and one that nobody took before the next, too", async () => {
    const id = await subscribe("ada@example.org", { hour: 13 });
    now = Date.parse("2025-12-26T01:01:00Z");
    await tick();
    expect(taken).toEqual([]);
    // Found, and the mail server is away until the day after.
    now = Date.parse("2025-12-26T13:00:00Z");
    react = () => new MailError("unreachable", undefined);
    await expect(tick()).rejects.toThrow("unreachable");
    expect(await database.orm.$count(digestItems)).toBe(20);
    now = Date.parse("2025-12-27T13:00:00Z");
    react = () => undefined;
    await deliver();
    expect([taken.length, await database.orm.$count(digestItems)]).toEqual([0, 0]);
    await tick();
    expect(taken).toHaveLength(1);
    const runs = await database.orm
      .select()
      .from(digestRuns)
      .where(eq(digestRuns.subscriptionId, id))
      .orderBy(asc(digestRuns.periodKey));
    expect(runs.map(({ periodKey, state }) => `${periodKey} ${state}`)).toEqual([
      "2025-12-26 dropped",
      "2025-12-27 sent",
    ]);
  });

  test("unsubscribing stops a digest that waits already, twice as well as once; deleting leaves nothing", async () => {
    const id = await subscribe("ada@example.org", { hour: 13 });
    now = Date.parse("2025-12-25T13:00:00Z");
    await digestJob(database.orm, { now: clock, follow }).run(signal);
    for (let i = 0; i < 2; i++) await unsubscribe(database.orm, id, clock());
    await deliver();
    expect([taken.length, await statusOf(id)]).toEqual([0, "unsubscribed"]);
    await forgetSubscription(database.orm, id);
    for (const table of [subscriptions, mailOutbox, digestRuns, subscriptionTokens])
      expect(await database.orm.$count(table)).toBe(0);
  });

  describe("an address that moves to one with a subscription", () => {
    const [left, arrived] = ["left@university.example", "arrived@company.example"];
    const hash = (address: string) => addressHash(address, key);
    const move = () =>
      database.orm.transaction((transaction) =>
        moveSubscription(transaction, { from: hash(left), email: arrived, to: hash(arrived), now: clock() }),
      );
    /** By topic, and by an author. */
    const [explained, coordinates] = ["2206.01254", "1712.08859"];

    test("has one subscription for what both followed, and no paper comes twice", async () => {
      const own = await subscribe(left, { topics: ["explanation"], keywords: ["Nutini"], hour: 14 });
      const other = await subscribe(arrived, { keywords: ["Nutini", "Jacot"], minVotes: 0, hour: 13 });
      await feature("1806.07572", Date.parse("2025-12-26T08:00:00Z"));
      now = Date.parse("2025-12-25T13:00:00Z");
      await tick();
      expect(taken.map(({ to, text }) => [to, papersIn(text)])).toEqual([[arrived, [coordinates]]]);
      await move();
      expect([await statusOf(own), await statusOf(other)]).toEqual(["active", "unsubscribed"]);
      for (const at of ["2025-12-25T14:00:00Z", "2025-12-26T13:00:00Z", "2025-12-26T14:00:00Z"]) {
        now = Date.parse(at);
        await tick();
      }
      expect(taken.slice(1).map(({ to, text }) => [to, papersIn(text)])).toEqual([
        [arrived, [explained]],
        [arrived, ["1806.07572"]],
      ]);
      // The link of a message before the move.
      await unsubscribe(database.orm, other, clock());
      expect(await statusOf(own)).toBe("unsubscribed");
    });

    test("gets what waits to be sent, without papers that it had", async () => {
      await subscribe(left, { topics: ["explanation"], keywords: ["Nutini"], hour: 14 });
      await subscribe(arrived, { keywords: ["Nutini"], hour: 13 });
      now = Date.parse("2025-12-25T13:00:00Z");
      await tick();
      now += HOUR;
      react = () => new MailError("unreachable", undefined);
      await expect(tick()).rejects.toThrow("unreachable");
      await move();
      react = () => undefined;
      now += HOUR;
      await deliver();
      expect(taken.map(({ to, text }) => [to, papersIn(text)])).toEqual([
        [arrived, [coordinates]],
        [arrived, [explained]],
      ]);
    });

    test("gets with the next digest what its own did not send", async () => {
      await subscribe(left, { topics: ["explanation"], hour: 12 });
      now += HOUR / 2;
      await subscribe(arrived, { keywords: ["Nutini"], hour: 13 });
      now = Date.parse("2025-12-25T13:00:00Z");
      react = () => new MailError("unreachable", undefined);
      await expect(tick()).rejects.toThrow("unreachable");
      await move();
      react = () => undefined;
      now = Date.parse("2025-12-26T12:00:00Z");
      await tick();
      expect(taken.map(({ to, text }) => [to, papersIn(text).toSorted()])).toEqual([
        [arrived, [coordinates, explained].toSorted()],
      ]);
    });

    test("keeps the account's choices until a link that was asked for there confirms others", async () => {
      const own = await subscribe(left, { topics: ["explanation"], hour: 14 });
      await ask(arrived, { keywords: ["Nutini"], hour: 9 });
      await move();
      expect(await readSubscription(database.orm, own)).toMatchObject({
        hour: 14,
        keywords: [],
        email: arrived,
      });
      expect(await confirmSubscription(database.orm, tokenIn(taken.at(-1)), clock())).toBe(own);
      expect(await readSubscription(database.orm, own)).toMatchObject({ hour: 9, keywords: ["Nutini"] });
    });
  });

  test("a hard bounce ends all mail until its owner subscribes and confirms again", async () => {
    const id = await subscribe("ada@example.org", { hour: 13 });
    const cause = { responseCode: 550, response: "550 5.1.1 no such user", command: "RCPT TO" };
    react = () => new MailError("refused", cause);
    now = Date.parse("2025-12-25T13:00:00Z");
    await tick();
    react = () => undefined;
    expect(await statusOf(id)).toBe("suppressed");
    now += DAY;
    await tick();
    expect(taken).toEqual([]);
    await database.orm.execute(sql`update mail_outbox set created_at = created_at - interval '1 day'`);
    const again = await subscribe("ada@example.org", { hour: 14 });
    expect(again).not.toBe(id);
    expect(await database.orm.$count(suppressions)).toBe(0);
  });

  test("two permanent failures, temporary ones on five days, or one complaint suppress; a report counts once", async () => {
    const report = (name: string, kind: "permanent" | "transient" | "complaint", more = {}, days = 0) =>
      noteReport(
        database.orm,
        { hash: addressHash(`${name}@example.org`, key), kind, ...more },
        new Date(start + days * DAY),
      );
    expect(await report("one", "permanent", { status: "5.2.2", reportId: "r1" })).toBe(false);
    expect(await report("one", "permanent", { status: "5.2.2", reportId: "r1" })).toBe(false);
    expect(await report("one", "permanent", { status: "5.2.2", reportId: "r2" })).toBe(true);
    expect(await report("policy", "permanent", { status: "5.7.1", ofRecipient: true })).toBe(false);
    expect(await report("gone", "permanent", { status: "550", ofRecipient: true })).toBe(true);
    for (let i = 0; i < 9; i++) expect(await report("full", "transient", {}, i / 3)).toBe(false);
    expect([await report("full", "transient", {}, 3), await report("full", "transient", {}, 4)]).toEqual([
      false,
      true,
    ]);
    expect(await report("angry", "complaint")).toBe(true);
  });

  test("what was never confirmed is forgotten after a week", async () => {
    await ask("ada@example.org");
    await purgeSubscriptions(database.orm, new Date(start + 7 * DAY - 1));
    expect(await database.orm.$count(subscriptions)).toBe(1);
    await purgeSubscriptions(database.orm, new Date(start + 7 * DAY + 1));
    expect(await database.orm.$count(subscriptions)).toBe(0);
  });
});

test.each([
  ["reader@research.example", "r•••@r•••.example"],
  ["é@x.co.uk", "é•••@x•••.uk"],
])("%s is shown as %s", (address, shown) => expect(maskedAddress(address)).toBe(shown));
