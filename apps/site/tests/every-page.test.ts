// What holds of every page of the site: dates, widths, enlarged text, what is asked of whom, axe, the keyboard's way.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyPage } from "./pages.ts";
import { type Readers, startReaders } from "./readers.ts";
import { origin } from "./shared.ts";
import { focusedElements } from "./tabbing.ts";
import { installed, visit } from "./visit.ts";

let readers: Readers;

describe.skipIf(!installed)("every page (skipped without Chromium)", () => {
  beforeAll(async () => {
    readers = await startReaders();
  });
  afterAll(() => readers?.[Symbol.asyncDispose]());

  test.for(everyPage())("%s: right dates, nobody else asked, nothing for axe", async (path) => {
    await readers.wide(path);
  });

  test.for(everyPage())("%s: right dates in another zone, no sideways scrolling", async (path) => {
    await readers.narrow(path);
  });

  test.for(["/papers", "/papers?q=hessian", "/papers/2412.08424", "/papers/trending", "/docs"])(
    "shows where the keyboard is, to its end: %s",
    async (path) => {
      const { page } = await visit(readers.browser, new URL(path, origin), {
        viewport: { width: 390, height: 500 },
        reducedMotion: "reduce",
      });
      await page.waitForLoadState("networkidle");
      const visited = await focusedElements(page, 400);
      expect(visited.filter(({ trouble }) => trouble.length > 0)).toEqual([]);
      expect(visited.length).toBeGreaterThan(10);
      expect(visited.length).toBeLessThan(400);
      await page.context().close();
    },
  );
});
