// Pages with figures stay where they are: while they are read, and while an experiment runs.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runExperiment, unfold } from "./experiments.ts";
import { LOOKS } from "./looks.ts";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, newReader } from "./visit.ts";

/** The sum of layout shifts that nobody caused, of which the specification allows 0.05. */
const STILL = 0.01;
const PATIENCE = 90_000;

interface Shift {
  readonly value: number;
  readonly moved: readonly string[];
}

declare global {
  interface Window {
    shifts: Shift[];
  }
}

let browser: Browser;

/** A page that keeps what moved on it. */
async function open(path: string, look: keyof typeof LOOKS): Promise<Page> {
  const page = await (await newReader(browser, LOOKS[look])).newPage();
  await page.addInitScript(() => {
    interface LayoutShift extends PerformanceEntry {
      readonly value: number;
      readonly hadRecentInput: boolean;
      readonly sources: readonly { readonly node?: Element }[];
    }
    window.shifts = [];
    const isShift = (entry: PerformanceEntry): entry is LayoutShift => "hadRecentInput" in entry;
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries().filter(isShift))
        if (!hadRecentInput)
          window.shifts.push({
            value,
            moved: sources.map(({ node }) => `${node?.nodeName} ${node?.className}`),
          });
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(new URL(path, origin).href);
  await alive(page);
  return page;
}

/** Scrolls from top to bottom, and waits until all pictures on the way are there. */
async function read(page: Page) {
  for (let top = 0; top < (await page.evaluate(() => document.documentElement.scrollHeight)); top += 600) {
    await page.evaluate((at) => scrollTo(0, at), top);
    await page.waitForFunction(() =>
      [...document.images].every((image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return bottom < 0 || top > innerHeight || !image.checkVisibility() || image.complete;
      }),
    );
  }
}

/** What moved, where it was more than nothing. */
async function movement(page: Page): Promise<string> {
  const shifts = await page.evaluate(() => window.shifts);
  const sum = shifts.reduce((all, { value }) => all + value, 0);
  return sum <= STILL ? "still" : `${sum.toFixed(4)}: ${shifts.map(({ moved }) => moved).join("; ")}`;
}

describe.skipIf(!installed)("in Chromium (skipped without Chromium)", { timeout: 3 * PATIENCE }, () => {
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  test.each([
    ["/papers/2412.08424", "desktop-light"],
    ["/papers/2506.13710", "phone-light"],
    ["/papers/1806.07572", "phone-dark"],
    ["/papers/2405.14745", "desktop-dark"],
  ] as const)("%s stays still while it is read (%s)", async (path, look) => {
    const page = await open(path, look);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await read(page);
    expect(await movement(page)).toBe("still");
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(height);
    await page.context().close();
  });

  test("the parts of a page stand on a phone in the order in which they arrive, so that none moves another", async () => {
    const page = await open("/papers/1806.07572", "phone-dark");
    const tops = await page
      .locator("article > *")
      .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().top));
    expect(tops.length).toBeGreaterThan(2);
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
    await page.context().close();
  });

  test.each(["desktop-light", "phone-light"] as const)(
    "an experiment is measured where the official figures were (%s)",
    async (look) => {
      const page = await open("/papers/2412.08424", look);
      const lab = page.locator("#experiment-bounds");
      await unfold(lab);
      await lab.evaluate((section) => section.scrollIntoView({ block: "start" }));
      const frames = lab.locator(".frame");
      const rooms = () =>
        frames.evaluateAll((all) =>
          all.map((frame) => {
            const { top, height } = frame.getBoundingClientRect();
            const lab = frame.closest(".lab")?.getBoundingClientRect();
            return [Math.round(top - (lab?.top ?? 0)), Math.round(height)];
          }),
        );
      const official = await rooms();
      expect(official).toHaveLength(2);
      await runExperiment(lab, PATIENCE);
      await lab.locator("svg[role=img]").first().waitFor();
      expect(await rooms()).toEqual(official);
      expect(await movement(page)).toBe("still");
      await page.context().close();
    },
  );

  test("what a run is doing keeps its room on the narrowest phones, however long the message", async () => {
    const page = await open("/papers/2412.08424", "phone-light");
    await page.setViewportSize({ width: 360, height: 760 });
    const card = page.locator(".card");
    const heights = await card.locator(".now").evaluateHandle((now) => {
      const seen = new Set<number>();
      new ResizeObserver(() => seen.add(now.clientHeight)).observe(now);
      return seen;
    });
    await card.getByRole("button", { name: "Run all claims" }).click();
    await card.getByText(/^experiment 3 of/).waitFor({ timeout: 2 * PATIENCE });
    await card.getByRole("button", { name: "Stop" }).click();
    await card.getByRole("button", { name: "Run all claims" }).waitFor();
    expect(await heights.evaluate((seen) => [...seen])).toHaveLength(1);
    await page.context().close();
  });

  test("on a phone the head of an experiment is as high after its run as before", async () => {
    const page = await open("/papers/2008.08427", "phone-light");
    const lab = page.locator("#experiment-plateau");
    const height = () =>
      lab.locator("summary", { has: page.locator("h3") }).evaluate((head) => head.clientHeight);
    const before = await height();
    await runExperiment(lab, PATIENCE);
    expect(await height()).toBe(before);
    await page.context().close();
  });
});
