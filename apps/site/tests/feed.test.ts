import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOCK, FULL_DAY, PAPER_WITHOUT_EXPERIMENTS, startWithFullDay } from "./full-day.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, copySeeded, startSeeded } from "./shared.ts";
import { alive, fits, follow, installed, visit } from "./visit.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startWithFullDay(copySeeded());
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

const get = (path: string, init?: RequestInit) =>
  fetch(`${server.origin}${path}`, { redirect: "manual", ...init });
const text = async (path: string) => (await get(path)).text();
const entries = (html: string) => html.match(/<article/g)?.length ?? 0;

describe("papers that do not run", () => {
  test("say so and offer nothing to press", async () => {
    const html = await text(PAPER_WITHOUT_EXPERIMENTS);
    expect(html).toContain("There are no experiments for this paper here");
    expect(html).not.toContain("Run all claims");
  });

  test("are left out by a plain link", async () => {
    expect(entries(await text(`/papers/date/${FULL_DAY}`))).toBe(50);
    expect(entries(await text(`/papers/date/${FULL_DAY}?runnable=1`))).toBe(0);
  });
});

describe("papers that run", () => {
  test("an inconclusive claim whose figure meets its bound is called so, without a count of seeds", async () => {
    const html = await text("/papers/2205.10763");
    const words = (part: RegExp) =>
      part
        .exec(html)?.[0]
        .replace(/<!--.*?-->|<[^>]+>/gs, " ")
        .replace(/\s+/g, " ");
    const entry = words(/<a href="#claim-C4".*?<\/li>/s);
    expect(entry).toMatch(/ inconclusive; .* ≤ .* inconclusive $/);
    expect(entry).not.toContain("seeds");
    expect(words(/<tr id="claim-C4".*?<\/tr>/s)).not.toMatch(/\d of 20 seeds/);
  });
});

