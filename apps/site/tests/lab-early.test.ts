// What a reader does before the page's script is there, or cannot do in a browser.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, newReader, visit } from "./visit.ts";

let browser: Browser;

const at = (path: string) => new URL(path, origin);

/** Opens an address whose scripts wait until they are let through. */
async function openEarly(path: string): Promise<{ readonly page: Page; readonly release: () => void }> {
  const context = await newReader(browser);
  const page = await context.newPage();
  const { promise, resolve: release } = Promise.withResolvers<void>();
  await page.route(/\/_app\/.*\.js$/, async (route) => {
    await promise;
    await route.continue();
  });
  await page.goto(at(path).href, { waitUntil: "commit" });
  return { page, release };
}

describe.skipIf(!installed)("early readers", () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  test.each([
    ["the documentation's search", "/docs", "Search the documentation"],
    ["the search of papers", "/papers", "Search papers by words, identifier or URL"],
  ])("keep what they typed into %s", async (_, path, label) => {
    const { page, release } = await openEarly(path);
    const field = page.getByRole("searchbox", { name: label });
    await field.fill("minres");
    release();
    await page.waitForLoadState("networkidle");
    expect(await field.inputValue()).toBe("minres");
    if (path === "/docs") await page.locator("search li a").first().waitFor();
    await page.context().close();
  });

  test("keep what they typed and chose in a form", async () => {
    const { page, release } = await openEarly("/subscribe");
    await page.getByLabel("Email address").fill("early@example.org");
    await page.getByRole("radio", { name: "Weekly on" }).check();
    await page.getByLabel("Day of the week").selectOption("Friday");
    await page.getByLabel("Time zone").selectOption("Pacific/Chatham");
    await page.getByRole("checkbox").first().check();
    await page.getByLabel("Keywords").fill("minres");
    await page.getByLabel("Minimum votes").fill("3");
    release();
    await alive(page);
    expect(await page.getByLabel("Email address").inputValue()).toBe("early@example.org");
    expect(await page.getByRole("radio", { name: "Weekly on" }).isChecked()).toBe(true);
    expect(await page.getByLabel("Day of the week").inputValue()).toBe("5");
    expect(await page.getByLabel("Time zone").inputValue()).toBe("Pacific/Chatham");
    expect(await page.getByRole("checkbox").first().isChecked()).toBe(true);
    expect(await page.getByLabel("Keywords").inputValue()).toBe("minres");
    expect(await page.getByLabel("Minimum votes").inputValue()).toBe("3");
    await page.context().close();
  });

  test("what asks for data files is no field but a command", async () => {
    const { page } = await visit(browser, at("/papers/2305.18379?experiment=local-rates&set.splice=true"));
    const section = page.locator("#experiment-local-rates");
    await page.locator("#asked").waitFor();
    const form = section.locator("form").first();
    expect(await form.getByRole("checkbox").count()).toBe(0);
    await expect
      .poll(async () => (await form.allInnerTexts()).join(" "))
      .toContain("npx gradus run exact-augmented-lagrangian/local-rates --set splice=true");
    await section.getByRole("button", { name: /^Run / }).click();
    await section.getByRole("button", { name: /^Download report/ }).waitFor();
    expect((await section.allInnerTexts()).join(" ")).not.toContain("Parameters were changed");
    await page.context().close();
  });
});
