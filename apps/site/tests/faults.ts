import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { fits } from "./visit.ts";

/** What axe objects to in a page, light and dark, on a desktop and a phone, and where it is too wide. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  // Nowhere over a plot, which would show a tip of its own.
  await page.mouse.move(0, 0);
  for (const [colorScheme, width] of [
    ["light", 1180],
    ["dark", 390],
    ["light", 320],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const { violations } = await page.evaluate<AxeResults>(
      `axe.run(document, { resultTypes: ["violations"] })`,
    );
    found.push(...violations.map(({ id, nodes }) => `${width} px: ${id} at ${nodes[0].target.join(" ")}`));
    if (!(await fits(page))) found.push(`${width} px: too wide`);
  }
  await page.setViewportSize({ width: 1180, height: 800 });
  return found;
}
