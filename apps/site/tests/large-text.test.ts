// A reader whose browser writes letters twice as large, or far apart: layouts follow the letters, not the pixels.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { cutOff, fits, installed, launch, visit } from "./visit.ts";

/** What WCAG 1.4.12 lets a reader set without loss: 0.12 em between letters, 0.16 em between words, 1.5 lines. */
const SPACED = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-bottom: 2em !important; }`;

let browser: Browser;

describe.skipIf(!installed)("letters of 32 px (skipped without Chromium)", () => {
  beforeAll(async () => {
    browser = await launch("--blink-settings=defaultFontSize=32");
  });
  afterAll(() => browser?.close());

  test.for(["/papers", "/papers/2412.08424", "/ranking", "/docs"])(
    "%s fits a wide screen, with room to search and nothing of the hidden link to the content",
    async (path) => {
      const { page } = await visit(browser, new URL(path, origin), {
        viewport: { width: 1280, height: 900 },
      });
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("32px");
      expect(await fits(page)).toBe(true);
      const search = await page.getByRole("searchbox").first().boundingBox();
      expect(search?.width).toBeGreaterThan(200);
      const skip = await page.getByRole("link", { name: "Skip to content" }).boundingBox();
      expect((skip?.y ?? 0) + (skip?.height ?? 0)).toBeLessThanOrEqual(0);
      await page.context().close();
    },
  );

  test("lists, status, ranking and the HTTP API need no sideways scrolling on a phone", async () => {
    for (const path of ["/papers", "/status", "/ranking", "/docs/http"]) {
      const { page } = await visit(browser, new URL(path, origin), { viewport: { width: 390, height: 844 } });
      expect(await fits(page), path).toBe(true);
      await page.context().close();
    }
  });
});

describe.skipIf(!installed)("letters, words and lines far apart (skipped without Chromium)", () => {
  test.for([1180, 400, 320])(
    "cut off nothing of a paper's card %d px wide, and let no line run into another",
    async (width) => {
      const connected = await connectBrowser();
      for (const path of ["/papers/2412.08424", "/papers/1910.03193"]) {
        const viewport = { width, height: 900 };
        const { page } = await visit(connected, new URL(path, origin), { viewport, bypassCSP: true });
        await page.addStyleTag({ content: SPACED });
        expect(await cutOff(page), path).toEqual([]);
        const facts = await page.locator("#run .now").evaluate((e) => e.scrollHeight - e.clientHeight);
        expect(facts, path).toBe(0);
        const ended = page.locator("#run .now p");
        expect(
          await ended.evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth).length),
          path,
        ).toBe(0);
        await page.context().close();
      }
      await connected.close();
    },
  );

  test("need no sideways scrolling of the ranking's page on a small phone", async () => {
    const connected = await connectBrowser();
    const viewport = { width: 320, height: 640 };
    const { page } = await visit(connected, new URL("/ranking", origin), { viewport, bypassCSP: true });
    await page.addStyleTag({ content: SPACED });
    expect(await fits(page)).toBe(true);
    await connected.close();
  });
});
