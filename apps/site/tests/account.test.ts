// Signing in by a mailed link, the account and its end, against the production server and a real mail server.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MailServer, startMailServer } from "../src/lib/server/mail/testing.ts";
import { faults } from "./faults.ts";
import { expectWaitsOfAnHour, FORM, plainReader } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, follow, installed, newReader, visitAs } from "./visit.ts";

const PUBLIC = "https://papers.example.org";

/** The path of the link in the latest message to an address. */
async function latestLink(mail: MailServer, recipient: string, count = 1): Promise<string> {
  const to = () => mail.taken.filter((message) => message.to.includes(recipient));
  await expect.poll(() => to().length).toBe(count);
  const { text = "" } = await simpleParser(to()[count - 1].source);
  const link = /https:\/\/papers\.example\.org(\/sign-in\/\S+)/.exec(text);
  return link?.[1] ?? "";
}

describe("a public site with a mail server", () => {
  let mail: MailServer;
  let server: TestServer;
  beforeAll(async () => {
    mail = await startMailServer();
    server = await startSeeded({
      environment: { ORIGIN: PUBLIC, GRADUS_SMTP_URL: mail.url, ADDRESS_HEADER: "x-test-address" },
    });
  });
  afterAll(async () => {
    // Whose log is scanned for addresses and tokens.
    await server?.stop();
    server?.remove();
    await mail?.close();
  });
  let network = 0;
  const reader = () => plainReader(server, { origin: PUBLIC, "x-test-address": `192.0.2.${++network}` });

  /** Sends a form under another host's name, which fetch does not allow. */
  async function postAs(host: string, path: string, fields: Readonly<Record<string, string>>) {
    const headers = { host, origin: PUBLIC, "content-type": FORM, "x-test-address": "198.51.100.1" };
    const sent = request(new URL(path, server.origin), { method: "POST", headers });
    sent.end(new URLSearchParams(fields).toString());
    const [answer] = await once(sent, "response");
    answer.resume();
  }

  test("a link signs in once, by its button alone, and leads back to where the reader was", async () => {
    const { ask, post, cookies } = reader();
    const asked = await post("/sign-in", { email: "ada@example.org", to: "/papers/2412.08424" });
    expect(asked.status).toBe(200);
    expect(await asked.text()).toContain("If ada@example.org can receive email");
    const link = await latestLink(mail, "ada@example.org");

    // Scanners of mail look at it first.
    for (let i = 0; i < 2; i++) {
      const page = await ask(link);
      expect(page.status).toBe(200);
      expect(page.headers.get("cache-control")).toBe("no-store");
      expect(page.headers.get("referrer-policy")).toBe("same-origin");
      expect(await page.text()).toContain('content="noindex"');
    }
    expect([...cookies.keys()]).toEqual(["gradus-cookies"]);

    const entered = await post(link);
    expect([entered.status, entered.headers.get("location")]).toEqual([303, "/papers/2412.08424"]);
    const [field] = entered.headers.getSetCookie();
    expect(field).toMatch(/^__Host-gradus=[\w-]{43};/);
    for (const attribute of [/; Path=\//, /; HttpOnly/, /; Secure/, /; SameSite=Lax/])
      expect(field).toMatch(attribute);
    const home = await ask("/papers");
    expect(home.headers.get("cache-control")).toBe("private, no-cache");
    expect(await home.text()).toMatch(/<a href="\/account"[^>]*>.*ada<\/a\s*>/s);

    const again = await reader().post(link);
    expect(again.status).toBe(400);
    expect(await again.text()).toContain("<title>This link is no longer valid · gradus</title>");
    expect(again.headers.getSetCookie().join()).not.toContain("__Host-gradus");
    // Who opens it again has no button to press.
    const opened = await (await reader().ask(link)).text();
    expect(opened).toContain("<title>This link is no longer valid · gradus</title>");
    expect(opened).toContain("Get a new link");
    expect(opened).not.toContain("Press the button");
  });

  test("a browser that refuses cookies is told so, and its link stays good", async () => {
    const own = reader();
    await own.post("/sign-in", { email: "refusing@example.org" });
    const link = await latestLink(mail, "refusing@example.org");
    /** What the button of the page sends. */
    const press = async () => {
      const page = await (await own.ask(link)).text();
      const fields = [...page.matchAll(/<input type="hidden" name="(\w+)" value="(\w+)"/g)];
      return (keeps: boolean) => {
        if (!keeps) own.cookies.clear();
        return own.post(link, Object.fromEntries(fields.map(([, name, value]) => [name, value])));
      };
    };
    for (let i = 0; i < 2; i++) {
      const refused = await (await press())(false);
      expect(refused.status).toBe(400);
      const text = await refused.text();
      expect(text).toContain("Your browser blocks cookies");
      expect(text).toContain("Allow cookies for papers.example.org");
      expect(refused.headers.getSetCookie().join()).not.toContain("__Host-gradus");
    }
    const entered = await (await press())(true);
    expect(entered.status).toBe(303);
    expect(own.cookies.has("__Host-gradus")).toBe(true);
  });

  test("known and unknown addresses get the same answers, byte for byte but for what they typed", async () => {
    const answer = async (email: string) => {
      const response = await reader().post("/sign-in", { email });
      const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1] ?? "";
      const text = (await response.text()).replaceAll(nonce, "").replaceAll(email, "");
      return { status: response.status, text, wait: Number(response.headers.get("retry-after")) };
    };
    const first = await answer("new@example.org");
    expect([first.status, (await answer("other@example.org")).text]).toEqual([200, first.text]);
    // Those have no accounts, and this one has, and a link that was sent less than a minute ago.
    const known = await answer("ada@example.org");
    const unknown = await answer("new@example.org");
    for (const { status, text, wait } of [known, unknown]) {
      expect(status).toBe(429);
      expect(text).toContain("was requested less than a minute ago. Use that one, or ask again in");
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
    }
    const unnumbered = ({ text }: { readonly text: string }) => text.replaceAll(/\d+( seconds?)?/g, "");
    expect(unnumbered(known)).toBe(unnumbered(unknown));
  });

  test("signing in gives the browser another session than it came with", async () => {
    const own = reader();
    // One that somebody else put there.
    own.cookies.set("__Host-gradus", "a".repeat(43));
    await own.post("/sign-in", { email: "fixed@example.org" });
    await own.post(await latestLink(mail, "fixed@example.org"));
    expect(own.cookies.get("__Host-gradus")).not.toBe("a".repeat(43));
    expect((await own.ask("/account")).status).toBe(200);
  });

  test("an account changes its address by the button of a link to the new one", async () => {
    const own = reader();
    await own.post("/sign-in", { email: "moving@example.org" });
    await own.post(await latestLink(mail, "moving@example.org"));
    const wrong = await own.post("/account?/changeAddress", { email: "moved" });
    expect([wrong.status, await wrong.text()]).toEqual([
      400,
      expect.stringContaining("Enter a complete email"),
    ]);
    const asked = await own.post("/account?/changeAddress", { email: "moved@example.org" });
    expect(await asked.text()).toContain("If moved@example.org can receive email, a message is on its way.");
    const link = await latestLink(mail, "moved@example.org");
    expect(await (await reader().ask(link)).text()).toContain("Confirm your new address");
    expect(await (await own.ask("/account")).text()).toContain("Signed in as moving@example.org");
    const confirmed = await own.post(link);
    expect([confirmed.status, confirmed.headers.get("location")]).toEqual([303, "/account#email"]);
    expect(await (await own.ask("/account")).text()).toContain("Signed in as moved@example.org");
    const used = await (await own.ask(link)).text();
    expect(used).toContain("<title>This link is no longer valid · gradus</title>");
    expect(used).toContain("Go to your account");
  });

  test("other sites can do nothing in a reader's name, nor sign them in", async () => {
    const evil = { origin: "https://evil.example" };
    const own = reader();
    expect((await own.post("/sign-in", { email: "csrf@example.org" }, evil)).status).toBe(403);
    await own.post("/sign-in", { email: "csrf@example.org" });
    const link = await latestLink(mail, "csrf@example.org");
    expect((await own.post(link, {}, evil)).status).toBe(403);
    expect((await own.post(link, {}, { origin: "null", "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await own.post(link)).status).toBe(303);
    for (const action of ["signOut", "signOutEverywhere", "delete"])
      expect((await own.post(`/account?/${action}`, { sure: "yes" }, evil)).status).toBe(403);
    expect((await own.ask("/account")).status).toBe(200);
  });

  test("links lead to the site's own address whatever the request says, and back to this site only", async () => {
    const own = reader();
    const to = "//evil.example/papers";
    await postAs("evil.example", "/sign-in", { email: "host@example.org", to });
    const link = await latestLink(mail, "host@example.org");
    expect((await own.post(link)).headers.get("location")).toBe("/papers");
    expect(mail.taken.map(({ source }) => source).join("")).not.toContain("evil.example");
    const signedIn = await own.ask("/sign-in?to=https://evil.example");
    expect([signedIn.status, signedIn.headers.get("location")]).toEqual([303, "/papers"]);
  });

  test("what is no address is refused, and mail is sent to one person only", async () => {
    for (const email of ["", "ada", "ada@example.org\r\nBcc: eve@example.org", "a@x.org, b@x.org"]) {
      const response = await reader().post("/sign-in", { email });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("Enter a complete email address");
    }
    expect(mail.taken.every(({ to }) => to.length === 1)).toBe(true);
  });

  test("a network that asks for many links has to wait", async () => {
    const { post } = reader();
    const answers: Response[] = [];
    for (let i = 0; i < 22; i++) answers.push(await post("/sign-in", { email: "no address" }));
    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(400), 429, 429]);
    expectWaitsOfAnHour(answers);
  });

  test("an account shows its sessions, ends them, exports its data and is deleted", async () => {
    const [here, elsewhere] = [reader(), reader()];
    for (const [i, own] of [here, elsewhere].entries()) {
      await own.post("/sign-in", { email: `person${i}@gmail.com` });
      await own.post(await latestLink(mail, `person${i}@gmail.com`));
    }
    const page = await (await here.ask("/account")).text();
    expect(page).toContain("Signed in as person0@gmail.com");
    expect(page).toContain("(this browser)");
    const file = await here.ask("/account/export");
    expect(file.headers.get("content-disposition")).toContain("attachment");
    expect(file.headers.get("cache-control")).toBe("no-store");
    expect(await file.json()).toMatchObject({ account: { email: "person0@gmail.com" }, votes: [] });

    const cookie = here.cookies.get("__Host-gradus") ?? "";
    expect((await here.post("/account?/signOutEverywhere")).status).toBe(303);
    expect(here.cookies.size).toBe(0);
    here.cookies.set("__Host-gradus", cookie);
    expect((await here.ask("/account")).headers.get("location")).toBe("/sign-in?to=/account");
    expect((await here.ask("/account/export")).status).toBe(401);

    expect((await elsewhere.post("/account?/delete")).status).toBe(400);
    const deleted = await elsewhere.post("/account?/delete", { sure: "yes" });
    expect([deleted.status, deleted.headers.get("location")]).toEqual([303, "/account/deleted"]);
    const farewell = await (await elsewhere.ask("/account/deleted")).text();
    expect(farewell).toContain("Your account was deleted");
    expect(farewell).toContain('href="/sign-in"');
    expect((await elsewhere.ask("/account")).status).toBe(303);
  });

  test("the messages are for the mail server alone", async () => {
    expect((await reader().ask("/mail")).status).toBe(404);
  });
});

describe.skipIf(!installed)("a fresh clone without a mail server (skipped without Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startSeeded();
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    server?.remove();
  });

  /** The page of the messages with its key, from where the site said that it is. */
  const mailPath = () => {
    const [, folder = ""] = /writing mail to (\S+), shown at/.exec(server.log()) ?? [];
    return `/mail?key=${readFileSync(join(folder, "key"), "utf8")}`;
  };

  test("says where messages go", () => {
    expect(server.log()).toMatch(
      /no mail server \(GRADUS_SMTP_URL\); writing mail to \S+mail, shown at \/mail/,
    );
  });

  test("signs in, out and in again by keyboard, with scripts and the messages that the site shows", async () => {
    const reader = await newReader(browser);
    const { page, trouble } = await visitAs(reader, new URL(mailPath(), server.origin));
    await page.getByRole("heading", { name: "Messages" }).waitFor();
    expect(new URL(page.url()).search).toBe("");
    await page.goto(`${server.origin}/papers/2412.08424`);
    await alive(page);
    await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link", { name: "Sign in" })
      .press("Enter");
    await page.getByLabel("Email address").waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByLabel("Email address").fill("keyboard@example.org");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Check your email" }).waitFor();
    // The keyboard goes on from the answer, and a screen reader reads it.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toMatch(/^\s*If keyboard@example\.org can receive email/);
    expect(await faults(page)).toEqual([]);
    await page.getByRole("link", { name: "open the messages" }).press("Enter");
    await page.waitForURL(/\/mail$/);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByRole("link", { name: "Open the sign-in link" }).count();
      })
      .toBe(1);
    expect(await faults(page)).toEqual([]);
    await page.getByRole("link", { name: "Open the sign-in link" }).press("Enter");
    await page.getByRole("heading", { name: "Sign in to gradus" }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).press("Enter");
    await page.waitForURL(/\/papers\/2412\.08424$/);
    await page.getByRole("link", { name: "Account of keyboard" }).press("Enter");
    await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Sign out", exact: true }).press("Enter");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Sign in" }).waitFor();
    expect(trouble).toEqual([]);
    await reader.close();
  });

  test("does the same without scripts", async () => {
    const reader = await newReader(browser, { javaScriptEnabled: false });
    const { page } = await visitAs(reader, new URL(mailPath(), server.origin));
    await page.goto(`${server.origin}/sign-in`);
    await page.getByLabel("Email address").fill("plain@example.org");
    await page.getByRole("button", { name: "Email me a link" }).click();
    await follow(page.getByRole("link", { name: "open the messages" }), /\/mail$/);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByText("To plain@example.org").count();
      })
      .toBe(1);
    await follow(page.getByRole("link", { name: "Open the sign-in link" }).first(), /\/sign-in\//);
    await follow(page.getByRole("main").getByRole("button", { name: "Sign in" }), /\/papers$/);
    await follow(page.getByRole("link", { name: "Account of plain" }), /\/account$/);
    const sure = page.getByLabel("I want to delete my account");
    // Without it the browser says what is missing, where it is missing, and sends nothing.
    await page.getByRole("button", { name: "Delete account" }).click();
    expect(await sure.evaluate((box) => box.matches(":invalid:focus"))).toBe(true);
    await sure.check();
    await follow(page.getByRole("button", { name: "Delete account" }), /\/account\/deleted$/);
    expect(await page.getByRole("link", { name: "Account of plain" }).count()).toBe(0);
    await reader.close();
  });

  test("shows its messages to nobody without the key", async () => {
    const { ask } = plainReader(server);
    expect((await ask("/mail")).status).toBe(404);
    expect((await ask("/mail?key=")).status).toBe(404);
    expect((await ask(`/mail?key=${"A".repeat(43)}`)).status).toBe(404);
    expect(await (await ask("/mail")).text()).not.toContain("sign-in/");
    const entered = await ask(mailPath());
    expect([entered.status, entered.headers.get("location")]).toEqual([303, "/mail"]);
    expect(entered.headers.getSetCookie()[0]).toMatch(/HttpOnly/);
    expect((await ask("/mail")).status).toBe(200);
  });
});
