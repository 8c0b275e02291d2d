// Subscribing by mail, digests and their preferences, against the production server and a real mail server.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults } from "./faults.ts";
import { expectWaitsOfAnHour } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { CONFIRM, type SubscribedSite, startSubscribedSite } from "./subscribed-site.ts";
import { follow, installed, newReader, visitAs } from "./visit.ts";

let site: SubscribedSite;
beforeAll(async () => {
  site = await startSubscribedSite();
});
afterAll(() => site?.[Symbol.asyncDispose]());

/** Header fields that differ between any two answers. */
const OF_CHANCE = new Set(["date", "content-length"]);

/** What is the same in two answers that should be: all but the time, nonces, stamps and what was typed. */
async function comparable(response: Response, email: string): Promise<string> {
  const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1] ?? "";
  const fields = [...response.headers].filter(([name]) => !OF_CHANCE.has(name));
  const whole = JSON.stringify([response.status, fields, await response.text()]);
  return whole
    .replaceAll(nonce, "")
    .replaceAll(email, "")
    .replace(/[a-z0-9]+\.[\w-]{43}/g, "");
}

test("a link confirms once, by its button alone, and leads to the preferences", async () => {
  const asked = await site.subscribe("ada@example.org", {
    cadence: "weekly",
    weekday: "5",
    keywords: "hessian\nNutini",
  });
  expect([asked.status, asked.headers.get("cache-control")]).toEqual([202, "no-store"]);
  expect(await asked.text()).toContain("If ada@example.org can receive email, a message is on its way");
  const link = await site.latestLink("ada@example.org", CONFIRM);
  for (let i = 0; i < 2; i++) {
    const shown = await (await site.reader().ask(link)).text();
    expect(shown).toContain("Press the button");
    // Its token is in no other address.
    expect(shown).not.toContain(link.split("/").at(-1));
  }
  // A token of another purpose is none here, and this one is none there.
  expect((await site.reader().post(link.replace("/subscribe/", "/sign-in/"))).status).toBe(400);
  const page = await site.reader().post(link);
  const text = await page.text();
  expect(text).toContain("<title>You are subscribed · gradus</title>");
  expect(text).toContain("every Friday at 07:00 (UTC)");
  // One that never was, and that of a sign-in link, are refused by the same page; so are they where links sign in.
  const tokenOf = (path: string) => path.split("/").at(-1) ?? "";
  const refused = async (path: string) => {
    const answer = await site.reader().post(path);
    return [answer.status, await comparable(answer, tokenOf(path))];
  };
  const used = await refused(link);
  expect(used).toEqual([
    400,
    expect.stringContaining("<title>This link is no longer valid · gradus</title>"),
  ]);
  expect(used[1]).toContain("If you pressed Confirm before, you are subscribed.");
  const unknown = "x".repeat(43);
  await site.reader().post("/sign-in", { email: "foreign@example.org" });
  const signIn = await site.latestLink(
    "foreign@example.org",
    /https:\/\/papers\.example\.org(\/sign-in\/\S+)/,
  );
  for (const foreign of [`/subscribe/${unknown}`, signIn.replace("/sign-in/", "/subscribe/")])
    expect(await refused(foreign)).toEqual(used);
  expect((await site.reader().post(signIn)).status).toBe(303);
  const usedThere = await refused(signIn);
  for (const foreign of [`/sign-in/${unknown}`, link.replace("/subscribe/", "/sign-in/")])
    expect(await refused(foreign)).toEqual(usedThere);

  const own = /href="(\/u\/[^"]+)"/.exec(text)?.[1] ?? "";
  const preferences = await site.reader().ask(own);
  expect(preferences.headers.get("cache-control")).toBe("no-store");
  expect(preferences.headers.get("referrer-policy")).toBe("no-referrer");
  const shown = await preferences.text();
  expect(shown).toContain('content="noindex"');
  expect(shown).toContain("a•••@e•••.org");
  expect(shown).not.toContain("ada@example.org");
  expect(shown).not.toContain(encodeURIComponent(own));
  expect(shown).toMatch(/Sent now, it would have \d+ papers?/);
  const file = await site.reader().ask(`${own}/export`);
  expect(file.headers.get("content-disposition")).toContain("attachment");
  for (const [name, value] of [
    ["cache-control", "no-store"],
    ["referrer-policy", "no-referrer"],
    ["x-robots-tag", "noindex"],
  ])
    expect(file.headers.get(name)).toBe(value);
  const data: unknown = await file.json();
  expect(data).toMatchObject({ address: "a•••@e•••.org", keywords: ["hessian", "Nutini"], weekday: 5 });
  expect((await site.reader().ask(`/u/${"x".repeat(40)}/export`)).status).toBe(404);
});

