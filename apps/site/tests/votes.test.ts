// Votes by plain forms and by keyboard, against the production server.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults } from "./faults.ts";
import { expectWaitsOfAnHour, mailedLink, newPerson, type PlainReader, plainReader } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, installed, newReader, visitAs } from "./visit.ts";

const PAPER = "2412.08424";
const VOTE = `/papers/${PAPER}?/vote`;
const LIST = "/papers/date/2025-12-25";

let server: TestServer;
let ada: PlainReader;
let grace: PlainReader;
beforeAll(async () => {
  server = await startSeeded({ environment: { GRADUS_API_LIMIT: "1000" } });
  ada = await newPerson(server, "ada@example.org");
  grace = await newPerson(server, "grace@example.org");
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

const nobody = () => plainReader(server);
/** The opening tag of the vote button on the paper's page, or of the link in its place. */
async function paperButton({ ask }: PlainReader): Promise<string> {
  const html = await (await ask(`/papers/${PAPER}`)).text();
  return /<(?:button|a)[^>]*data-keys="vote"[^>]*>/.exec(html)?.[0] ?? "";
}

test("a vote is cast and withdrawn by a form, once each, and leads back to where the reader was", async () => {
  expect(await paperButton(ada)).toMatch(/aria-pressed="false".* 0 votes"/);
  for (let i = 0; i < 2; i++) {
    const cast = await ada.post(VOTE, { vote: "cast", to: `${LIST}#${PAPER}` });
    expect([cast.status, cast.headers.get("location")]).toEqual([303, `${LIST}#${PAPER}`]);
    expect(await paperButton(ada)).toMatch(/aria-pressed="true".* 1 vote"/);
  }
  await grace.post(VOTE, { vote: "cast" });
  expect(await paperButton(grace)).toMatch(/aria-pressed="true".* 2 votes"/);
  for (let i = 0; i < 2; i++) {
    expect((await ada.post(VOTE, { vote: "withdraw", to: "//evil.example" })).headers.get("location")).toBe(
      "/papers",
    );
    expect(await paperButton(ada)).toMatch(/aria-pressed="false".* 1 vote"/);
  }
});

test("two votes at once count once", async () => {
  await Promise.all(Array.from({ length: 8 }, () => ada.post(VOTE, { vote: "cast" })));
  expect(await paperButton(ada)).toMatch(/aria-pressed="true".* 2 votes"/);
});

test("pages for all show the count at once and nobody's own vote, and are served from memory", async () => {
  const cached = () => nobody().ask(LIST);
  const before = await (await cached()).text();
  expect(before).not.toContain("?/vote");
  const own = await ada.ask(LIST);
  expect(own.headers.get("cache-control")).toBe("private, no-cache");
  expect(await own.text()).toContain(`/papers/${PAPER}?/vote`);
  expect(await (await cached()).text()).not.toContain("?/vote");
  expect(await paperButton(nobody())).toMatch(/^<a .* 2 votes"/);
  await ada.post(VOTE, { vote: "withdraw" });
  expect(await paperButton(nobody())).toMatch(/^<a .* 1 vote"/);
});

test("whoever is signed out is offered to sign in, and has then voted and is back", async () => {
  const reader = nobody();
  const refused = await reader.post(VOTE, { vote: "cast" });
  expect(refused.status).toBe(401);
  const [, offer = ""] = /href="(\/sign-in\?[^"]*)"[^>]*>Sign in and vote/.exec(await refused.text()) ?? [];
  const page = await (await reader.ask(offer.replaceAll("&amp;", "&"))).text();
  expect(page).toContain("Sign in to vote");
  const to = /name="to" value="([^"]*)"/.exec(page)?.[1] ?? "";
  const vote = /name="vote" value="([^"]*)"/.exec(page)?.[1] ?? "";
  expect([to, vote]).toEqual([`/papers/${PAPER}`, PAPER]);
  await reader.post("/sign-in", { email: "new@example.org", to, vote });
  const entered = await reader.post(await mailedLink(server, "new@example.org"));
  expect([entered.status, entered.headers.get("location")]).toEqual([303, `/papers/${PAPER}`]);
  expect(await paperButton(reader)).toMatch(/aria-pressed="true".* 2 votes"/);
  await reader.post("/account?/delete", { sure: "yes" });
  expect(await paperButton(nobody())).toMatch(/ 1 vote"/);
});

test("other sites cannot vote in a reader's name; wrong votes and papers are refused", async () => {
  const evil = { origin: "https://evil.example" };
  expect((await ada.post(VOTE, { vote: "cast" }, evil)).status).toBe(403);
  expect(
    (await ada.post(VOTE, { vote: "cast" }, { origin: "null", "sec-fetch-site": "cross-site" })).status,
  ).toBe(403);
  expect((await ada.ask(`${VOTE}&vote=cast`)).status).toBe(200);
  expect(await paperButton(ada)).toMatch(/aria-pressed="false"/);
  expect((await ada.post(VOTE, { vote: "twice" })).status).toBe(400);
  expect((await ada.post("/papers/2501.99999?/vote", { vote: "cast" })).status).toBe(404);
  expect((await ada.post("/papers/nonsense?/vote", { vote: "cast" })).status).toBe(404);
});

test("an account casts 60 votes an hour, and is told when it may cast the next; withdrawals are free", async () => {
  const busy = await newPerson(server, "busy@example.org");
  const statuses: number[] = [];
  for (let i = 0; i < 61; i++) statuses.push((await busy.post(VOTE, { vote: "cast" })).status);
  expect(statuses).toEqual([...Array(60).fill(303), 429]);
  const refused = await busy.post(VOTE, { vote: "cast" });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3000);
  expect(await refused.text()).toContain("You can cast 60 votes an hour");
  // Scripts, which stay on the page, make the same sentence of the seconds.
  const inPage = { accept: "application/json", "x-sveltekit-action": "true" };
  const answered = await busy.post(VOTE, { vote: "cast" }, inPage);
  expect(await answered.json()).toMatchObject({ type: "failure", status: 429 });
  expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(3000);
  expect((await busy.post(VOTE, { vote: "withdraw" })).status).toBe(303);
  expect((await ada.post(VOTE, { vote: "cast" })).status).toBe(303);
  await ada.post(VOTE, { vote: "withdraw" });
});

test("programs of a signed-in browser vote by PUT and DELETE, as often as they like", async () => {
  const address = `/api/v1/papers/${PAPER}/vote`;
  const send = ({ ask }: PlainReader, method: string, path = address, origin = server.origin) =>
    ask(path, { method, headers: { origin } });
  for (const [method, votes] of [
    ["PUT", 2],
    ["PUT", 2],
    ["DELETE", 1],
    ["DELETE", 1],
  ] as const) {
    const response = await send(ada, method);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(await response.json()).toEqual({ votes, voted: method === "PUT" });
  }
  expect((await send(ada, "PUT", "/api/v1/papers/arXiv:2412.08424v2/vote")).status).toBe(200);
  await send(ada, "DELETE");
  const refused = await send(nobody(), "PUT");
  expect(refused.status).toBe(401);
  const offer = `/sign-in?to=%2Fpapers%2F${PAPER}&vote=${PAPER}`;
  expect(await refused.json()).toMatchObject({
    error: { code: "unauthorized", message: `Sign in to vote: ${server.origin}${offer}` },
  });
  expect((await send(ada, "PUT", address, "https://evil.example")).status).toBe(403);
  expect((await send(ada, "PUT", "/api/v1/papers/2501.99999/vote")).status).toBe(404);
  expect((await send(ada, "GET")).status).toBe(405);
  const busy = await newPerson(server, "program@example.org");
  for (let i = 0; i < 60; i++) expect((await send(busy, "PUT")).status).toBe(200);
  const limited = await send(busy, "PUT");
  expect([limited.status, Number(limited.headers.get("retry-after")) > 3000]).toEqual([429, true]);
  expect(await limited.json()).toMatchObject({ error: { code: "too_many_requests" } });
  await busy.post("/account?/delete", { sure: "yes" });
});

test("saved papers and read marks are in the account, by plain forms", async () => {
  const mark = (fields: Record<string, string>) => ada.post(`/papers/${PAPER}?/mark`, fields);
  expect((await mark({ mark: "saved", set: "yes", to: LIST })).headers.get("location")).toBe(LIST);
  expect((await mark({ mark: "read", set: "yes" })).status).toBe(303);
  expect((await mark({ mark: "loved", set: "yes" })).status).toBe(400);
  expect((await mark({ mark: "saved", set: "yes", to: LIST })).status).toBe(303);
  const pressed = async () =>
    [
      ...(await (await ada.ask(`/papers/${PAPER}`)).text()).matchAll(
        /data-keys="(save|read)" aria-pressed="(\w+)"/g,
      ),
    ].map(([, key, value]) => `${key} ${value}`);
  expect(await pressed()).toEqual(["save true", "read true"]);
  expect(await (await ada.ask("/saved")).text()).toContain(`href="/papers/${PAPER}"`);
  expect(await (await grace.ask("/saved")).text()).not.toContain(PAPER);
  expect(await (await ada.ask("/account/export")).json()).toMatchObject({
    saved: [{ paper: PAPER }],
    read: [{ paper: PAPER }],
  });
  await mark({ mark: "saved", set: "no" });
  expect(await pressed()).toEqual(["save false", "read true"]);
  await mark({ mark: "read", set: "no" });
  expect(await (await ada.ask("/account/export")).json()).toMatchObject({ saved: [], read: [] });
  expect((await nobody().post(`/papers/${PAPER}?/mark`, { mark: "saved", set: "yes" })).status).toBe(401);
  expect((await nobody().post("/saved?/merge", { marks: "{}" })).status).toBe(401);
  for (const marks of [
    "",
    "{}",
    "[1",
    JSON.stringify({ saved: Array(5001).fill({ arxivId: "1" }), read: [] }),
  ])
    expect((await ada.post("/saved?/merge", { marks })).status).toBe(400);
});

test("a search is followed by a form, with its feeds; an exported account is imported", async () => {
  const SEARCH = "/papers?q=hessian+spectrum";
  const followButton = async ({ ask }: PlainReader) =>
    /<(?:button|a)[^>]*aria-label="[^"]*ollow(?:ing)? “[^>]*>/.exec(await (await ask(SEARCH)).text())?.[0] ??
    "";
  expect(await followButton(nobody())).toContain("/sign-in?to=%2Fpapers%3Fq%3Dhessian");
  expect(await followButton(ada)).toContain('aria-pressed="false"');
  const query = "hessian spectrum";
  expect((await ada.post("/followed?/follow", { query, to: SEARCH })).headers.get("location")).toBe(SEARCH);
  expect(await followButton(ada)).toContain('aria-pressed="true"');
  const list = await (await ada.ask("/followed")).text();
  expect(list).toContain('href="/feed.atom?q=hessian+spectrum"');
  expect((await nobody().ask("/followed")).headers.get("location")).toBe("/sign-in?to=/followed");
  expect((await ada.post("/followed?/follow", { query: " " })).status).toBe(400);

  await ada.post(VOTE, { vote: "cast" });
  const file = await (await ada.ask("/account/export")).text();
  await ada.post(VOTE, { vote: "withdraw" });
  const other = await newPerson(server, "moved@example.org");
  const upload = (text: string) => {
    const body = new FormData();
    body.set("file", new Blob([text], { type: "application/json" }), "gradus-account.json");
    return other.ask("/account?/import", { method: "POST", body, headers: { origin: server.origin } });
  };
  for (const [text, why] of [
    ["{}", "is damaged, or is not an exported account"],
    [file.replace('"version": 1', '"version": 2'), "was exported by another version of gradus"],
  ]) {
    const refused = await upload(text);
    expect([refused.status, (await refused.text()).includes(why)], why).toEqual([400, true]);
  }
  const imported = await upload(file);
  expect([imported.status, (await imported.text()).includes("Imported 1 vote")]).toEqual([200, true]);
  expect(await paperButton(other)).toContain('aria-pressed="true"');
  expect(await followButton(other)).toContain('aria-pressed="true"');
  // Years of read papers are more than other forms may send.
  const years = Array.from({ length: 20_000 }, (_, i) => ({
    paper: `${2000 + (i % 500)}.${10_000 + i}`,
    at: "2025-01-01T00:00:00Z",
  }));
  const longFile = JSON.stringify({ ...JSON.parse(file), read: years });
  expect(longFile.length).toBeGreaterThan(2 ** 19);
  expect((await upload(longFile)).status).toBe(200);
  expect((await upload(file)).status).toBe(200);
  // An account imports three files an hour.
  const fourth = await upload(file);
  expect(fourth.status).toBe(429);
  expectWaitsOfAnHour([fourth]);
  const tooLarge = await upload("x".repeat(9 * 2 ** 20)).catch(() => undefined);
  // The connection may be closed while the file is still on its way.
  if (tooLarge) expect(await tooLarge.text()).toContain("it has more than 8 MB");
  await other.post("/account?/delete", { sure: "yes" });
  await ada.post("/followed?/unfollow", { query });
  expect(await followButton(ada)).toContain('aria-pressed="false"');
});

test("a person chooses a name, which the header shows", async () => {
  expect((await grace.post("/account?/rename", { name: "Grace  Hopper" })).status).toBe(303);
  expect(await (await grace.ask("/papers")).text()).toMatch(
    /Account of<\/span>(?:<!--.*?-->)*Grace Hopper<\/a/,
  );
  const refused = await grace.post("/account?/rename", { name: "x".repeat(61) });
  expect(refused.status).toBe(400);
  const page = await refused.text();
  expect(page).toContain("A name has at most 60 characters.");
  expect(page).toContain(`value="${"x".repeat(61)}"`);
  await grace.post("/account?/rename", { name: "" });
  expect(await (await grace.ask("/papers")).text()).toMatch(/Account of<\/span>(?:<!--.*?-->)*grace<\/a/);
});

describe.skipIf(!installed)("in Chromium (skipped without it)", () => {
  test("a reader votes by the key v in a list and on the paper's page, in every look", async () => {
    const browser = await connectBrowser();
    const reader = await newReader(browser);
    const [[name, value]] = ada.cookies;
    await reader.addCookies([{ name, value, url: server.origin }]);
    const { page, trouble } = await visitAs(reader, new URL(LIST, server.origin));
    await alive(page);
    // The list is ordered by votes, and this paper has one.
    await page.keyboard.press("j");
    await page.keyboard.press("v");
    const first = page.locator("article").first().locator("[data-keys=vote]");
    await page.locator("article").first().locator('[data-keys=vote][aria-pressed="true"]').waitFor();
    expect(await first.getAttribute("aria-label")).toMatch(/^Vote for From Logistic.*, 2 votes$/);
    const href = await page.locator("article").first().locator("[data-keys=open]").getAttribute("href");
    await page.goto(`${server.origin}${href}`);
    await alive(page);
    await page.keyboard.press("v");
    await page.locator('[data-keys=vote][aria-pressed="false"]').waitFor();
    for (const path of [
      LIST,
      `/papers/${PAPER}`,
      "/papers?q=hessian",
      "/saved",
      "/followed",
      "/account",
      `/sign-in?vote=${PAPER}`,
    ]) {
      if (path.startsWith("/sign-in")) await reader.clearCookies();
      await page.goto(`${server.origin}${path}`);
      await alive(page);
      expect([path, await faults(page)]).toEqual([path, []]);
    }
    expect(trouble).toEqual([]);
    await reader.close();
    await browser.close();
  });

  test("following keeps the keyboard where it is, and says why it could not be done", async () => {
    const browser = await connectBrowser();
    const reader = await newReader(browser);
    const [[name, value]] = grace.cookies;
    await reader.addCookies([{ name, value, url: server.origin }]);
    const { page } = await visitAs(reader, new URL("/papers?q=perceptron", server.origin));
    await alive(page);
    const follow = page.getByRole("button", { name: /^Follow(ing)? “perceptron”$/ });
    const followed = (pressed: boolean) => page.locator(`button.slim[aria-pressed="${pressed}"]`).waitFor();
    const hasFocus = () => follow.evaluate((button) => button === document.activeElement);
    await page.evaluate(() => document.body.setAttribute("data-same", ""));
    await follow.focus();
    for (const pressed of [true, false]) {
      await page.keyboard.press("Enter");
      await followed(pressed);
      expect(await hasFocus()).toBe(true);
      // Saying what stands on it presses it.
      const name = await follow.getAttribute("aria-label");
      expect(name).toBe(`${await follow.textContent()} “perceptron”`);
    }
    expect(await page.locator("body[data-same]").count()).toBe(1);
    for (let i = 0; i < 200; i++)
      expect((await grace.post("/followed?/follow", { query: `search ${i}` })).status).toBe(303);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("You can follow 200 searches. Unfollow one first.").waitFor();
    expect(await hasFocus()).toBe(true);
    await followed(false);
    // Whose session has ended signs in, and comes back to the search.
    await reader.clearCookies();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sign-in\?to=%2Fpapers%3Fq%3Dperceptron$/);
    await reader.close();
    await browser.close();
  });

  test("a key whose vote failed tells nothing of a later press of the button", async () => {
    await grace.post(VOTE, { vote: "withdraw" });
    const browser = await connectBrowser();
    const reader = await newReader(browser, { serviceWorkers: "block" });
    const [[name, value]] = grace.cookies;
    await reader.addCookies([{ name, value, url: server.origin }]);
    const { page } = await visitAs(reader, new URL(`/papers/${PAPER}`, server.origin));
    await alive(page);
    const votes = /\/papers\/[^/]+\?\/vote$/;
    const told = page.locator("footer [role=status]");
    await page.route(votes, (route) => route.abort());
    await page.keyboard.press("v");
    await page.getByRole("alert").getByText("This could not be saved.").waitFor();
    await page.unroute(votes);
    await page.locator("[data-keys=vote]").first().click();
    await page.locator('[data-keys=vote][aria-pressed="true"]').first().waitFor();
    expect(await told.textContent()).toBe("");
    await page.keyboard.press("v");
    await told.getByText("Vote withdrawn").waitFor();
    // Whose session has ended meanwhile signs in, and has then voted.
    await reader.clearCookies();
    await page.keyboard.press("v");
    await page.waitForURL(`**/sign-in?to=${encodeURIComponent(`/papers/${PAPER}`)}&vote=${PAPER}`);
    await reader.close();
    await browser.close();
  });

  test("what a browser kept moves into the account; what it keeps for later has nobody's name", async () => {
    const moving = await newPerson(server, "moving@example.org");
    const browser = await connectBrowser();
    const reader = await newReader(browser);
    const { page } = await visitAs(reader, new URL(LIST, server.origin));
    await alive(page);
    const article = page.locator(`article[id="${PAPER}"]`);
    await article.getByRole("button", { name: /^Save / }).click();
    await article.getByRole("button", { name: /^Mark as read/ }).click();
    const [[name, value]] = moving.cookies;
    await reader.addCookies([{ name, value, url: server.origin }]);
    await page.goto(`${server.origin}/saved`);
    await page.getByText("The list is in your account").waitFor();
    await page.locator("article h2").waitFor();
    expect(await page.getByRole("button", { name: /^Mark as read/ }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    expect(await page.evaluate(() => localStorage.getItem("gradus.marks"))).toBe('{"saved":[],"read":[]}');

    // A service worker is in charge from the second page on.
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.goto(`${server.origin}/papers/${PAPER}`);
    await alive(page);
    const save = page.locator("article [data-keys=save]");
    expect(await save.getAttribute("aria-pressed")).toBe("true");
    await save.click();
    await page.locator('article [data-keys=save][aria-pressed="false"]').waitFor();
    const keptPage = () =>
      page.evaluate(
        async (address) => (await caches.match(address))?.text(),
        `${server.origin}/papers/${PAPER}`,
      );
    await expect.poll(keptPage).toContain("Sign in");
    expect(await keptPage()).not.toContain("Account of");
    await page.goto(`${server.origin}/account`);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.waitForURL(/\/papers$/);
    await reader.setOffline(true);
    await page.goto(`${server.origin}/papers/${PAPER}`);
    await page.getByText("You are offline").waitFor();
    expect(await page.getByRole("link", { name: "Account of moving" }).count()).toBe(0);
    await reader.close();
    await browser.close();
  });
});
