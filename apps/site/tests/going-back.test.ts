// A signed-in reader who goes back, opens a second tab or loses the network: what a page shows is so on the server.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPerson } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, installed, newReader } from "./visit.ts";

const PAPER = "2412.08424";
const LIST = "/papers/date/2025-12-25";

describe.skipIf(!installed)("going back (skipped without Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  let people = 0;
  beforeAll(async () => {
    server = await startSeeded();
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    server?.remove();
  });

  /** A browser in which somebody new is signed in. */
  async function signedIn(): Promise<BrowserContext> {
    const { cookies } = await newPerson(server, `back${++people}@example.org`);
    const context = await newReader(browser);
    await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: server.origin })));
    return context;
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${server.origin}${path}`);
    await alive(page);
  }

  /** The pages of a tab pass through the service worker. */
  const kept = (page: Page) =>
    page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).active));
  const button = (page: Page) => page.locator(`form[action^="/papers/${PAPER}?"] button.vote`);
  const pressed = (page: Page) => button(page).getAttribute("aria-pressed");

  test("shows the page of who is signed in, with the votes of now", async () => {
    const context = await signedIn();
    const page = await context.newPage();
    await open(page, LIST);
    await kept(page);
    await open(page, LIST);
    expect(await pressed(page)).toBe("false");
    // In another tab, in which the page is also kept for readers without network, as everybody gets it.
    const other = await context.newPage();
    await open(other, LIST);
    await button(other).click();
    await expect.poll(() => pressed(other)).toBe("true");
    await other.waitForLoadState("networkidle");
    await open(page, "/about");
    await page.goBack();
    await alive(page);
    expect(await page.getByRole("link", { name: "Sign in" }).count()).toBe(0);
    expect(await pressed(page)).toBe("true");
    await context.close();
  });

  test("a vote that was withdrawn in another tab is not shown by a page that comes later", async () => {
    const context = await signedIn();
    const [page, other] = [await context.newPage(), await context.newPage()];
    await open(page, LIST);
    const unvoted = await button(page).getAttribute("aria-label");
    await button(page).click();
    await expect.poll(() => pressed(page)).toBe("true");
    await open(other, LIST);
    await button(other).click();
    await expect.poll(() => pressed(other)).toBe("false");
    await page.locator(`a[href="/papers/${PAPER}"]`).first().click();
    await page.waitForURL(/2412\.08424$/);
    await expect.poll(() => button(page).getAttribute("aria-label")).toBe(unvoted);
    expect(await pressed(page)).toBe("false");
    await context.close();
  });

  test("a page that the browser kept whole is brought up to date", async () => {
    const context = await signedIn();
    const [page, other] = [await context.newPage(), await context.newPage()];
    await open(page, LIST);
    await open(other, LIST);
    await button(other).click();
    await expect.poll(() => pressed(other)).toBe("true");
    expect(await pressed(page)).toBe("false");
    // What a browser does when its reader goes back, but not under Playwright.
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await expect.poll(() => pressed(page)).toBe("true");
    await context.close();
  });

  test("a form of the account that is sent after its session has ended says that nothing was changed", async () => {
    const context = await signedIn();
    const [page, other] = [await context.newPage(), await context.newPage()];
    await open(page, "/account");
    await open(other, "/account");
    await other.getByRole("button", { name: "Sign out everywhere" }).click();
    await other.waitForURL(/\/papers$/);
    await page.getByLabel("Shown in this site’s header").fill("Ada");
    await page.getByRole("button", { name: "Save name" }).click();
    await page.getByText("You were signed out before you sent the form, so nothing was changed.").waitFor();
    await open(page, "/sign-in?to=/account");
    expect(await page.getByText("nothing was changed").count()).toBe(0);
    await context.close();
  });

  test("an export is a file for who is signed in, and a page that says so for who no longer is", async () => {
    const context = await signedIn();
    const [page, other] = [await context.newPage(), await context.newPage()];
    await open(page, "/account");
    const link = page.getByRole("link", { name: "Export my data" });
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(file.suggestedFilename()).toBe("gradus-account.json");
    await open(other, "/account");
    await other.getByRole("button", { name: "Sign out everywhere" }).click();
    await other.waitForURL(/\/papers$/);
    await link.click();
    await page.getByText("Sign in to export your data.").waitFor();
    await context.close();
  });

  test("without network the page of saved papers says where those of an account are", async () => {
    const context = await signedIn();
    const page = await context.newPage();
    await open(page, "/saved");
    await kept(page);
    await open(page, "/saved");
    await context.setOffline(true);
    await page.reload();
    const main = page.getByRole("main");
    await main.getByText("Those in your account are shown when you are online again.").waitFor();
    expect(await main.textContent()).not.toMatch(/sign in|Nothing saved yet/);
    await context.setOffline(false);
    await context.close();
  });
});
