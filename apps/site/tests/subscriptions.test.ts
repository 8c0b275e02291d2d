// Subscribing by mail, digests and their preferences, against the production server and a real mail server.
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { leaveIncomingMail } from "@gradus/database/incoming-mail";
import { simpleParser } from "mailparser";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { message, statusNotification } from "../src/lib/server/mail/incoming/testing.ts";
import { returnAddresses } from "../src/lib/server/mail/return-addresses.ts";
import { type MailServer, startMailServer } from "../src/lib/server/mail/testing.ts";
import { faults } from "./faults.ts";
import { expectWaitsOfAnHour, plainReader } from "./plain-reader.ts";
import { secret, type TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { follow, installed, newReader, visitAs } from "./visit.ts";

const PUBLIC = "https://papers.example.org";

const bounceSecret = randomBytes(32).toString("base64");

let mail: MailServer;
let server: TestServer;
/** When a form that was fetched at the beginning is old enough. */
let stamp: string;
beforeAll(async () => {
  mail = await startMailServer();
  server = await startSeeded({
    environment: {
      ...{ ORIGIN: PUBLIC, GRADUS_SMTP_URL: mail.url, ADDRESS_HEADER: "x-test-address" },
      ...{ GRADUS_BOUNCE_SECRET: bounceSecret, GRADUS_MAIL_INCOMING: "in@papers.example.org" },
      ...{ GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" },
    },
  });
  stamp = await freshStamp();
  // Forms that come back sooner are taken for a program's. The stamp was made at the latest now.
  const began = Date.now();
  await vi.waitUntil(() => Date.now() - began > 2100, { timeout: 60_000 });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  await mail?.close();
});

let network = 0;
const reader = () => plainReader(server, { origin: PUBLIC, "x-test-address": `198.51.100.${++network}` });

async function freshStamp(): Promise<string> {
  const page = await (await reader().ask("/subscribe")).text();
  return /name="stamp" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

const subscribe = (email: string, fields: Readonly<Record<string, string>> = {}) =>
  reader().post("/subscribe", { email, stamp, ...fields });

async function latestLink(recipient: string, pattern: RegExp, count = 1): Promise<string> {
  const to = () => mail.taken.filter((message) => message.to.includes(recipient));
  await expect.poll(() => to().length).toBe(count);
  const { text = "" } = await simpleParser(to()[count - 1].source);
  return pattern.exec(text)?.[1] ?? "";
}
const CONFIRM = /https:\/\/papers\.example\.org(\/subscribe\/\S+)/;

/** Subscribes an address and confirms it; resolves to the path of its preferences. */
async function confirmed(email: string, fields: Readonly<Record<string, string>> = {}): Promise<string> {
  expect((await subscribe(email, fields)).status).toBe(202);
  const page = await (await reader().post(await latestLink(email, CONFIRM))).text();
  return /href="(\/u\/[^"]+)"/.exec(page)?.[1] ?? "";
}

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
  const asked = await subscribe("ada@example.org", {
    cadence: "weekly",
    weekday: "5",
    keywords: "hessian\nNutini",
  });
  expect([asked.status, asked.headers.get("cache-control")]).toEqual([202, "no-store"]);
  expect(await asked.text()).toContain("If ada@example.org can receive email, a message is on its way");
  const link = await latestLink("ada@example.org", CONFIRM);
  for (let i = 0; i < 2; i++) {
    const shown = await (await reader().ask(link)).text();
    expect(shown).toContain("Press the button");
    // Its token is in no other address.
    expect(shown).not.toContain(link.split("/").at(-1));
  }
  // A token of another purpose is none here, and this one is none there.
  expect((await reader().post(link.replace("/subscribe/", "/sign-in/"))).status).toBe(400);
  const page = await reader().post(link);
  const text = await page.text();
  expect(text).toContain("every Friday at 07:00 (UTC)");
  // One that never was, and that of a sign-in link, are refused by the same page; so are they where links sign in.
  const tokenOf = (path: string) => path.split("/").at(-1) ?? "";
  const refused = async (path: string) => {
    const answer = await reader().post(path);
    return [answer.status, await comparable(answer, tokenOf(path))];
  };
  const used = await refused(link);
  expect(used).toEqual([400, expect.stringContaining("no longer valid")]);
  const unknown = "x".repeat(43);
  await reader().post("/sign-in", { email: "foreign@example.org" });
  const signIn = await latestLink("foreign@example.org", /https:\/\/papers\.example\.org(\/sign-in\/\S+)/);
  for (const foreign of [`/subscribe/${unknown}`, signIn.replace("/sign-in/", "/subscribe/")])
    expect(await refused(foreign)).toEqual(used);
  expect((await reader().post(signIn)).status).toBe(303);
  const usedThere = await refused(signIn);
  for (const foreign of [`/sign-in/${unknown}`, link.replace("/subscribe/", "/sign-in/")])
    expect(await refused(foreign)).toEqual(usedThere);

  const own = /href="(\/u\/[^"]+)"/.exec(text)?.[1] ?? "";
  const preferences = await reader().ask(own);
  expect(preferences.headers.get("cache-control")).toBe("no-store");
  expect(preferences.headers.get("referrer-policy")).toBe("no-referrer");
  const shown = await preferences.text();
  expect(shown).toContain('content="noindex"');
  expect(shown).toContain("a•••@e•••.org");
  expect(shown).not.toContain("ada@example.org");
  expect(shown).not.toContain(encodeURIComponent(own));
  expect(shown).toMatch(/Sent now, it would have \d+ papers?/);
  const file = await reader().ask(`${own}/export`);
  expect(file.headers.get("content-disposition")).toContain("attachment");
  for (const [name, value] of [
    ["cache-control", "no-store"],
    ["referrer-policy", "no-referrer"],
    ["x-robots-tag", "noindex"],
  ])
    expect(file.headers.get(name)).toBe(value);
  const data: unknown = await file.json();
  expect(data).toMatchObject({ address: "a•••@e•••.org", keywords: ["hessian", "Nutini"], weekday: 5 });
  expect((await reader().ask(`/u/${"x".repeat(40)}/export`)).status).toBe(404);
});

