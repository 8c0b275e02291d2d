// axe on every page and state: light on a desktop, dark on a phone.
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAPER_WITHOUT_EXPERIMENTS, startWithFullDay } from "./full-day.ts";
import { everyPage, STATES } from "./pages.ts";
import { connectBrowser, copySeeded, origin } from "./shared.ts";
import { violations } from "./violations.ts";
import { alive, fits, installed, newReader, visit, visitAs } from "./visit.ts";

let browser: Browser;
/** Looks at one page after the other; the site's worker would only fetch what is here already. */
let reader: BrowserContext;

const LOOKS = [
  { colorScheme: "light", viewport: { width: 1180, height: 800 } },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

/** What axe finds in a page with everything unfolded. */
async function inEachLook(path: string, site = origin): Promise<string[]> {
  const { page } = await visitAs(reader, new URL(path, site));
  await alive(page);
  await page.waitForLoadState("networkidle");
  const found: string[] = [];
  for (const { colorScheme, viewport } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    found.push(...(await violations(page)).map((text) => `${colorScheme}, ${viewport.width} px: ${text}`));
  }
  await page.close();
  return found;
}

describe.skipIf(!installed)("axe finds nothing to object to", () => {
  beforeAll(async () => {
    browser = await connectBrowser();
    reader = await newReader(browser, { reducedMotion: "reduce", serviceWorkers: "block" });
  });
  afterAll(() => browser?.close());

  test.for(everyPage())("on %s", async (path) => {
    expect(await inEachLook(path)).toEqual([]);
  });

  test.for(Object.entries(STATES))("in the state %s", async ([, path]) => {
    expect(await inEachLook(path)).toEqual([]);
  });

  test("in a paper without experiments, at any width", async () => {
    const server = await startWithFullDay(copySeeded());
    try {
      expect(await inEachLook(PAPER_WITHOUT_EXPERIMENTS, server.origin)).toEqual([]);
      const { page } = await visitAs(reader, new URL(PAPER_WITHOUT_EXPERIMENTS, server.origin));
      for (const width of [320, 1180]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await fits(page)).toBe(true);
      }
      await page.close();
    } finally {
      await server.stop();
      server.remove();
    }
  });

  test("axe is able to object", async () => {
    const { page } = await visit(browser, new URL("/papers", origin));
    await page.locator("h1").evaluate((heading) => heading.style.setProperty("color", "#ccc"));
    expect(await violations(page)).toContainEqual(expect.stringMatching(/^color-contrast x 1 at h1/));
    await page.context().close();
  });
});
