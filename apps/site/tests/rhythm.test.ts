// What stands in rows and columns: labels on one line where there is room, links equally far apart.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { installed, visit } from "./visit.ts";

let browser: Browser;

describe.skipIf(!installed)("rows and columns (skipped without Chromium)", () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  test("the labels of the status page stand on one line, on a desktop and a tablet", async () => {
    for (const width of [1180, 768]) {
      const { page } = await visit(browser, new URL("/status", origin), { viewport: { width, height: 800 } });
      const broken = await page.locator("dt").evaluateAll((labels) =>
        labels
          .filter((label) => {
            const text = document.createRange();
            text.selectNodeContents(label);
            return text.getClientRects().length > 1;
          })
          .map(({ textContent }) => textContent),
      );
      expect(broken, `${width} px`).toEqual([]);
      await page.context().close();
    }
  });

  test("the links below a list are equally far apart", async () => {
    const { page } = await visit(browser, new URL("/papers", origin));
    const gaps = await page.locator(".foot p a").evaluateAll((links) => {
      const boxes = links.map((link) => link.getBoundingClientRect());
      return boxes.slice(1).map(({ left }, i) => Math.round(left - boxes[i].right));
    });
    expect(gaps).toHaveLength(3);
    expect(new Set(gaps).size).toBe(1);
    await page.context().close();
  });
});
