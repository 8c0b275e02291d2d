import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import seed from "../src/lib/server/papers/seed/seed-papers.json" with { type: "json" };
import { downloaded } from "./experiments.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, fits, follow, installed, visit } from "./visit.ts";

const PAPER = "/papers/2412.08424";
/** On a busy machine a run takes many times what it takes alone. */
const RUN_MILLISECONDS = 150_000;

let server: TestServer;
let browser: Browser;
/** Without official measurements: what is shown was measured here. */
const unmeasured = mkdtempSync(join(tmpdir(), "gradus-unmeasured-"));

const open = (path: string, options?: BrowserContextOptions) =>
  visit(browser, new URL(path, server.origin), options);

const runAll = (page: Page) => page.getByRole("button", { name: "Run all claims" });
const card = (page: Page) => page.locator("#run");
/** What a reader sees of it. */
const text = async (locator: Locator) => (await locator.allInnerTexts()).join(" ");

/** The lines of facts that begin or end with a dot between facts, by what stands after it. */
const dotsAtEnds = (page: Page) =>
  page.locator(".fact > i").evaluateAll((dots) =>
    dots.flatMap((dot) => {
      const line = dot.closest(".facts")?.getBoundingClientRect();
      const fact = dot.parentElement?.getBoundingClientRect();
      const { left, right, bottom } = dot.getBoundingClientRect();
      // What is cut off lies left of the line; any other follows a fact, and stands with its own.
      const cut = line !== undefined && right <= line.left - 4;
      const between =
        line !== undefined && left > line.left + 8 && fact !== undefined && bottom <= fact.bottom + 4;
      return cut || between ? [] : [dot.parentElement?.textContent];
    }),
  );

