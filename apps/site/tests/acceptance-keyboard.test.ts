// A reader who has only a keyboard, and one whose browser runs no script.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { alive, follow, installed, newReader, visit } from "./visit.ts";

const PAPER = "/papers/2412.08424";
let browser: Browser;

/** Tabs on until the focus is on what `selector` matches. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const there = () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  for (let i = 0; i < 100 && !(await there()); i++) await page.keyboard.press("Tab");
  expect(await there()).toBe(true);
}

describe.skipIf(!installed)("a reader", () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  test("with the keyboard alone searches, opens what was found, runs one experiment and stops it", async () => {
    const { page, trouble } = await visit(browser, new URL("/papers", origin));
    await alive(page);
    await tabTo(page, "input[name=q]");
    await page.keyboard.type("perceptron large step size");
    await page.keyboard.press("Enter");
    await page.waitForURL(/[?]q=perceptron/);
    // The address changes before the page does.
    await page.getByRole("heading", { level: 1, name: /results? for perceptron/ }).waitFor();
    await tabTo(page, "article h2 a");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("href"))).toBe(PAPER);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${PAPER}`);

    const lab = page.locator("#experiment-factor-n");
    await lab.getByRole("button", { name: /^Run / }).and(page.locator(":enabled")).waitFor();
    await tabTo(page, "#experiment-factor-n .head button.primary");
    await page.keyboard.press("Enter");
    await lab.getByRole("button", { name: /^Stop / }).waitFor();
    // The button that ran it stops it: the focus has not moved.
    await page.keyboard.press("Enter");
    await expect.poll(() => lab.locator(".about").textContent()).toContain("stopped");
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("without scripts searches, narrows the list, follows it to a paper and to the next day", async () => {
    const context = await newReader(browser, { javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${origin}/papers`);
    const titles = () => page.locator("article h2").allInnerTexts();
    expect(await titles()).toHaveLength(21);

    const searchFor = async (words: string) => {
      await page.locator("input[name=q]").first().fill(words);
      await Promise.all([page.waitForURL(/[?]q=/), page.keyboard.press("Enter")]);
    };
    await searchFor("AdaAdaGrad");
    expect((await titles())[0]).toMatch(/^AdAdaGrad/);
    await page.goto(`${origin}/papers`);
    await searchFor("asdfghjkl qwerty");
    expect(await titles()).toEqual([]);
    expect(await page.locator("main").textContent()).toContain("No results for asdfghjkl qwerty");
    await page.goto(`${origin}/papers?q=${"x".repeat(250)}`);
    expect(await page.locator("main").textContent()).not.toContain("first 250 characters");
    await page.goto(`${origin}/papers?q=${"x".repeat(251)}`);
    expect(await page.locator("main").textContent()).toContain("only its first 250 characters were used");

    await page.goto(`${origin}/papers/date/2025-12-25?topic=convex`);
    expect(await titles()).toHaveLength(2);
    await follow(page.locator("article h2 a").first(), /[/]papers[/]\d{4}[.]\d{5}$/);
    expect(await page.locator("h1").textContent()).toMatch(/^Gradient-Normalized Smoothness/);
    expect(await page.locator(".abstract").textContent()).toContain("Hölder");
    expect(await page.locator("#claims ~ table tbody tr").count()).toBeGreaterThan(0);

    await page.goto(`${origin}/papers/date/2025-12-20`);
    await follow(page.locator('main a[href="/papers/date/2025-12-25"]').first(), /2025-12-25$/);
    expect(await titles()).toHaveLength(21);
    await context.close();
  });
});
