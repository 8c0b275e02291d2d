// Runs a paper's experiments from its page, as a reader does.
import { text } from "node:stream/consumers";
import type { RunReport } from "@gradus/papers";
import type { Download, Locator, Page } from "playwright-core";

export interface ExperimentOutcome {
  readonly id: string;
  /** What the page says beside the experiment's name: `C1 · quick, seed 1, 3 s`. */
  readonly about: string;
  readonly milliseconds: number;
  /** What the page says of its checks: `2 checks, all held`. */
  readonly checks: string;
}

/** The text of what matches, with single spaces. */
const words = async (locator: Locator) =>
  (await locator.allTextContents()).join(" ").trim().replace(/\s+/g, " ");

/** Unfolds an experiment, as a reader does who wants its form. */
export async function unfold(section: Locator): Promise<void> {
  const details = section.locator("details").first();
  if (!(await details.evaluate((element: HTMLDetailsElement) => element.open)))
    await section.locator("summary h3").click();
}

/** Presses Run of an experiment and waits until the page says that it is over. */
export async function runExperiment(section: Locator, milliseconds: number): Promise<ExperimentOutcome> {
  const page = section.page();
  const begun = performance.now();
  const button = section.locator(".head button.primary");
  await button.and(page.locator(":enabled")).click();
  const checks = section.locator("summary", { hasText: /^\s*\d+ checks?\b/ });
  const begins = section.getByRole("button", { name: /^Stop / });
  const ended = section.getByRole("button", { name: /^Download report / });
  await begins.or(checks).or(ended).or(section.getByRole("alert")).first().waitFor();
  await section.getByRole("button", { name: /^Run / }).waitFor({ timeout: milliseconds });
  return {
    id: ((await section.getAttribute("id")) ?? "").replace(/^experiment-/, ""),
    about: await words(section.locator(".about")),
    milliseconds: performance.now() - begun,
    checks: await words(checks),
  };
}

/** Runs every experiment of a paper's page in turn. */
export async function runExperiments(page: Page, milliseconds: number): Promise<ExperimentOutcome[]> {
  const outcomes: ExperimentOutcome[] = [];
  for (const section of await page.locator("section.lab").all())
    outcomes.push(await runExperiment(section, milliseconds));
  return outcomes;
}

/** What a download holds, wherever its browser is. */
export const downloaded = async (download: Download): Promise<string> =>
  text(await download.createReadStream());

/** The report of an experiment that ended, as a reader downloads it. */
export async function downloadReport(section: Locator): Promise<RunReport> {
  const [download] = await Promise.all([
    section.page().waitForEvent("download"),
    section.getByRole("button", { name: /^Download report / }).click(),
  ]);
  return JSON.parse(await downloaded(download));
}

/** The verdict of each claim in the table of claims. */
export async function claimVerdicts(page: Page): Promise<Record<string, string>> {
  const rows = await page
    .locator("tr[id^=claim-]")
    .evaluateAll((rows) =>
      rows.map((row) => [row.id.replace("claim-", ""), row.querySelector(".verdict")?.textContent?.trim()]),
    );
  return Object.fromEntries(rows);
}
