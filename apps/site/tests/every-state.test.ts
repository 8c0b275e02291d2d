// What holds of every state of the site: dates, widths, enlarged text, what is asked of whom, and axe.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAPER_WITHOUT_EXPERIMENTS, startWithFullDay } from "./full-day.ts";
import { STATES } from "./pages.ts";
import { type Readers, startReaders } from "./readers.ts";
import { copySeeded, origin } from "./shared.ts";
import { violations } from "./violations.ts";
import { fits, installed, visit } from "./visit.ts";

let readers: Readers;

describe.skipIf(!installed)("every state (skipped without Chromium)", () => {
  beforeAll(async () => {
    readers = await startReaders();
  });
  afterAll(() => readers?.[Symbol.asyncDispose]());

  test.for(Object.entries(STATES))(
    "%s: right dates, nobody else asked, nothing for axe",
    async ([, path]) => {
      await readers.wide(path);
    },
  );

  test.for(Object.entries(STATES))(
    "%s: right dates in another zone, no sideways scrolling",
    async ([, path]) => {
      await readers.narrow(path);
    },
  );

  test("in a paper without experiments, at any width", async () => {
    const server = await startWithFullDay(copySeeded());
    try {
      const address = new URL(PAPER_WITHOUT_EXPERIMENTS, server.origin);
      expect(await readers.violations(address)).toEqual([]);
      const { page } = await visit(readers.browser, address);
      for (const width of [320, 1180]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await fits(page)).toBe(true);
      }
      await page.context().close();
    } finally {
      await server.stop();
      server.remove();
    }
  });

  test("axe is able to object", async () => {
    const { page } = await visit(readers.browser, new URL("/papers", origin));
    await page.locator("h1").evaluate((heading) => heading.style.setProperty("color", "#ccc"));
    expect(await violations(page)).toContainEqual(expect.stringMatching(/^color-contrast x 1 at h1/));
    await page.context().close();
  });
});