describe("addresses", () => {
  test.each([
    ["/papers/week/2025-W52", 200],
    ["/papers/week/2025-W53", 404],
    ["/papers/week/2026-W53", 200],
    ["/papers/month/2025-12", 200],
    ["/papers/month/2025-13", 404],
    ["/papers/date/2025-02-29", 404],
    ["/papers/date/2025-12-23", 200],
    ["/papers/date/2025-12-26", 404],
    ["/papers/month/2026-01", 200],
    ["/ranking", 200],
    ["/about", 200],
    ["/status", 200],
  ])("%s answers %d", async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  test.each([
    ["/papers", 6],
    ["/papers/trending", 6],
    ["/papers?q=hessian", 6],
    ["/papers/2412.08424", 3],
    ["/about", 3],
    ["/nowhere", 3],
  ])("%s names the feeds of new papers, and a list its own: %i", async (path, count) => {
    const pattern = /<link rel="alternate" type="application\/(?:atom|rss|feed)[^>]*>/g;
    const links = (await text(path)).match(pattern) ?? [];
    expect(links).toHaveLength(count);
    for (const link of links) {
      const address = /href="([^"]+)"/.exec(link)?.[1].replaceAll("&amp;", "&") ?? "";
      expect((await get(address)).status).toBe(200);
    }
  });

  test.each([
    ["/papers/week", "/papers/week/2025-W52"],
    ["/papers/month", "/papers/month/2025-12"],
    ["/papers/date?day=2025-12-18", "/papers/date/2025-12-18"],
    ["/papers/date", "/papers"],
    ["/papers/date?day=%2F%2Fevil.example", "/papers/date/%2F%2Fevil.example"],
  ])("%s leads to %s", async (path, target) => {
    expect((await get(path)).headers.get("location")).toBe(target);
  });

  test("in a later year the seed's dates have theirs", async () => {
    const later = await startSeeded({ environment: { ...CLOCK, GRADUS_NOW: "2026-01-05T00:00:00Z" } });
    try {
      const [first] =
        (await (await fetch(`${later.origin}/papers`)).text()).match(/<article.*?<\/article>/s) ?? [];
      expect(first).toContain("Gradient-Normalized Smoothness");
      expect(first).toMatch(/<time[^>]*>Jun 16, 2025<\/time>/);
    } finally {
      await later.stop();
      later.remove();
    }
  });

  test.each([
    [
      "/papers/date/2025-12-20",
      "on Saturday, December 20, 2025",
      ["/papers/date/2025-12-18", "/papers/date/2025-12-25"],
    ],
    ["/papers/date/2025-12-01", "on Monday, December 1, 2025", ["/papers/date/2025-12-18"]],
    ["/papers/week/2026-W53", "in Week 53 of 2026", ["/papers/week/2025-W52"]],
    ["/papers/month/2025-11", "in November 2025", ["/papers/month/2025-12"]],
  ])("%s is empty and leads to the nearest that are not", async (path, words, nearest) => {
    const html = (await text(path)).replace(/<!--.*?-->/g, "");
    const [empty] = /<div class="empty[^>]*>.*?<\/div>/s.exec(html) ?? [""];
    expect(empty).toContain(`No papers ${words}.`);
    expect([...empty.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual(nearest);
  });
});

describe("a list", () => {
  test("has 50 papers a page, and says which page it is", async () => {
    const [first, second, beyond] = await Promise.all(
      ["", "?p=1", "?p=9"].map((query) => text(`/papers/date/${FULL_DAY}${query}`)),
    );
    expect([entries(first), entries(second), entries(beyond)]).toEqual([50, 10, 0]);
    expect(first).toContain("page 1 of 2");
    expect(first).toContain(`href="/papers/date/${FULL_DAY}?p=1"`);
    expect(beyond).toContain("There are only 2 pages");
  });

  test("sends abstracts once with its page, and among its data where these are asked for alone", async () => {
    const address = `/papers/date/${FULL_DAY}`;
    const html = await text(address);
    const [, abstract] = /<p class="abstract"><!---->([^<]{60})/.exec(html) ?? [];
    expect(abstract).toBeDefined();
    expect(html.split(abstract)).toHaveLength(2);
    const data = await text(`${address}/__data.json`);
    expect(data.split(abstract)).toHaveLength(2);
  });

  test("says its age, its size, and where its feeds are", async () => {
    const html = await text("/papers/date/2025-12-25?topic=convex&min_votes=0");
    expect(html.replace(/<!--.*?-->/g, "")).toMatch(
      /Updated\s*<time datetime="2025-12-25T09:00:00.000Z">3 h ago<\/time>/,
    );
    expect(html).not.toContain("The latest papers were added");
    for (const format of ["atom", "rss", "json"])
      expect(html).toMatch(
        new RegExp(`<link rel="alternate"[^>]*href="/feed.${format}\\?view=day&amp;topic=convex"`),
      );
  });

  test("leads to the nearest days, and marks the ends", async () => {
    const html = await text("/papers/date/2025-12-25");
    expect(html).toMatch(/<a rel="prev"[^>]*href="\/papers\/date\/2025-12-18"/);
    expect(html).toMatch(/<a role="link" aria-disabled="true"[^>]*>later/);
    expect(html).toMatch(
      /href="\/papers\/date\/2025-12-18" aria-label="Thursday, December 18, 2025, 60 papers"/,
    );
  });
});

describe.skipIf(!installed)("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());
  const open = (path: string, options?: Parameters<typeof visit>[2]) =>
    visit(browser, new URL(path, server.origin), options);

  test("keys go through the list, open papers, find the search, and can be switched off", async () => {
    const { page, trouble } = await open("/papers");
    await alive(page);
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    const titles = await page.locator("article h2").allInnerTexts();
    for (const [key, title] of [
      ["j", 0],
      ["j", 1],
      ["j", 2],
      ["k", 1],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(titles[title]);
    }
    // The focus is seen: whole, within the window.
    const box = await page.locator("article h2 a:focus").boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(0);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(800);
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("type"))).toBe("search");
    await page.keyboard.type("j?t");
    expect(await page.getByRole("searchbox").inputValue()).toBe("j?t");
    expect(page.url()).toMatch(/\/papers$/);

    await page.locator("h1").click();
    // The address changes before the page does.
    const at = async (path: string, heading: string | RegExp) => {
      await page.waitForURL(`**${path}`);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    };
    await page.keyboard.press("[");
    await at(`/papers/date/${FULL_DAY}`, /December 18/);
    await page.keyboard.press("]");
    await at("/papers/date/2025-12-25", /December 25/);
    await page.keyboard.press("t");
    await at("/papers/trending", "Trending papers");
    await page.keyboard.press("j");
    await page.keyboard.press("o");
    await page.waitForURL(/\/papers\/\d{4}\./);
    await page.goBack();
    await at("/papers/trending", "Trending papers");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.getByLabel("Enable single-key shortcuts").uncheck();
    await page.keyboard.press("Escape");
    await page.reload();
    await alive(page);
    await page.keyboard.press("j");
    expect(await page.locator("article h2 a:focus").count()).toBe(0);
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await page.getByLabel("Enable single-key shortcuts").check();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.keyboard.press("j");
    expect(await page.locator("article h2 a:focus").count()).toBe(1);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("filters apply at once, stay open, and leave a short address", async () => {
    const { page, trouble } = await open("/papers/date/2025-12-25");
    await alive(page);
    await page.locator("summary", { hasText: "Filter" }).click();
    const listed = (count: number) => expect.poll(() => page.locator("article").count()).toBe(count);
    await page.getByLabel("Convex", { exact: true }).check();
    await page.waitForURL("**/papers/date/2025-12-25?topic=convex");
    await listed(2);
    await page.getByLabel("Distributed", { exact: true }).check();
    await page.waitForURL("**?topic=convex&topic=distributed");
    await listed(3);
    expect(await page.getByLabel("Distributed", { exact: true }).isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await page.getByLabel("Sort").selectOption("new");
    await page.waitForURL(/sort=new/);
    await page.getByRole("link", { name: "Convex: remove topic filter" }).click();
    await page.waitForURL("**/papers/date/2025-12-25?topic=distributed&sort=new");
    await listed(1);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("without scripts the same form has a button, and the calendar leads to days", async () => {
    const { page } = await open("/papers/date/2025-12-25", { javaScriptEnabled: false });
    await page.locator("summary", { hasText: "Filter" }).click();
    await page.getByLabel("Convex", { exact: true }).check();
    await follow(page.getByRole("button", { name: "Apply" }), /topic=convex/);
    expect(new URL(page.url()).searchParams.getAll("topic")).toEqual(["convex"]);
    expect(await page.locator("article").count()).toBe(2);
    await page.locator("summary", { hasText: "Calendar" }).click();
    await page.getByLabel("Go to date").fill("2025-12-18");
    await follow(page.getByRole("button", { name: "Go" }), /[/]2025-12-18$/);
    expect(await page.locator("article").count()).toBe(50);
    await page.context().close();
  });

  test("320 pixels are enough, with every panel open", async () => {
    for (const path of [
      "/papers",
      `/papers/date/${FULL_DAY}`,
      "/papers/trending",
      "/ranking",
      "/about",
      "/status",
    ]) {
      const { page, trouble } = await open(path, { viewport: { width: 320, height: 640 } });
      await alive(page);
      expect(await fits(page)).toBe(true);
      for (const summary of await page.locator("summary:visible").all()) {
        await summary.click();
        const panel = await page.locator("details[open] > .panel").boundingBox();
        expect(panel?.x).toBeGreaterThanOrEqual(0);
        expect((panel?.x ?? 0) + (panel?.width ?? 0)).toBeLessThanOrEqual(320);
        expect(await fits(page)).toBe(true);
        await page.keyboard.press("Escape");
      }
      expect(trouble).toEqual([]);
      await page.context().close();
    }
  });
});
