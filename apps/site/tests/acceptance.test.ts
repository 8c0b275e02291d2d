// What holds of every page and state: dates, widths, enlarged text, the keyboard's way through, and what is asked of whom.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyPage, STATES } from "./pages.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, origin, startSeeded } from "./shared.ts";
import { alive, fits, installed, newReader, visit, visitAs } from "./visit.ts";

const ZONES = ["Pacific/Kiritimati", "Pacific/Pago_Pago"] as const;

/** The shared server stands in the first zone, this one in the other. */
let elsewhere: TestServer;
let browser: Browser;
/** A reader in each zone, and one with a narrow window, who look at one page after the other. */
let readers: BrowserContext[];
let narrow: BrowserContext;

const open = (path: string, options?: BrowserContextOptions) =>
  visit(browser, new URL(path, origin), options);
const all = [...everyPage(), ...Object.values(STATES)];

/** The text of each date, as the server sent it. */
function datesOf(html: string): string[] {
  return [...html.matchAll(/<time[^>]*>(.*?)<\/time>/gs)].map(([, text]) =>
    text
      .replace(/<!--.*?-->/gs, "")
      .replace(/\s+/g, " ")
      .trim(),
  );
}

/** The text of each date as it stands in the page, folded away or not. */
const datesIn = (page: Page) =>
  page
    .locator("time")
    .evaluateAll((times) => times.map((time) => time.textContent?.replace(/\s+/g, " ").trim()));

/** What the focus is on, and why a reader would not see that; empty where they do. */
const focus = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return undefined;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
    const trouble = [
      // The button inside a field for dates has the browser's own.
      !element.matches("input[type=date]") &&
        (outlineStyle === "none" || outlineWidth === "0px") &&
        "has no outline",
      (width === 0 || height === 0) && "has no size",
      (bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) && "is out of sight",
    ].filter((words) => typeof words === "string");
    return { name: `${element.tagName} ${element.textContent?.trim().slice(0, 40)}`, trouble };
  });

describe.skipIf(!installed)("every page", () => {
  beforeAll(async () => {
    const clock = { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" };
    elsewhere = await startSeeded({ environment: { ...clock, TZ: ZONES[1] } });
    browser = await connectBrowser();
    readers = await Promise.all(ZONES.map((timezoneId) => newReader(browser, { timezoneId })));
    narrow = await newReader(browser, { viewport: { width: 320, height: 256 }, serviceWorkers: "block" });
  });
  afterAll(async () => {
    await browser?.close();
    await elsewhere?.stop();
    elsewhere?.remove();
  });

  test.for(all)(
    "reads alike from servers and in browsers of any zone, and asks nobody else: %s",
    async (path) => {
      const sent = datesOf(await (await fetch(`${elsewhere.origin}${path}`)).text());
      for (const reader of readers) {
        const { page, response, trouble } = await visitAs(reader, new URL(path, origin));
        expect(datesOf((await response?.text()) ?? "")).toEqual(sent);
        await alive(page);
        await page.waitForLoadState("networkidle");
        expect(await datesIn(page)).toEqual(sent);
        // A browser says of itself that the page was not found.
        const notFound = response?.status() === 404;
        expect(trouble.filter((line) => !(notFound && line.includes("status of 404")))).toEqual([]);
        await page.close();
      }
    },
  );

  test.for(all)("needs no sideways scrolling, narrow, enlarged or unfolded: %s", async (path) => {
    // 1280 x 1024 at 400 %.
    const { page } = await visitAs(narrow, new URL(path, origin));
    await page.waitForLoadState("networkidle");
    expect(await fits(page)).toBe(true);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    expect(await fits(page)).toBe(true);
    // Text alone at 200 %.
    await page.setViewportSize({ width: 640, height: 800 });
    await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
    expect(await fits(page)).toBe(true);
    await page.close();
  });

  test.for(["/papers", "/papers?q=hessian", "/papers/2412.08424", "/papers/trending", "/docs"])(
    "shows where the keyboard is, to its end: %s",
    async (path) => {
      const { page } = await open(path, { viewport: { width: 390, height: 500 }, reducedMotion: "reduce" });
      await page.waitForLoadState("networkidle");
      const visited: string[] = [];
      for (let i = 0; i < 400; i++) {
        await page.keyboard.press("Tab");
        const at = await focus(page);
        if (!at) break;
        visited.push(at.name);
        expect(at).toEqual({ name: at.name, trouble: [] });
      }
      expect(visited.length).toBeGreaterThan(10);
      expect(visited.length).toBeLessThan(400);
      await page.context().close();
    },
  );
});