test("known, unknown, suppressed and impossible addresses get the same answer, byte for byte", async () => {
  await site.confirmed("known@example.org");
  let refused = 0;
  site.mail.react = (recipient) => {
    if (!recipient.startsWith("bounces")) return "take";
    refused += 1;
    return 550;
  };
  await site.subscribe("bounces@example.org");
  await expect.poll(() => refused).toBe(1);
  const answers = new Set<string>();
  for (const email of [
    "known@example.org",
    "new@example.org",
    "bounces@example.org",
    "ada@no_domain",
    "new@example.org",
  ])
    answers.add(await comparable(await site.subscribe(email), email));
  expect(answers.size).toBe(1);
  expect(site.mail.taken.every(({ to }) => to.length === 1)).toBe(true);
});

test("a form that a program filled is answered as any other, and nothing is sent", async () => {
  const before = site.mail.taken.length;
  const quick = await site.freshStamp();
  const answers = [
    await site.subscribe("bot1@example.org", { website: "https://spam.example" }),
    await site.subscribe("bot2@example.org", { stamp: quick }),
    await site.subscribe("bot3@example.org", { stamp: "made.up" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  await site.confirmed("person@example.org");
  expect(
    site.mail.taken
      .slice(before)
      .flatMap(({ to }) => to)
      .filter((to) => to.startsWith("bot")),
  ).toEqual([]);
});

test("what is wrong is said beside its field, and what was typed stays", async () => {
  const response = await site.subscribe("no address", {
    hour: "25",
    tz: "Mars/Olympus",
    keywords: "-only",
    max_papers: "0",
  });
  expect(response.status).toBe(400);
  const page = await response.text();
  for (const words of [
    "Enter a complete email address",
    "Hour must be an integer from 0 to 23.",
    "Time zone must be an IANA name",
    "A keyword must have a word to look for",
    "Papers per message must be an integer from 1 to 100.",
  ])
    expect(page).toContain(words);
  expect(page).toContain('value="no address"');
  expect(page).toContain("-only</textarea");
});

test("a preview tells what the choices would have been sent last, without an address, and keeps them", async () => {
  const own = site.reader();
  const preview = async (fields: Readonly<Record<string, string>>) => {
    const answer = await own.post("/subscribe", { action: "preview", stamp: site.stamp, ...fields });
    return [answer.status, await answer.text()] as const;
  };
  const sent = site.mail.taken.length;
  // The seed's day begins at midnight; the message of seven o'clock has it.
  const [status, page] = await preview({ keywords: "Nutini", max_papers: "3", email: "ada@example.org" });
  expect([status, page]).toEqual([
    200,
    expect.stringContaining("the message of Dec 25 would have had 1 paper"),
  ]);
  expect(page).toContain("/papers/1712.08859");
  expect(page).toContain('value="ada@example.org"');
  expect(page).toContain(">Nutini</textarea>");
  // Where the day begins later, the message of that hour is of the day before.
  const [, west] = await preview({ tz: "America/Los_Angeles", hour: "9" });
  expect(west).toContain("The message of Dec 24 would have had no papers");
  expect(west).not.toContain("The last one before");
  const [, weekly] = await preview({ cadence: "weekly", weekday: "4" });
  expect(weekly).toContain("the message of Dec 25 would have had 20 papers");
  expect((await preview({ hour: "25" }))[0]).toBe(400);
  // Looking is not asking for mail: more than five an hour are answered.
  for (let i = 0; i < 3; i++) expect((await preview({}))[0]).toBe(200);
  expect(site.mail.taken.length).toBe(sent);
});

test("a network has twenty previews a minute", async () => {
  const { post } = site.reader();
  const ask = () => post("/subscribe", { action: "preview", email: "ada@example.org", stamp: site.stamp });
  const answers = await Promise.all(Array.from({ length: 21 }, ask));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited).toHaveLength(1);
  expect(Number(limited[0].headers.get("retry-after"))).toBeLessThanOrEqual(60);
  const page = await limited[0].text();
  expect(page).toContain("Too many previews from your network. Try again in");
  expect(page).toContain('value="ada@example.org"');
});

test("a network has five requests an hour", async () => {
  const { post } = site.reader();
  const answers: Response[] = [];
  for (let i = 0; i < 7; i++) answers.push(await post("/subscribe", { email: "x", stamp: site.stamp }));
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 429, 429]);
  expectWaitsOfAnHour(answers);
});