test("known, unknown, suppressed and impossible addresses get the same answer, byte for byte", async () => {
  await confirmed("known@example.org");
  let refused = 0;
  mail.react = (recipient) => {
    if (!recipient.startsWith("bounces")) return "take";
    refused += 1;
    return 550;
  };
  await subscribe("bounces@example.org");
  await expect.poll(() => refused).toBe(1);
  const answers = new Set<string>();
  for (const email of [
    "known@example.org",
    "new@example.org",
    "bounces@example.org",
    "ada@no_domain",
    "new@example.org",
  ])
    answers.add(await comparable(await subscribe(email), email));
  expect(answers.size).toBe(1);
  expect(mail.taken.every(({ to }) => to.length === 1)).toBe(true);
});

test("a form that a program filled is answered as any other, and nothing is sent", async () => {
  const before = mail.taken.length;
  const quick = await freshStamp();
  const answers = [
    await subscribe("bot1@example.org", { website: "https://spam.example" }),
    await subscribe("bot2@example.org", { stamp: quick }),
    await subscribe("bot3@example.org", { stamp: "made.up" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  await confirmed("person@example.org");
  expect(
    mail.taken
      .slice(before)
      .flatMap(({ to }) => to)
      .filter((to) => to.startsWith("bot")),
  ).toEqual([]);
});

test("what is wrong is said beside its field, and what was typed stays", async () => {
  const response = await subscribe("no address", {
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
  const own = reader();
  const preview = async (fields: Readonly<Record<string, string>>) => {
    const answer = await own.post("/subscribe", { action: "preview", stamp, ...fields });
    return [answer.status, await answer.text()] as const;
  };
  const sent = mail.taken.length;
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
  const [, weekly] = await preview({ cadence: "weekly", weekday: "4" });
  expect(weekly).toContain("the message of Dec 25 would have had 20 papers");
  expect((await preview({ hour: "25" }))[0]).toBe(400);
  // Looking is not asking for mail: more than five an hour are answered.
  for (let i = 0; i < 3; i++) expect((await preview({}))[0]).toBe(200);
  expect(mail.taken.length).toBe(sent);
});

test("a network has five requests an hour", async () => {
  const { post } = reader();
  const answers: Response[] = [];
  for (let i = 0; i < 7; i++) answers.push(await post("/subscribe", { email: "x", stamp }));
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 429, 429]);
  expectWaitsOfAnHour(answers);
});

test("other sites cannot subscribe a reader", async () => {
  const evil = { origin: "https://evil.example" };
  expect((await reader().post("/subscribe", { email: "csrf@example.org", stamp }, evil)).status).toBe(403);
});

/** A request as a provider of mail makes it: no cookie, no origin, no referrer. */
async function oneClick(path: string, type: string, body: string): Promise<number | undefined> {
  const sent = request(new URL(path, server.origin), { method: "POST", headers: { "content-type": type } });
  sent.end(body);
  const [answer] = await once(sent, "response");
  answer.resume();
  await once(answer, "end");
  expect(answer.headers.location).toBeUndefined();
  return answer.statusCode;
}

test("one click unsubscribes, in both forms, twice as well as once; a forged token does nothing", async () => {
  const boundary = "x1";
  const part = `--${boundary}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--${boundary}--\r\n`;
  for (const [i, [type, body]] of (
    [
      ["application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"],
      [`multipart/form-data; boundary=${boundary}`, part],
    ] as const
  ).entries()) {
    const own = await confirmed(`click${i}@example.org`);
    expect(await oneClick(`${own.slice(0, -1)}${own.endsWith("A") ? "B" : "A"}`, type, body)).toBe(404);
    expect(await (await reader().ask(own)).text()).toContain("Email preferences");
    expect(await oneClick(own, type, body)).toBe(200);
    expect(await oneClick(own, type, body)).toBe(200);
    expect(await (await reader().ask(own)).text()).toContain("You are not subscribed");
  }
});

/** Posts a message as a mail server does; resolves to the status and the answer. */
async function postMail(raw: Uint8Array, signed: Uint8Array = raw): Promise<readonly unknown[]> {
  const answer = await fetch(new URL("/hooks/bounce", server.origin), {
    method: "POST",
    headers: {
      "content-type": "message/rfc822",
      "x-gradus-signature": `sha256=${createHmac("sha256", bounceSecret).update(signed).digest("hex")}`,
    },
    body: new Uint8Array(raw),
  });
  const text = await answer.text();
  return [answer.status, answer.headers.get("cache-control"), JSON.parse(text)];
}

test("a bounce of any message ends mail to its address, by its envelope sender, until it is confirmed again", async () => {
  const own = await confirmed("gone@example.org");
  const { from } = mail.taken.findLast(({ to }) => to.includes("gone@example.org")) ?? { from: "" };
  expect(from).toMatch(/^in\+m\d+\.[0-9a-f]{16}@papers\.example\.org$/);
  const bounce = statusNotification(from, [{ Action: "failed", Status: "5.1.1" }]);
  expect(await postMail(bounce, Buffer.from("another"))).toMatchObject([401, "no-store", {}]);
  expect(await postMail(Buffer.alloc(600 * 1024, "a: b\n"))).toMatchObject([413, "no-store", {}]);
  const forged = statusNotification(from.replace(/.@/, "x@"), [{ Action: "failed", Status: "5.1.1" }]);
  expect(await postMail(forged)).toMatchObject([422, "no-store", { error: { code: "no_token" } }]);
  expect(await (await reader().ask(own)).text()).toContain("Email preferences");
  expect(await postMail(bounce)).toEqual([200, "no-store", { outcome: "suppressed" }]);
  expect(await (await reader().ask(own)).text()).toContain("You are not subscribed");
  expect((await fetch(new URL("/hooks/bounce", server.origin))).status).toBe(405);
  // Neither a sign-in link nor anything else is sent; what comes after it is.
  await reader().post("/sign-in", { email: "gone@example.org" });
  await confirmed("after@example.org");
  expect(mail.taken.filter(({ to }) => to.includes("gone@example.org"))).toHaveLength(1);
});

test("a message to the command unsubscribes, as one that is posted does", async () => {
  const ways = [
    async (raw: Uint8Array) => leaveIncomingMail(server.folder, raw, new Date()),
    async (raw: Uint8Array) => expect(await postMail(raw)).toMatchObject([200, "no-store", {}]),
  ];
  for (const [i, hand] of ways.entries()) {
    const own = await confirmed(`mailed${i}@example.org`);
    const [, id = ""] = /\/u\/v1\.([^.]+)\./.exec(own) ?? [];
    const addresses = returnAddresses(
      { GRADUS_SECRET: secret, GRADUS_MAIL_INCOMING: "in@papers.example.org" } as NodeJS.ProcessEnv,
      "papers.example.org",
    );
    await hand(message({ From: "a@b.example", To: addresses.toUnsubscribe(id) ?? "", Subject: "" }, ""));
    await expect.poll(async () => (await reader().ask(own)).text()).toContain("You are not subscribed");
  }
});

test("preferences change, and deleting leaves nothing to show", async () => {
  const { ask, post } = reader();
  const own = await confirmed("change@example.org");
  const wrong = await post(own, { action: "save", hour: "99" });
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain("Hour must be an integer");
  const saved = await post(own, { action: "save", hour: "5", tz: "Asia/Kathmandu", keywords: "zeppelin" });
  expect(saved.status).toBe(200);
  const page = await saved.text();
  expect(page).toContain("every day at 05:00 (Asia/Kathmandu)");
  expect(page).toContain("there would be no message");
  expect((await post(own, { action: "delete" })).status).toBe(400);
  expect((await post(own, { action: "delete", sure: "yes" })).status).toBe(200);
  const gone = await (await ask(own)).text();
  expect(gone).toContain("You are not subscribed");
  expect(gone).not.toContain("•••");
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
    const path = await confirmed("looks@example.org");
    const own = await newReader(browser);
    const { page } = await visitAs(own, new URL(path, server.origin));
    await page.getByRole("heading", { name: "Next message" }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Unsubscribe" }).press("Enter");
    await page.getByRole("heading", { name: "You are not subscribed" }).waitFor();
    expect(await faults(page)).toEqual([]);
    await own.close();
  });
});
