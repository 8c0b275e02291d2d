import { expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, newReader } from "./visit.ts";

test("the page on speed says without scripts what it measures", async () => {
  const html = await (await fetch(`${origin}/docs/speed`)).text();
  for (const words of [
    "Speed in your browser",
    "DGEMM",
    "DPOTRF",
    "DGETRF",
    "DGEQRF",
    "DGESDD",
    "DSYEVD",
    "DGEMV",
    "needs JavaScript",
  ])
    expect(html).toContain(words);
});

test.skipIf(!installed)(
  "every operation is timed in both ways, and a run can be stopped (skipped without Chromium)",
  async () => {
    const browser = await connectBrowser();
    const page = await (await newReader(browser)).newPage();
    const trouble: string[] = [];
    page.on("pageerror", ({ message }) => trouble.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") trouble.push(message.text());
    });
    try {
      await page.goto(`${origin}/docs/speed`);
      await alive(page);
      const [run, stop] = ["Run", "Stop"].map((name) => page.getByRole("button", { name }));
      const status = page.locator(".controls").getByRole("status");
      await run.press("Enter");
      await status.filter({ hasText: "Measuring" }).waitFor();
      await stop.press("Enter");
      await expect.poll(() => status.textContent()).toBe("Stopped.");

      await run.press("Enter");
      await status.filter({ hasText: "Done." }).waitFor();
      const rows = await page.locator("tbody tr").allInnerTexts();
      expect(rows).toHaveLength(7);
      for (const row of rows) expect(row.match(/[\d.]+ ms/g)).toHaveLength(2);
      expect(trouble).toEqual([]);
    } finally {
      await page.context().close();
    }
  },
);