test("other sites cannot subscribe a reader", async () => {
  const evil = { origin: "https://evil.example" };
  expect(
    (await site.reader().post("/subscribe", { email: "csrf@example.org", stamp: site.stamp }, evil)).status,
  ).toBe(403);
});

describe.skipIf(!installed)("in a browser (skipped without Chromium)", () => {
  let browser: Browser;
  let local: TestServer;
  beforeAll(async () => {
    browser = await connectBrowser();
    local = await startSeeded({
      environment: { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await local?.stop();
    local?.remove();
  });

  test.each([true, false])(
    "a list leads to a subscription to it (scripts: %s)",
    async (javaScriptEnabled) => {
      const own = await newReader(browser, { javaScriptEnabled, timezoneId: "Europe/Berlin" });
      const { page } = await visitAs(own, new URL("/papers?topic=convex&min_votes=2", local.origin));
      await follow(
        page.getByRole("link", { name: "Email", exact: true }),
        /\/subscribe\?topic=convex&min_votes=2$/,
      );
      expect(await page.getByLabel("Convex", { exact: true }).isChecked()).toBe(true);
      expect(await page.getByLabel("Minimum votes").inputValue()).toBe("2");
      // A browser tells its zone, where it runs scripts.
      await expect
        .poll(() => page.getByLabel("Time zone").inputValue())
        .toBe(javaScriptEnabled ? "Europe/Berlin" : "UTC");
      if (javaScriptEnabled) expect(await faults(page)).toEqual([]);
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("The message of Dec 25 would have had no papers").waitFor();
      expect(await page.getByLabel("Convex", { exact: true }).isChecked()).toBe(true);
      expect(await page.getByLabel("Time zone").inputValue()).toBe(
        javaScriptEnabled ? "Europe/Berlin" : "UTC",
      );
      await page.getByLabel("Minimum votes").fill("0");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("With these choices the message of Dec 25").waitFor();
      if (javaScriptEnabled) expect(await faults(page)).toEqual([]);
      await page.getByLabel("Keywords").fill("-nothing");
      await page.getByLabel("Email address").fill("browser@example.org");
      await page.getByRole("button", { name: "Subscribe" }).click();
      await page.getByText("A keyword must have a word to look for").waitFor();
      expect(await page.getByLabel("Email address").inputValue()).toBe("browser@example.org");
      if (javaScriptEnabled) expect(await faults(page)).toEqual([]);
      await page.getByLabel("Keywords").fill('"gradient descent"');
      await page.getByRole("button", { name: "Subscribe" }).click();
      await page.getByRole("heading", { name: "Check your email" }).waitFor();
      if (javaScriptEnabled) expect(await faults(page)).toEqual([]);
      await own.close();
    },
  );

  test("preferences and their ends are in order on a desktop, a phone and in the dark", async () => {
    const path = await site.confirmed("looks@example.org");
    const own = await newReader(browser);
    const { page } = await visitAs(own, new URL(path, site.server.origin));
    await page.getByRole("heading", { name: "Next message" }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Unsubscribe" }).press("Enter");
    await page.getByRole("heading", { name: "You are not subscribed" }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete my data" }).press("Enter");
    // What was answered, not what the page says without an answer.
    const refusal = page.getByRole("alert").filter({ hasText: "Check the box" });
    await refusal.waitFor();
    await expect.poll(() => refusal.evaluate((alert) => alert === document.activeElement)).toBe(true);
    await own.close();
  });
});
