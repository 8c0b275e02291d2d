// What a screen reader calls things by.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, visit } from "./visit.ts";

let browser: Browser;

describe.skipIf(!installed)("names (skipped without Chromium)", () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  async function open(path: string, javaScriptEnabled = true): Promise<Page> {
    const { page } = await visit(browser, new URL(path, origin), { javaScriptEnabled });
    if (javaScriptEnabled) await alive(page);
    return page;
  }

  test("a day's heading is a phrase", async () => {
    const page = await open("/papers/date/2025-12-25");
    const name = "Daily papers of Thursday, December 25, 2025";
    expect(await page.getByRole("heading", { level: 1, name, exact: true }).count()).toBe(1);
    await page.context().close();
  });

  test.for(["/papers/2412.08424", "/docs/http", "/docs/speed"])("every table of %s has one", async (path) => {
    const page = await open(path);
    const tables = page.getByRole("table");
    expect(await tables.count()).toBeGreaterThan(0);
    expect(await page.getByRole("table", { name: /\S/ }).count()).toBe(await tables.count());
    await page.context().close();
  });

  test("in the documentation the focus goes down the left column before the right one, or past it", async () => {
    const page = await open("/docs/guides/data");
    const lefts: number[] = [];
    await page.locator(".docs input[type=search]").focus();
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press("Tab");
      const left = await page.evaluate(() => {
        const { activeElement: at } = document;
        return at?.closest(".docs") ? at.getBoundingClientRect().left : undefined;
      });
      if (left === undefined) break;
      lefts.push(left);
    }
    const content = (await page.locator(".docs h1").boundingBox())?.x ?? 0;
    const columns = lefts.map((left) => (left < content - 1 ? "left" : "right"));
    expect(new Set(columns)).toEqual(new Set(["left", "right"]));
    expect(columns).toEqual([...columns].sort());

    await page.getByRole("link", { name: "Skip the list of pages" }).press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest(".content") !== null)).toBe(true);
    await page.context().close();
  });
});
