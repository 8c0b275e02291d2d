// Ways out of a subscription: one click, bounces, mail to its own address, and the preferences.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { leaveIncomingMail } from "@gradus/database/incoming-mail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { message, statusNotification } from "../src/lib/server/mail/incoming/testing.ts";
import { returnAddresses } from "../src/lib/server/mail/return-addresses.ts";
import { secret } from "./server.ts";
import { bounceSecret, type SubscribedSite, startSubscribedSite } from "./subscribed-site.ts";

let site: SubscribedSite;
beforeAll(async () => {
  site = await startSubscribedSite();
});
afterAll(() => site?.[Symbol.asyncDispose]());

/** A request as a provider of mail makes it: no cookie, no origin, no referrer. */
async function oneClick(path: string, type: string, body: string): Promise<number | undefined> {
  const sent = request(new URL(path, site.server.origin), {
    method: "POST",
    headers: { "content-type": type },
  });
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
    const own = await site.confirmed(`click${i}@example.org`);
    expect(await oneClick(`${own.slice(0, -1)}${own.endsWith("A") ? "B" : "A"}`, type, body)).toBe(404);
    expect(await (await site.reader().ask(own)).text()).toContain(
      "<title>Email preferences · gradus</title>",
    );
    expect(await oneClick(own, type, body)).toBe(200);
    expect(await oneClick(own, type, body)).toBe(200);
    expect(await (await site.reader().ask(own)).text()).toContain(
      "<title>You are not subscribed · gradus</title>",
    );
  }
});

/** Posts a message as a mail server does; resolves to the status and the answer. */
async function postMail(raw: Uint8Array, signed: Uint8Array = raw): Promise<readonly unknown[]> {
  const answer = await fetch(new URL("/hooks/bounce", site.server.origin), {
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
  const own = await site.confirmed("gone@example.org");
  const { from } = site.mail.taken.findLast(({ to }) => to.includes("gone@example.org")) ?? { from: "" };
  expect(from).toMatch(/^in\+m\d+\.[0-9a-f]{16}@papers\.example\.org$/);
  const bounce = statusNotification(from, [{ Action: "failed", Status: "5.1.1" }]);
  expect(await postMail(bounce, Buffer.from("another"))).toMatchObject([401, "no-store", {}]);
  expect(await postMail(Buffer.alloc(600 * 1024, "a: b\n"))).toMatchObject([413, "no-store", {}]);
  const forged = statusNotification(from.replace(/.@/, "x@"), [{ Action: "failed", Status: "5.1.1" }]);
  expect(await postMail(forged)).toMatchObject([422, "no-store", { error: { code: "no_token" } }]);
  expect(await (await site.reader().ask(own)).text()).toContain("Email preferences");
  expect(await postMail(bounce)).toEqual([200, "no-store", { outcome: "suppressed" }]);
  expect(await (await site.reader().ask(own)).text()).toContain("You are not subscribed");
  expect((await fetch(new URL("/hooks/bounce", site.server.origin))).status).toBe(405);
  // Neither a sign-in link nor anything else is sent; what comes after it is.
  await site.reader().post("/sign-in", { email: "gone@example.org" });
  await site.confirmed("after@example.org");
  expect(site.mail.taken.filter(({ to }) => to.includes("gone@example.org"))).toHaveLength(1);
});

test("a message to the command unsubscribes, as one that is posted does", async () => {
  const ways = [
    async (raw: Uint8Array) => leaveIncomingMail(site.server.folder, raw, new Date()),
    async (raw: Uint8Array) => expect(await postMail(raw)).toMatchObject([200, "no-store", {}]),
  ];
  for (const [i, hand] of ways.entries()) {
    const own = await site.confirmed(`mailed${i}@example.org`);
    const [, id = ""] = /\/u\/v1\.([^.]+)\./.exec(own) ?? [];
    const addresses = returnAddresses(
      { GRADUS_SECRET: secret, GRADUS_MAIL_INCOMING: "in@papers.example.org" } as NodeJS.ProcessEnv,
      "papers.example.org",
    );
    await hand(message({ From: "a@b.example", To: addresses.toUnsubscribe(id) ?? "", Subject: "" }, ""));
    await expect
      .poll(async () => (await site.reader().ask(own)).text())
      .toContain("<title>You are not subscribed · gradus</title>");
  }
});

test("preferences that were changed in another tab are replaced only by who knows of it", async () => {
  const { ask, post } = site.reader();
  const own = await site.confirmed("tabs@example.org");
  const stampIn = async (page: Response) => /name="stamp" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const opened = await stampIn(await ask(own));
  const save = (stamp: string, keywords: string) => post(own, { action: "save", hour: "7", keywords, stamp });
  expect((await save(opened, "adam")).status).toBe(200);
  const refused = await save(opened, "sgd");
  expect(refused.status).toBe(409);
  const page = await refused.text();
  expect(page).toContain("Not saved: the choices were changed elsewhere after you opened this page.");
  // What was typed is there still, and the second press saves it.
  expect(page).toMatch(/<textarea[^>]*name="keywords"[^>]*>sgd<\/textarea>/);
  expect(await (await ask(own)).text()).toMatch(/<textarea[^>]*>adam<\/textarea>/);
  const again = /name="stamp" value="([^"]+)"/.exec(page)?.[1] ?? "";
  expect((await save(again, "sgd")).status).toBe(200);
  expect(await (await ask(own)).text()).toMatch(/<textarea[^>]*>sgd<\/textarea>/);
});

test("preferences change, and deleting leaves nothing to show", async () => {
  const { ask, post } = site.reader();
  const own = await site.confirmed("change@example.org");
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