describe.skipIf(!installed)("in Chromium", { timeout: 2 * RUN_MILLISECONDS }, () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startSeeded({
        environment: {
          GRADUS_NOW: "2025-12-25T12:00:00Z",
          GRADUS_ALLOW_CLOCK: "1",
          GRADUS_MEASUREMENTS: unmeasured,
          TZ: "Pacific/Kiritimati",
        },
      }),
      connectBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    server?.remove();
    rmSync(unmeasured, { recursive: true });
  });

  test("from the feed to a paper, Run, and every claim has a verdict, which the feed then shows", async () => {
    const { page, trouble } = await open("/papers");
    expect(await page.locator("ol > li h2").allInnerTexts()).toEqual(seed.map(({ title }) => title));
    const entry = page.locator("li", { has: page.locator(`a[href="${PAPER}"]`) });
    expect(await text(entry)).toContain("5 claims, not run yet");

    await entry.getByRole("link", { name: /^Run / }).click();
    await card(page).locator(".mark.running").first().waitFor();
    expect(await card(page).locator(".mark.held, .mark.failed").count()).toBe(0);
    // The picture, Run and the claims stand beside the abstract, without scrolling.
    await page.evaluate(() => scrollTo(0, 0));
    for (const part of [
      card(page).locator("figure"),
      card(page).getByRole("button", { name: "Stop" }),
      card(page).locator("ol li").last(),
    ])
      expect(await part.boundingBox().then((box) => box && box.y + box.height <= 800)).toBe(true);

    await card(page).locator("svg[role=img]").waitFor();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.workers()[0].evaluate(() => crossOriginIsolated)).toBe(true);

    await runAll(page).waitFor({ timeout: RUN_MILLISECONDS });
    await expect.poll(() => card(page).locator("ol .mark.held, ol .mark.failed").count()).toBe(5);
    const verdicts = await page.locator("#claims ~ table .verdict").allInnerTexts();
    expect(verdicts).toHaveLength(5);
    for (const verdict of verdicts) expect(verdict).toMatch(/^(held|did not hold)$/);
    expect(await page.getByRole("status").allInnerTexts()).toContainEqual(
      expect.stringContaining("Finished: "),
    );

    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page
        .getByRole("button", { name: /^Download report/ })
        .first()
        .click(),
    ]);
    const report = JSON.parse(await downloaded(file));
    expect(report).toMatchObject({ format: 1, paper: "normalized-logistic-gd", modified: false, seed: 1 });
    expect(report.checks.length).toBeGreaterThan(0);
    expect(report.environment.runtime).toMatch(/^Chromium \d+$/);

    await page.reload();
    await expect.poll(() => card(page).locator("ol .mark.held, ol .mark.failed").count()).toBe(5);
    await page.goto(`${server.origin}/papers?runnable=1`);
    const again = page.locator("li", { has: page.locator(`a[href="${PAPER}"]`) });
    await expect.poll(() => text(again)).toMatch(/\d of 5 claims held/);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("an experiment runs with changed parameters, is stopped, and says what it is not", async () => {
    const { page, trouble } = await open(PAPER);
    const lab = page.locator("#experiment-factor-n");
    await lab.getByRole("button", { name: /^Run / }).click();
    await lab.getByRole("button", { name: /^Stop / }).click();
    await expect.poll(() => text(lab.locator(".about"))).toContain("stopped");

    await lab.getByLabel("largest n").fill("1000");
    await expect.poll(() => text(lab.locator("form"))).toContain("do not count");
    await lab.getByRole("button", { name: /^Run / }).click();
    await expect.poll(() => text(lab), { timeout: RUN_MILLISECONDS }).toContain("Parameters were changed");
    await expect
      .poll(() => lab.locator("svg[role=img]").count(), { timeout: RUN_MILLISECONDS })
      .toBeGreaterThan(0);
    expect(await card(page).locator(".mark.held, .mark.failed").count()).toBe(0);

    await lab.getByRole("button", { name: "Reset to the paper’s values" }).click();
    expect(await lab.getByLabel("largest n").inputValue()).toBe("10000");
    await lab.getByLabel("largest n").fill("7");
    await lab.getByRole("button", { name: /^Run / }).click();
    await expect.poll(() => text(lab.locator("form"))).toContain("7 is less than 1,000");
    expect(await lab.getByLabel("largest n").evaluate((field) => field.matches(":focus"))).toBe(true);
    expect(await lab.getByLabel("largest n").getAttribute("aria-invalid")).toBe("true");

    await lab.getByLabel("profile").selectOption("full");
    expect(await text(lab.locator("form"))).toContain(
      "npx gradus run normalized-logistic-gd/factor-n --profile full",
    );
    expect(await lab.getByRole("button", { name: /^Run / }).isDisabled()).toBe(true);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("an experiment on the graph engine loads its WebAssembly on Run, from here, and is measured", async () => {
    const { page, trouble } = await open("/papers/2405.14745");
    const fetched: string[] = [];
    page.on("response", (response) => fetched.push(new URL(response.url()).pathname));
    const lab = page.locator("#experiment-mechanism");
    expect(fetched.filter((path) => path.endsWith(".wasm"))).toEqual([]);
    await lab.getByRole("button", { name: /^Run / }).click();
    await expect
      .poll(() => text(lab.locator(".about")), { timeout: RUN_MILLISECONDS })
      .toContain("quick, seed 1");
    expect(fetched.some((path) => path.endsWith(".wasm"))).toBe(true);
    // A short run can end before the plotting code has arrived.
    await expect.poll(() => lab.locator("svg[role=img]").count(), { timeout: RUN_MILLISECONDS }).toBe(2);
    await expect
      .poll(() => text(card(page).locator("ol li").first()), { timeout: RUN_MILLISECONDS })
      .toMatch(/held|did not hold/);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("the keyboard alone gets from the feed to a run and stops it", async () => {
    const { page, trouble } = await open("/papers?runnable=1");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.keyboard.press("Enter");
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute("href") ?? document.activeElement?.textContent?.trim(),
      );
    const tabTo = async (wanted: string) => {
      for (let i = 0; i < 200 && (await focused()) !== wanted; i++) await page.keyboard.press("Tab");
      expect(await focused()).toBe(wanted);
    };
    await tabTo(PAPER);
    await page.keyboard.press("Enter");
    await runAll(page).waitFor();
    await tabTo("Run all claims");
    expect(
      await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
    ).not.toBe("none");
    await page.keyboard.press("Enter");
    await card(page).locator(".mark.running").first().waitFor();
    await expect.poll(focused).toBe("Stop");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Run all claims");
    expect(await card(page).locator(".mark.running").count()).toBe(0);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("narrow screens need no sideways scrolling, and fingers find what they press", async () => {
    for (const width of [320, 360]) {
      const { page, trouble } = await open("/papers", { viewport: { width, height: 740 } });
      expect(await fits(page)).toBe(true);
      expect(await page.locator(".fact > i").count()).toBeGreaterThan(40);
      expect(await dotsAtEnds(page)).toEqual([]);
      await page.waitForLoadState("networkidle");
      await page.goto(`${server.origin}${PAPER}`);
      await page.getByRole("button", { name: "Run With large steps" }).click();
      await page
        .locator("#experiment-equivalence")
        .getByRole("button", { name: "Download report" })
        .or(page.getByRole("button", { name: /^Download report/ }))
        .first()
        .waitFor({ timeout: RUN_MILLISECONDS });
      expect(await fits(page)).toBe(true);
      const small = await page
        .locator("button:visible, select:visible, summary:visible, input:visible")
        .evaluateAll((elements) =>
          elements
            .filter((element) => !element.classList.contains("visually-hidden"))
            .map((element) => [element.textContent?.trim(), element.getBoundingClientRect()] as const)
            .filter(([, { width, height }]) => Math.min(width, height) < 24)
            .map(([text, { width, height }]) => `${text}: ${width} x ${height}`),
        );
      expect(small).toEqual([]);
      expect(trouble).toEqual([]);
      await page.context().close();
    }
  });

  test("dark follows the system, and a reader's own choice is kept", async () => {
    const { page, trouble } = await open("/papers", { colorScheme: "dark" });
    const lightness = () =>
      page.evaluate(() => {
        const [r, g, b] = getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g) ?? [];
        return (Number(r) + Number(g) + Number(b)) / 3;
      });
    expect(await lightness()).toBeLessThan(40);
    await page.getByRole("button", { name: "Light colors" }).click();
    expect(await lightness()).toBeGreaterThan(220);
    await page.reload();
    expect(await lightness()).toBeGreaterThan(220);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("prints in light colors, also for a reader of dark ones, and without what is for pressing", async () => {
    const { page, trouble } = await open("/papers");
    await page.getByRole("button", { name: "Dark colors" }).click();
    await page.emulateMedia({ media: "print" });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(Math.min(...(background.match(/\d+/g) ?? []).map(Number))).toBeGreaterThan(200);
    for (const hidden of ["header form", "header nav", ".tools", ".period a", "#app > footer", "li a.button"])
      expect([hidden, await page.locator(hidden).first().isVisible()]).toEqual([hidden, false]);
    for (const shown of ["header a.brand", "h1", ".period time", "li h2"])
      expect([shown, await page.locator(shown).first().isVisible()]).toEqual([shown, true]);
    const styleOf = (selector: string, property: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((e, name) => getComputedStyle(e).getPropertyValue(name), property);
    // An entry stays on one sheet, and marks keep the fill that tells failed from mixed.
    expect(await styleOf("li article", "break-inside")).toBe("avoid");
    expect(await styleOf("li .mark", "print-color-adjust")).toBe("exact");
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a sheet of A4 holds whole abstracts and all of the code", async () => {
    // What is as wide as A4 between the margins is narrow to the design.
    const { page, trouble } = await open(PAPER, { viewport: { width: 718, height: 1000 } });
    const cut = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll(
          (elements) =>
            elements.filter(
              ({ scrollHeight, clientHeight, scrollWidth, clientWidth }) =>
                scrollHeight > clientHeight + 1 || scrollWidth > clientWidth + 1,
            ).length,
        );
    expect(await cut("p.abstract")).toBe(1);
    await page.emulateMedia({ media: "print" });
    expect(await cut("p.abstract")).toBe(0);
    expect(await page.getByText("Whole abstract").isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
    await page.goto(`${server.origin}/docs/guides/curvature`);
    expect(await cut(".docs-text pre")).toBeGreaterThan(0);
    await page.emulateMedia({ media: "print" });
    expect(await cut(".docs-text pre")).toBe(0);
    expect(await page.getByLabel("Search the documentation").isVisible()).toBe(false);
    expect(await page.getByText("All pages").isVisible()).toBe(false);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("without JavaScript the feed, its filter and the papers are read as with it", async () => {
    const { page } = await open("/papers", { javaScriptEnabled: false });
    expect(await page.locator("ol > li").count()).toBe(21);
    await follow(page.getByRole("link", { name: /^Runnable/ }), /runnable/);
    await follow(page.locator(`a[href="${PAPER}"]`).first(), /[/]2412[.]08424$/);
    expect(await text(page.locator("h1"))).toContain("From Logistic Regression to the Perceptron");
    expect(await page.locator(".abstract math").count()).toBe(1);
    expect(await page.locator("#claims ~ table tbody tr").count()).toBe(5);
    expect(await runAll(page).isDisabled()).toBe(true);
    expect(await text(page.locator("aside"))).toContain("Running needs JavaScript");
    await page.locator("summary", { hasText: "Cite" }).click();
    expect(await page.locator("pre", { hasText: "@misc" }).isVisible()).toBe(true);
    await page.context().close();
  });

  test("a wrong address gets a page of the site", async () => {
    const { page } = await open("/nowhere");
    expect(await text(page.locator("h1"))).toBe("Page not found");
    await page.getByRole("link", { name: "Go to daily papers" }).click();
    await page.getByRole("heading", { name: "Daily papers" }).waitFor();
    await page.context().close();
  });

  test("an address that cannot be decoded gets a page that works", async () => {
    const { page, trouble } = await open("/papers/%E0%A4%A");
    await alive(page);
    expect(await text(page.locator("h1"))).toBe("Invalid request");
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Go to daily papers" }).click();
    await page.getByRole("heading", { name: "Daily papers" }).waitFor();
    expect(trouble.filter((one) => !one.includes("400"))).toEqual([]);
    await page.context().close();
  });

  test("a paper that is not here can be submitted from its address, and from a search for it", async () => {
    const { page } = await open("/papers/2412.99999v2");
    expect(await text(page.locator("h1"))).toBe("Paper not found");
    expect(await text(page.locator("main"))).toContain("arXiv 2412.99999 is not on this site");
    const offer = page.locator('main a[href="/submit?paper=2412.99999"]');
    expect(await text(offer)).toBe("Submit this paper");
    await page.goto(`${server.origin}/papers?q=arXiv:2412.99999`);
    expect(await text(offer)).toBe("Submit it");
    await page.goto(`${server.origin}/papers/math/0611800`);
    expect(await page.locator('main a[href="/submit?paper=math/0611800"]').count()).toBe(1);
    await page.context().close();
  });

  test("where a run fails because the site was updated, the page says so and can be loaded anew", async () => {
    const { page } = await visit(browser, new URL("/papers/2405.14745", server.origin), {
      serviceWorkers: "block",
    });
    await alive(page);
    await page.route("**/_app/version.json", (route) => route.fulfill({ json: { version: "newer" } }));
    await page.route("**/_app/immutable/workers/lab.worker*", (route) => route.fulfill({ status: 404 }));
    await page.getByRole("button", { name: "Run all claims" }).click();
    const notice = page.getByText("This site was updated after you opened this page.");
    await notice.waitFor();
    await page.unrouteAll();
    await notice.getByRole("button", { name: "Reload" }).click();
    await notice.waitFor({ state: "detached" });
    await alive(page);
    await page.context().close();
  });

  test("the invitation to subscribe is closed once for all pages", async () => {
    const { page, trouble } = await open("/papers");
    const invitation = page.getByRole("region", { name: "Email subscription" });
    await alive(page);
    expect(await invitation.getByRole("link").getAttribute("href")).toBe("/subscribe");
    await invitation.getByRole("button", { name: "Close this notice" }).click();
    expect(await invitation.isVisible()).toBe(false);
    for (const path of ["/papers", "/papers/trending"]) {
      await page.goto(`${server.origin}${path}`);
      expect(await page.locator("h1").isVisible()).toBe(true);
      expect(await invitation.isVisible()).toBe(false);
    }
    expect(trouble).toEqual([]);
    await page.context().close();
    // Without scripts nothing could close it, and no button says so.
    const plain = await open("/papers", { javaScriptEnabled: false });
    expect(await plain.page.getByRole("link", { name: "Subscribe" }).isVisible()).toBe(true);
    expect(await plain.page.getByRole("button", { name: "Close this notice" }).isVisible()).toBe(false);
    await plain.page.context().close();
  });
});
