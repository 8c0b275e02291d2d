// A reader whose system chooses the colors, as high contrast does: what is chosen or current shows in them.
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, visit } from "./visit.ts";

let browser: Browser;
const styleOf = (element: Locator, property: string) =>
  element.evaluate((e, name) => getComputedStyle(e).getPropertyValue(name), property);

describe.skipIf(!installed)("forced colors (skipped without Chromium)", () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  /** Opens a page, and measures what a system color is there. */
  async function open(path: string) {
    const { page } = await visit(browser, new URL(path, origin), { forcedColors: "active" });
    await alive(page);
    const system = (name: string) =>
      page.evaluate((color) => {
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.color = color;
        const { color: measured } = getComputedStyle(probe);
        probe.remove();
        return measured;
      }, name);
    return { page, system };
  }

  test("a list's switches show what is chosen by the color of a selection", async () => {
    const { page, system } = await open("/papers");
    const [selected, on] = [await system("Highlight"), await system("HighlightText")];
    for (const [chosen, other] of [
      [page.getByRole("link", { name: /^All / }), page.getByRole("link", { name: /^Runnable / })],
      [page.getByRole("button", { name: "Abstracts" }), page.getByRole("button", { name: "Compact" })],
    ]) {
      expect(await styleOf(chosen, "background-color")).toBe(selected);
      expect(await styleOf(chosen, "color")).toBe(on);
      expect(await styleOf(other, "background-color")).not.toBe(selected);
    }
    await page.context().close();
  });

  test("a link to a day that is not there is gray, and one to a day that is there is not", async () => {
    const { page, system } = await open("/papers");
    const gray = await system("GrayText");
    const time = page.getByRole("navigation", { name: "Time" });
    expect(await styleOf(time.getByRole("link", { name: "later" }), "color")).toBe(gray);
    expect(await styleOf(time.locator("a[href]").first(), "color")).not.toBe(gray);
    await page.context().close();
  });

  test("menus underline the page that is open", async () => {
    const { page } = await open("/docs/guides/data");
    for (const name of ["Docs", "Bring your own data"]) {
      const link = page.getByRole("navigation").getByRole("link", { name, exact: true }).first();
      expect([name, await styleOf(link, "text-decoration-line")]).toEqual([name, "underline"]);
    }
    const other = page.getByRole("navigation").getByRole("link", { name: "Trending" });
    expect(await styleOf(other, "text-decoration-line")).toBe("none");
    await page.context().close();
  });
});
