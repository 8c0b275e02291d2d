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
      await page.goto(at("/papers/1806.07572"));
      return page.locator("h1").textContent();
    };
    await expect.poll(again).toContain("Neural Tangent Kernel");
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
