// Without network: pages that were read, experiments that were loaded. With it: nothing old.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { installed, visit } from "./visit.ts";

const PAPER = "/papers/2412.08424";
const RUN_MILLISECONDS = 150_000;
const patient = { timeout: RUN_MILLISECONDS };

let browser: Browser;
const at = (path: string) => new URL(path, origin).href;

/** The paths that the service worker keeps. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("gradus-"));
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });

async function runBounds(page: Page): Promise<void> {
  const bounds = page.locator("#experiment-bounds");
  await bounds.getByRole("button", { name: /^Run / }).click();
  await expect.poll(() => bounds.locator(".about").textContent(), patient).toContain("quick, seed 1,");
}

describe.skipIf(!installed)("offline", { timeout: 3 * RUN_MILLISECONDS }, () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  test("an experiment that ran once runs again when the network is gone, and what was not read says so", async () => {
    const { page, trouble } = await visit(browser, new URL(PAPER, origin));
    await runBounds(page);
    await expect.poll(() => kept(page), patient).toContain(PAPER);
    const styles = await page
      .locator("link[rel=stylesheet]")
      .evaluateAll((links) =>
        links.map((link) => new URL(link.getAttribute("href") ?? "", location.href).pathname),
      );
    expect(styles.length).toBeGreaterThan(0);
    await expect.poll(() => kept(page), patient).toEqual(expect.arrayContaining(styles));
    await expect
      .poll(async () => (await kept(page)).filter((path) => /lab\.worker/.test(path)).length, patient)
      .toBe(1);
    expect(trouble).toEqual([]);

    await page.context().setOffline(true);
    await page.goto(at(`${PAPER}?experiment=bounds&seed=1`));
    await expect.poll(() => page.getByRole("status").first().textContent()).toContain("You are offline");
    await runBounds(page);
    await page.locator("#experiment-bounds svg[role=img]").first().waitFor();
    expect(await page.locator("#claim-C3 .verdict").textContent()).toMatch(/held|mixed|did not hold/);

    await page.goto(at("/papers/1806.07572"));
    expect(await page.locator("h1").textContent()).toBe("You are offline");
    await page.context().setOffline(false);
    // The service worker has its network back a moment after the page.
    const again = async () => {
      const retry = page.getByRole("button", { name: "Try again" });
      // Unless the page has loaded itself again.
      if (await retry.isVisible()) await retry.click({ timeout: 1000 }).catch(() => undefined);
      return page.locator("h1").textContent();
    };
    await expect.poll(again).toContain("Neural Tangent Kernel");
    await page.context().close();
  });

  test("pages are kept from the first one on, however they were reached, and so is what a browser stores", async () => {
    const { page } = await visit(browser, new URL("/papers", origin));
    await expect
      .poll(() => kept(page), patient)
      .toEqual(expect.arrayContaining(["/papers", "/runs", "/saved"]));
    await expect
      .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), patient)
      .toBe(true);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Trending" }).click();
    await page.waitForURL(/trending$/);
    await expect.poll(() => kept(page), patient).toContain("/papers/trending");
    await page.context().setOffline(true);
    for (const [path, heading] of [
      ["/papers", /^Daily papers/],
      ["/papers/trending", /^Trending papers/],
      ["/runs", /^Your runs/],
      ["/saved", /^Saved papers/],
    ] as const) {
      await page.goto(at(path));
      expect(await page.locator("h1").textContent()).toMatch(heading);
      await page.getByText("Pages that you have opened are shown as last loaded").waitFor();
    }
    await page.context().close();
  });

  test("a form that is sent without network stays, with what was entered, and says that it was not sent", async () => {
    const { page } = await visit(browser, new URL("/sign-in", origin));
    const notSent = page.getByRole("status").filter({ hasText: "Not sent: you are offline" });
    const address = page.getByLabel("Email address");
    await address.fill("ada@example.org");
    await page.context().setOffline(true);
    await address.press("Enter");
    await notSent.waitFor();
    expect(await address.inputValue()).toBe("ada@example.org");
    await page.context().setOffline(false);
    await notSent.waitFor({ state: "detached" });
    await address.press("Enter");
    await page.getByRole("heading", { name: "Check your email" }).waitFor();
    await page.context().close();
  });

  test("who is online never reads an old page, and who is offline reads the last one", async () => {
    const { page } = await visit(browser, new URL(PAPER, origin));
    await expect.poll(() => kept(page), patient).toContain(PAPER);
    const makeOld = () =>
      page.evaluate(async (address) => {
        const [name] = (await caches.keys()).filter((key) => key.startsWith("gradus-"));
        const headers = { "Content-Type": "text/html" };
        await (await caches.open(name)).put(address, new Response("<h1>An old page</h1>", { headers }));
      }, at(PAPER));
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await makeOld();
    await page.goto(at(PAPER));
    expect(await page.locator("h1").textContent()).toContain("From Logistic Regression");
    // The worker keeps the page after it has answered, and what the page asks for then.
    await page.waitForLoadState("networkidle");
    const keptText = () =>
      page.evaluate(async (address) => {
        const [name] = (await caches.keys()).filter((key) => key.startsWith("gradus-"));
        return (await (await caches.open(name)).match(address))?.text();
      }, at(PAPER));
    await expect.poll(keptText, patient).toContain("From Logistic Regression");
    await makeOld();
    await page.context().setOffline(true);
    await page.goto(at(PAPER));
    expect(await page.locator("h1").textContent()).toBe("An old page");
    await page.context().close();
  });
});
