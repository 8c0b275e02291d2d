// A reader whose browser writes letters twice as large, on a wide screen and a phone: layouts follow the letters, not the pixels.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { origin } from "./shared.ts";
import { fits, installed, launch, visit } from "./visit.ts";

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
