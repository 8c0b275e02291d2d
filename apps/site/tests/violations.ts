import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** The rules that a page breaks: each with the first element that breaks it, and how many do. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ["violations"] })`);
  return results.violations.map(
    ({ id, nodes }) => `${id} x ${nodes.length} at ${nodes[0].target.join(" ")}: ${nodes[0].failureSummary}`,
  );
}
