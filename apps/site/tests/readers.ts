// Readers who look at one page after the other, in two zones: what holds of every page and state of the site.
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import type { TestServer } from "./server.ts";
import { connectBrowser, origin, startSeeded } from "./shared.ts";
import { violations } from "./violations.ts";
import {
  alive,
  controlsOutside,
  cutOff,
  fits,
  labelsOutside,
  newReader,
  newTab,
  type Tab,
  visitAs,
} from "./visit.ts";

/** The shared server stands in Pacific/Kiritimati, as the wide reader does; this is the zone of the others. */
const ELSEWHERE = "Pacific/Pago_Pago";
const WIDE = { width: 1180, height: 800 };
/** 1280 x 1024 at 400 %. */
const NARROW = { width: 320, height: 256 };
const AXE_LOOKS = [
  { colorScheme: "light", viewport: WIDE },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

/** The text of each date, as a server sent it. */
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

const unfold = (page: Page) =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

/** What axe finds in a page with everything unfolded: light on a desktop, dark on a phone. */
async function violationsInEachLook(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, viewport } of AXE_LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await unfold(page);
    found.push(...(await violations(page)).map((text) => `${colorScheme}, ${viewport.width} px: ${text}`));
  }
  return found;
}

/** A browser's readers, and a server in another zone than the shared one. */
export interface Readers extends AsyncDisposable {
  readonly browser: Browser;
  /**
   * Sees on a desktop the dates that a server in another zone sends, controls inside their cells, and nothing that is
   * asked of others; then axe looks, on a desktop and on a phone.
   */
  wide(path: string): Promise<void>;
  /** Sees the same dates in another zone, and needs no sideways scrolling: narrow, unfolded, with enlarged text. */
  narrow(path: string): Promise<void>;
  /** What axe finds in a page of any server. */
  violations(address: URL): Promise<string[]>;
}

/** Starts a server on the seed's clock, and opens the readers' windows. Close them with `await using`, or by hand. */
export async function startReaders(): Promise<Readers> {
  const clock = { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" };
  const elsewhere: TestServer = await startSeeded({ environment: { ...clock, TZ: ELSEWHERE } });
  const browser = await connectBrowser();
  const [wide, narrow] = await Promise.all([
    newReader(browser, { timezoneId: "Pacific/Kiritimati", reducedMotion: "reduce" }),
    newReader(browser, { timezoneId: ELSEWHERE }),
  ]);
  const [wideTab, narrowTab] = await Promise.all([newTab(wide, origin), newTab(narrow, origin)]);

  /** Opens a page, light and in a window of some size, and checks its dates and what it asked for. */
  async function open(tab: Tab, viewport: typeof WIDE, path: string): Promise<Page> {
    const sent = datesOf(await (await fetch(`${elsewhere.origin}${path}`)).text());
    await tab.page.emulateMedia({ colorScheme: "light" });
    await tab.page.setViewportSize(viewport);
    const { page, response, trouble } = await tab.open(new URL(path, origin));
    expect(datesOf((await response?.text()) ?? "")).toEqual(sent);
    await alive(page);
    await page.waitForLoadState("networkidle");
    expect(await datesIn(page)).toEqual(sent);
    // A browser says of itself that the page was not found.
    const notFound = response?.status() === 404;
    expect(trouble.filter((line) => !(notFound && line.includes("status of 404")))).toEqual([]);
    return page;
  }

  return {
    browser,
    async wide(path) {
      const page = await open(wideTab, WIDE, path);
      expect(await controlsOutside(page)).toEqual([]);
      expect(await violationsInEachLook(page)).toEqual([]);
    },
    async narrow(path) {
      const page = await open(narrowTab, NARROW, path);
      expect(await fits(page)).toBe(true);
      expect(await cutOff(page)).toEqual([]);
      expect(await labelsOutside(page)).toEqual([]);
      expect(await controlsOutside(page)).toEqual([]);
      await unfold(page);
      expect(await fits(page)).toBe(true);
      // Text alone at 200 %.
      await page.setViewportSize({ width: 640, height: 800 });
      await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
      expect(await fits(page)).toBe(true);
    },
    async violations(address) {
      const { page } = await visitAs(wide, address);
      await alive(page);
      await page.waitForLoadState("networkidle");
      const found = await violationsInEachLook(page);
      await page.close();
      return found;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await elsewhere.stop();
      elsewhere.remove();
    },
  };
}
