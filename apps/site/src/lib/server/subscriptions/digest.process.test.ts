import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  claims,
  digestItems,
  digestRuns,
  mailOutbox,
  subscriptions,
  subscriptionTokens,
  users,
} from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { MailError } from "../mail/transport.ts";
import { periodListView } from "../pages/list-view.ts";
import { deleteAccount, exportAccount } from "../people/account.ts";
import { addressHash } from "../people/address.ts";
import { usualChoices } from "./choices.ts";
import { digestJob } from "./digest-job.ts";
import { changeSubscription, exportSubscription, forgetSubscription, unsubscribe } from "./preferences.ts";
import {
  DAY,
  HOUR,
  key,
  type MailedSite,
  ORIGIN,
  openMailedSite,
  papersIn,
  signal,
  start,
} from "./testing/mailed-site.ts";

describe.each(engines)("on %s", (_, open) => {
  let site: MailedSite;
  beforeAll(async () => {
    site = await openMailedSite(open);
  });
  afterAll(() => site?.close());
  beforeEach(() => site.reset());

  test("a digest has the papers of its topics and keywords, best first, and says what they found", async () => {
    await site.subscribe("ada@example.org", {
      topics: ["explanation"],
      keywords: ['"bilevel" -sketching', "Nutini"],
      hour: 0,
    });
    // Of the first one claim held, and the others held in some seeds.
    const own = sql`paper_id = (select id from papers where arxiv_id = '1712.08859')`;
    await site.orm.execute(sql`update claims set verdict = 'not run'`);
    await site.orm.execute(
      sql`update claims set verdict = case when code = 'C1' then 'held' else 'mixed' end where ${own}`,
    );
    const count = await site.orm.$count(claims, own);
    site.now = Date.parse("2025-12-26T00:05:00Z");
    await site.tick();
    expect(site.taken).toHaveLength(1);
    const [{ subject, text, html }] = site.taken;
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
    const [{ id }] = await site.orm.select({ id: subscriptions.id }).from(subscriptions);
    expect(await exportSubscription(site.orm, id)).toMatchObject({
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
    expect(await exportSubscription(site.orm, crypto.randomUUID())).toBeUndefined();
    // The account of the address has them in its export, too.
    const email = "ada@example.org";
    const account = { email, emailCanonicalHmac: addressHash(email, key) };
    const [{ userId }] = await site.orm.insert(users).values(account).returning({ userId: users.id });
    expect(await exportAccount(site.orm, userId)).toMatchObject({
      subscriptions: [{ email, digests: [{ period: "2025-12-26", state: "sent", papers: papersIn(text) }] }],
    });
    await deleteAccount(site.orm, userId, key);
    expect(await exportSubscription(site.orm, id)).toBeUndefined();
  });

  test("where nothing matches no message is sent, and it is recorded", async () => {
    const id = await site.subscribe("ada@example.org", { keywords: ["zeppelin"], hour: 13 });
    site.now = Date.parse("2025-12-25T13:00:00Z");
    await site.tick();
    expect(site.taken).toEqual([]);
    const runs = await site.orm.select().from(digestRuns).where(eq(digestRuns.subscriptionId, id));
    expect(runs).toMatchObject([{ periodKey: "2025-12-25", state: "empty", matched: 0 }]);
  });

  test("over 30 days of changes a paper is sent once, a day has one digest at most, and nothing is left out", async () => {
    const id = await site.subscribe("ada@example.org", { hour: 7, tz: "Europe/Berlin" });
    const all = site.seeded;
    // From tomorrow on a paper is featured every 33 hours, and some of them are featured again later.
    for (const [i, { arxivId }] of all.entries()) await site.feature(arxivId, start + DAY + i * 33 * HOUR);
    const zones = ["Pacific/Kiritimati", "America/New_York", "Asia/Kathmandu", "UTC"];
    for (let i = 0; i < 31 * 24 * 4; i++) {
      site.now += 15 * 60_000;
      if (i % 131 === 130)
        await changeSubscription(
          site.orm,
          id,
          { ...usualChoices, hour: (i * 7) % 24, tz: zones[i % zones.length] },
          site.clock(),
        );
      if (i % 400 === 399) await site.feature(all[Math.floor(i / 400)].arxivId, site.now - HOUR);
      if (i % 8 === 0) await site.tick();
    }
    const sent = site.taken.flatMap(({ text }) => papersIn(text));
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent.length).toBeGreaterThanOrEqual(20);
    const runs = await site.orm.select().from(digestRuns).where(eq(digestRuns.subscriptionId, id));
    expect(new Set(site.taken.map(({ messageId }) => messageId)).size).toBe(site.taken.length);
    expect(runs.length).toBeGreaterThan(20);
  });

  test("one that is twelve hours late is sent with the next, and one that nobody took before the next, too", async () => {
    const id = await site.subscribe("ada@example.org", { hour: 13 });
    site.now = Date.parse("2025-12-26T01:01:00Z");
    await site.tick();
    expect(site.taken).toEqual([]);
    // Found, and the mail server is away until the day after.
    site.now = Date.parse("2025-12-26T13:00:00Z");
    site.react = () => new MailError("unreachable", undefined);
    await expect(site.tick()).rejects.toThrow("unreachable");
    expect(await site.orm.$count(digestItems)).toBe(20);
    site.now = Date.parse("2025-12-27T13:00:00Z");
    site.react = () => undefined;
    await site.deliver();
    expect([site.taken.length, await site.orm.$count(digestItems)]).toEqual([0, 0]);
    await site.tick();
    expect(site.taken).toHaveLength(1);
    const runs = await site.orm
      .select()
      .from(digestRuns)
      .where(eq(digestRuns.subscriptionId, id))
      .orderBy(asc(digestRuns.periodKey));
    expect(runs.map(({ periodKey, state }) => `${periodKey} ${state}`)).toEqual([
      "2025-12-26 dropped",
      "2025-12-27 sent",
    ]);
  });

  test("a digest that waits tells what its papers were chosen by, whatever its reader has chosen since", async () => {
    const before = { hour: 13, maxItems: 2 };
    const id = await site.subscribe("ada@example.org", before);
    site.now = start + HOUR;
    site.react = () => new MailError("unreachable", undefined);
    await expect(site.tick()).rejects.toThrow("unreachable");
    const choices = { ...usualChoices, ...before, topics: ["explanation"], minVotes: 7 };
    await changeSubscription(site.orm, id, choices, site.clock());
    site.react = () => undefined;
    site.now += HOUR;
    await site.deliver();
    const [{ text }] = site.taken;
    expect(papersIn(text)).toHaveLength(2);
    const lists = [...text.matchAll(/^https:\S+\/papers\/date\/\S+$/gm)].map(
      ([list]) => new URL(list).search,
    );
    expect(lists).toEqual(["", ""]);
    expect(text.replace(/\s+/g, " ")).toContain("to all new papers, every day at 13:00");
  });

  test("a paper featured at the instant of a digest is in that one, and never in the next", async () => {
    await site.subscribe("ada@example.org", { hour: 13, maxItems: 1 });
    // On Saturday the 27th, another digest is made of older papers beside hers.
    await site.subscribe("eve@example.org", { cadence: "weekly", weekday: 6, hour: 13 });
    site.now = Date.parse("2025-12-25T13:00:00Z");
    await site.tick();
    const [sent] = papersIn(site.taken[0].text);
    const [first, second, third] = site.seeded.flatMap(({ arxivId }) => (arxivId === sent ? [] : arxivId));
    site.now += DAY;
    for (const id of [first, second]) await site.feature(id, site.now);
    await site.tick();
    expect(site.taken[1].subject).toMatch(/ and 1 more$/);
    expect([first, second]).toEqual(expect.arrayContaining(papersIn(site.taken[1].text)));
    await site.feature(third, site.now + HOUR);
    site.now += DAY;
    await site.tick();
    expect(site.taken).toHaveLength(4);
    const last = site.taken.slice(2).find(({ to }) => to === "ada@example.org");
    expect(papersIn(last?.text ?? "")).toEqual([third]);
    expect(last?.text).toMatch(/^1 paper$/m);
  });

  const daily = { ...usualChoices, hour: 7 };
  const weekly = { ...daily, cadence: "weekly", weekday: 4 } as const;
  const changes = {
    preferences: (id: string) => changeSubscription(site.orm, id, daily, site.clock()),
    "the form again": async () => {
      // An address is asked once in ten minutes, of the real clock.
      await site.orm.delete(mailOutbox);
      await site.subscribe("ada@example.org", daily);
    },
  };
  test.each(Object.entries(changes))(
    "weekly digests become daily ones by %s: no paper is left out or sent twice",
    async (_, change) => {
      const id = await site.subscribe("ada@example.org", weekly);
      const [first, second, third, fourth] = site.seeded.map(({ arxivId }) => arxivId);
      for (const { arxivId } of site.seeded) await site.feature(arxivId, start - 30 * DAY);
      await site.feature(first, start + HOUR);
      await site.feature(second, start + 2 * DAY);
      // Sunday, and the first weekly digest would be due on Thursday.
      site.now = Date.parse("2025-12-28T12:00:00Z");
      await change(id);
      await site.feature(third, site.now + HOUR);
      const sentAt = async (instant: string) => {
        site.now = Date.parse(instant);
        await site.tick();
        return site.taken.splice(0).map(({ text }) => papersIn(text).toSorted());
      };
      expect(await sentAt("2025-12-29T07:00:00Z")).toEqual([[first, second, third].toSorted()]);
      await site.feature(fourth, site.now + HOUR);
      await changeSubscription(site.orm, id, weekly, site.clock());
      expect(await sentAt("2025-12-31T07:00:00Z")).toEqual([]);
      expect(await sentAt("2026-01-01T07:00:00Z")).toEqual([[fourth]]);
      await changeSubscription(site.orm, id, daily, site.clock());
      expect(await sentAt("2026-01-02T07:00:00Z")).toEqual([]);
    },
  );

  test.each([
    ["weekly ones", weekly],
    ["a zone where it is the day after", { ...daily, tz: "Pacific/Kiritimati" }],
  ])(
    "a daily digest that waits for the mail server names its day, also when its reader has changed to %s",
    async (_, choices) => {
      const id = await site.subscribe("ada@example.org", { hour: 13 });
      site.now += HOUR;
      await digestJob(site.orm, { now: site.clock, follow: async () => {} }).run(signal);
      await changeSubscription(site.orm, id, choices, site.clock());
      await site.deliver();
      expect(site.taken.map(({ text }) => text.split("\n")[0])).toEqual([
        "gradus: Thursday, December 25, 2025",
      ]);
    },
  );

  test.each([
    ["of all papers", {}],
    ["of topics", { topics: ["explanation", "constrained-bilevel", "coordinate-descent"] }],
    ["of a topic and a keyword", { topics: ["explanation"], keywords: ["gradient"] }],
    ["of a week", { cadence: "weekly", weekday: 4 } as const],
  ])(
    "a digest %s that has more papers than it lists links to pages that have the others",
    async (_, choices) => {
      for (const [i, { arxivId }] of site.seeded.entries())
        await site.feature(arxivId, start - 11 * HOUR + i * HOUR);
      const wanted = { ...choices, hour: 7 };
      await site.subscribe("ada@example.org", { ...wanted, maxItems: 100 });
      await site.subscribe("bob@example.org", { ...wanted, maxItems: 1 });
      site.now = Date.parse(`${"cadence" in choices ? "2026-01-01" : "2025-12-26"}T07:00:00Z`);
      await site.tick();
      const [all, some] = ["ada@example.org", "bob@example.org"].map((to) =>
        site.taken.find((message) => message.to === to),
      );
      expect(all?.text).not.toContain("The others");
      const links = [...(some?.text ?? "").matchAll(/^https:.*\/papers\/(date|week)\/(\S+?)(\?\S*)?$/gm)];
      expect(links.length).toBeGreaterThan(0);
      const listed: string[] = [];
      for (const [url, kind, key, query] of links) {
        expect(some?.html).toContain(`<a href="${url.replaceAll("&", "&amp;")}">the papers of `);
        const period = { kind: kind === "date" ? "day" : "week", key } as const;
        const { entries, notices } = await periodListView(
          { ...site, now: site.clock },
          period,
          new URLSearchParams(query),
        );
        expect(notices).toEqual([]);
        listed.push(...entries.map(({ arxivId }) => arxivId));
      }
      const matched = papersIn(all?.text ?? "");
      expect(matched.length).toBeGreaterThan(1);
      expect(listed).toEqual(expect.arrayContaining(matched));
      expect(some?.subject).toMatch(new RegExp(` and ${matched.length - 1} more$`));
    },
  );

  test("a paper that a moderator has hidden is neither in a digest nor counted", async () => {
    await site.subscribe("ada@example.org", { hour: 13 });
    const [hidden, shown] = site.seeded.map(({ arxivId }) => arxivId);
    for (const { arxivId } of site.seeded) await site.feature(arxivId, start - 30 * DAY);
    for (const id of [hidden, shown]) await site.feature(id, start);
    const hide = (yes: boolean) =>
      site.orm.execute(sql`update papers set hidden = ${yes} where arxiv_id = ${hidden}`);
    await hide(true);
    try {
      site.now += HOUR;
      await site.tick();
    } finally {
      await hide(false);
    }
    expect(site.taken.map(({ text }) => papersIn(text))).toEqual([[shown]]);
    expect(await site.orm.select().from(digestRuns)).toMatchObject([{ matched: 1 }]);
  });

  test("unsubscribing stops a digest that waits already, twice as well as once; deleting leaves nothing", async () => {
    const id = await site.subscribe("ada@example.org", { hour: 13 });
    site.now = Date.parse("2025-12-25T13:00:00Z");
    await digestJob(site.orm, { now: site.clock, follow: async () => {} }).run(signal);
    for (let i = 0; i < 2; i++) await unsubscribe(site.orm, id, site.clock());
    await site.deliver();
    expect([site.taken.length, await site.statusOf(id)]).toEqual([0, "unsubscribed"]);
    await forgetSubscription(site.orm, id);
    for (const table of [subscriptions, mailOutbox, digestRuns, subscriptionTokens])
      expect(await site.orm.$count(table)).toBe(0);
  });
});
