import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Style sheets are read for a rule alone that axe does not run by itself; the same page is asked for them in each look.
 */
const OPTIONS = { resultTypes: ["violations"], preload: { assets: ["media"] } };

/** The rules that a page breaks: each with the first element that breaks it, and how many do. */
export async function violations(page: Page): Promise<string[]> {
  if (await page.evaluate(`typeof axe === "undefined"`)) await page.evaluate(axe);
  const results = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(OPTIONS)})`);
  return results.violations.map(
    ({ id, nodes }) => `${id} x ${nodes.length} at ${nodes[0].target.join(" ")}: ${nodes[0].failureSummary}`,
  );
}
