// Experiments that want test images load them from the site, when they are run and not before.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { downloadReport, runExperiment, unfold } from "./experiments.ts";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, visit } from "./visit.ts";

const RUN_MILLISECONDS = 180_000;

describe.skipIf(!installed)(
  "test images (skipped without Chromium)",
  { timeout: 2 * RUN_MILLISECONDS },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await connectBrowser();
    });
    afterAll(() => browser?.close());

    test("MNIST's are told with their size, loaded when the run begins, and measured", async () => {
      const { page, trouble } = await visit(browser, new URL("/papers/2412.08424", origin));
      await alive(page);
      const loaded: string[] = [];
      page.context().on("request", (request) => {
        const { pathname } = new URL(request.url());
        if (pathname.startsWith("/data/")) loaded.push(pathname);
      });
      const section = page.locator("#experiment-imbalanced");
      await unfold(section);
      await section.getByLabel(/also MNIST/).check();
      expect(await section.textContent()).toContain(
        "Loads 1.7 MB of test images from this site when you press Run.",
      );
      expect(loaded).toEqual([]);
      await runExperiment(section, RUN_MILLISECONDS);
      const report = await downloadReport(section);
      expect(report.parameters).toEqual({ images: true });
      expect(report.modified).toBe(true);
      expect([...new Set(loaded)].toSorted()).toEqual([
        "/data/mnist-t10k-images-idx3-ubyte.gz",
        "/data/mnist-t10k-labels-idx1-ubyte.gz",
      ]);
      expect(trouble).toEqual([]);
      await page.context().close();
    });
  },
);
