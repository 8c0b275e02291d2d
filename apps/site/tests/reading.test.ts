// What readers do with papers before they sign in: they save, mark, list, find, copy and cite them.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { downloaded } from "./experiments.ts";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, newReader, visit, visitAs } from "./visit.ts";

const FIRST = "Gradient-Normalized Smoothness for Optimization with Approximate Hessians";

let browser: Browser;
beforeAll(async () => {
  if (installed) browser = await connectBrowser();
});
afterAll(() => browser?.close());

async function open(reader: BrowserContext, path: string): Promise<Page> {
  const { page } = await visitAs(reader, new URL(path, origin));
  await alive(page);
  return page;
}

const save = (page: Page) => page.getByRole("button", { name: new RegExp(`^(?:Save|Saved:) ${FIRST}`) });
const read = (page: Page) => page.getByRole("button", { name: `Mark as read: ${FIRST}` });
const pressed = (page: Page, which: typeof save) => which(page).getAttribute("aria-pressed");
const titles = (page: Page) => page.locator("article h2").allTextContents();

describe.skipIf(!installed)("a reader without an account (skipped without Chromium)", () => {
  test("saves a paper in a list by keyboard, finds it on its page and among the saved, and takes it out again", async () => {
    const reader = await newReader(browser);
    const list = await open(reader, "/papers");
    await list.keyboard.press("j");
    await list.keyboard.press("s");
    await expect.poll(() => pressed(list, save)).toBe("true");
    // The focus is on the title: a screen reader has it from here.
    await list.getByRole("status").getByText("Saved", { exact: true }).waitFor();
    await list.keyboard.press("m");
    await expect.poll(() => pressed(list, read)).toBe("true");
    await list.getByRole("status").getByText("Marked as read", { exact: true }).waitFor();

    const paper = await open(reader, "/papers/2506.13710");
    await expect.poll(() => pressed(paper, save)).toBe("true");
    await expect.poll(() => pressed(paper, read)).toBe("true");

    const saved = await open(reader, "/saved");
    await expect.poll(() => titles(saved)).toEqual([expect.stringContaining(FIRST)]);
    await saved.getByLabel("Unread only").check();
    await expect.poll(() => titles(saved)).toEqual([]);

    // The other tab hears of it.
    await paper.keyboard.press("m");
    await saved.getByRole("heading", { name: FIRST }).waitFor();
    await paper.keyboard.press("s");
    await paper.getByRole("status").getByText("No longer saved", { exact: true }).waitFor();
    const empty = saved.getByText("Nothing saved yet");
    await empty.waitFor();
    // biome-ignore lint/performance/useDomNodeTextContent: a text that is not shown must not count
    expect((await empty.innerText()).trim()).toMatch(
      /^Nothing saved yet\. Press Save beside a paper, or the key s\./,
    );
    await expect.poll(() => pressed(list, save)).toBe("false");
    await reader.close();
  });

  test("is told of no key on a device without a pointer that hovers", async () => {
    const reader = await newReader(browser, { hasTouch: true, isMobile: true });
    const empty = (await open(reader, "/saved")).getByText("Nothing saved yet");
    await empty.waitFor();
    // biome-ignore lint/performance/useDomNodeTextContent: a text that is not shown must not count
    expect((await empty.innerText()).trim()).toMatch(/^Nothing saved yet\. Press Save beside a paper\. /);
    await reader.close();
  });

  test("sees a button that is disabled under the pointer as disabled", async () => {
    const reader = await newReader(browser);
    const page = await open(reader, "/subscribe");
    const button = page.getByRole("button", { name: "Subscribe", exact: true });
    await button.hover();
    await button.evaluate((it: HTMLButtonElement) => {
      it.disabled = true;
    });
    const background = () => button.evaluate((it) => getComputedStyle(it).backgroundColor);
    await expect.poll(background).toBe("rgba(0, 0, 0, 0)");
    await reader.close();
  });

  test("reads measured figures whole, not broken at the hyphen of an exponent", async () => {
    const reader = await newReader(browser, { viewport: { width: 1280, height: 900 } });
    const page = await open(reader, "/papers/2412.08424");
    const figures = await page
      .locator(".measured b")
      .evaluateAll((all) => all.map((it) => [it.textContent, it.getClientRects().length]));
    expect(figures.map(([text]) => text)).toContain("1.45e-15");
    expect(figures.filter(([, lines]) => lines !== 1)).toEqual([]);
    await reader.close();
  });

  test("reads titles and abstracts in the order of their script, and on one line that a related paper runs", async () => {
    const reader = await newReader(browser, { viewport: { width: 390, height: 844 } });
    const page = await open(reader, "/papers/2401.15604");
    /** How far to the right of an element's first letter its last one stands. */
    const across = (element: HTMLElement, text: string) => {
      element.textContent = text;
      const place = (from: number) => {
        const range = document.createRange();
        range.setStart(element.firstChild as Text, from);
        range.setEnd(element.firstChild as Text, from + 1);
        return range.getBoundingClientRect().left;
      };
      return place(text.length - 1) - place(0);
    };
    for (const selector of ["h1", ".abstract"]) {
      expect(await page.locator(selector).evaluate(across, "צעד in גרף")).toBeLessThan(0);
      expect(await page.locator(selector).evaluate(across, "Steps ב graphs")).toBeGreaterThan(0);
    }
    const runs = page.getByRole("region", { name: "Related papers" }).locator(".fact");
    expect(new Set(await runs.allInnerTexts())).toEqual(new Set(["· runs here"]));
    const lines = await runs.evaluateAll((all) =>
      all.map((it) => {
        const range = document.createRange();
        range.selectNodeContents(it.lastChild as Text);
        return new Set(Array.from(range.getClientRects(), ({ top }) => Math.round(top))).size;
      }),
    );
    expect(new Set(lines)).toEqual(new Set([1]));
    await reader.close();
  });

  test("chooses a compact list, which stays, without a jump", async () => {
    const reader = await newReader(browser);
    const list = await open(reader, "/papers");
    const before = await list.locator("article").nth(9).boundingBox();
    await list.getByRole("button", { name: "Compact" }).click();
    const after = await list.locator("article").nth(9).boundingBox();
    expect(after?.y).toBeLessThan((before?.y ?? 0) / 2);
    const again = await reader.newPage();
    await again.goto(`${origin}/papers`, { waitUntil: "commit" });
    await again.locator("article").first().waitFor();
    expect(await again.locator(".abstract").first().isVisible()).toBe(false);
    await again.getByRole("button", { name: "Abstracts" }).click();
    expect(await again.locator(".abstract").first().isVisible()).toBe(true);
    await reader.close();
  });

  test("comes from an author's name to the papers of that author", async () => {
    const reader = await newReader(browser);
    const list = await open(reader, "/papers");
    await list.getByRole("link", { name: "Julie Nutini" }).click();
    await list.waitForURL(/q=%22Julie\+Nutini%22/);
    expect((await titles(list))[0]).toContain("Block Coordinate Descent");
    await reader.close();
  });

  test("finds the form to submit a paper in the header, beside a search box that holds a query, at any width", async () => {
    const reader = await newReader(browser);
    const list = await open(reader, "/papers");
    const menu = list.locator("header summary");
    for (const width of [320, 721, 800, 1001, 1280]) {
      await list.setViewportSize({ width, height: 800 });
      const box = await list.getByRole("searchbox").boundingBox();
      expect(box?.width, `at ${width} px`).toBeGreaterThan(120);
      if (await menu.isVisible()) await menu.click();
      const submit = list.getByRole("banner").getByRole("link", { name: "Submit" });
      expect(await submit.getAttribute("href"), `at ${width} px`).toBe("/submit");
      await list.keyboard.press("Escape");
    }
    await reader.close();
  });

  test("sees at least four papers on a screen", async () => {
    const reader = await newReader(browser);
    const list = await open(reader, "/papers");
    const tops = await list
      .locator("article")
      .evaluateAll((articles) => articles.map((article) => article.getBoundingClientRect().top));
    expect(tops.filter((top) => top < 800).length).toBeGreaterThanOrEqual(4);
    await reader.close();
  });

  test("copies a formula's TeX by pointer and by key, and takes the citation in three formats", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const { page, trouble } = await visit(browser, new URL("/papers/2309.01753", origin), { permissions });
    await alive(page);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    const formula = page.locator(".abstract math").nth(1);
    await formula.hover();
    await page.getByRole("button", { name: "Copy TeX" }).click();
    await expect.poll(copied).toBe("O(\\sigma )");
    await page.locator(".abstract math").nth(0).focus();
    await page.keyboard.press("Enter");
    await expect.poll(copied).toBe("\\sigma > 0");
    await page.locator("summary", { hasText: "Cite" }).click();
    for (const [label, name, begins] of [
      ["BibTeX", "kwon2023penalty.bib", "@misc{kwon2023penalty,"],
      ["RIS", "kwon2023penalty.ris", "TY  - "],
      ["CSL-JSON", "kwon2023penalty.json", "["],
    ]) {
      const link = page.getByRole("link", { name: `Download ${label}` });
      const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
      expect(file.suggestedFilename()).toBe(name);
      expect((await downloaded(file)).startsWith(begins)).toBe(true);
    }
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
