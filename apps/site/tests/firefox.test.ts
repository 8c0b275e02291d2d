// All claims of a paper in Firefox, over WebDriver BiDi: the same verdicts as in Node, and nothing on the console.
import { existsSync } from "node:fs";
import { claimVerdicts, papers, type RunReport, runExperiment } from "@gradus/papers";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { origin } from "./shared.ts";

const FIREFOX = process.env.GRADUS_FIREFOX ?? "/usr/bin/firefox-esr";
const installed = existsSync(FIREFOX);
/** All of its experiments take ten seconds on two cores. */
const SLUG = "normalized-logistic-gd";
const RUN_MILLISECONDS = 300_000;

if (!installed)
  console.warn(
    `there is no Firefox at ${FIREFOX}: its test is skipped. Install Debian's firefox-esr, or name one in GRADUS_FIREFOX`,
  );

/** The report of each experiment that this browser keeps, in the order in which they were run. */
function keptReports(page: Page): Promise<RunReport[]> {
  return page
    .evaluate(
      () =>
        new Promise<string>((resolve, reject) => {
          const opening = indexedDB.open("gradus");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const reading = opening.result.transaction("reports").objectStore("reports").getAll();
            reading.onerror = () => reject(reading.error);
            reading.onsuccess = () => {
              opening.result.close();
              resolve(JSON.stringify(reading.result.map(({ report }) => report)));
            };
          };
        }),
    )
    .then((text): RunReport[] => JSON.parse(text));
}

const verdictsOf = (reports: readonly RunReport[]) => {
  const paper = papers.find(({ slug }) => slug === SLUG);
  return claimVerdicts(paper ?? { slug: SLUG, claims: [] }, reports).map(({ claim, verdict }) => [
    claim,
    verdict,
  ]);
};

/** The same run in this process. */
async function inNode({ experiment: id, seed }: RunReport): Promise<RunReport> {
  const entry = papers.find(({ slug }) => slug === SLUG)?.experiments.find((one) => one.id === id);
  if (!entry) throw new Error(`${SLUG} has no experiment ${id}`);
  const environment = { runtime: `Node ${process.versions.node}`, platform: process.platform, cores: 1 };
  const events = runExperiment(await entry.load(), { paper: SLUG, seed, environment });
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
  }
}

describe.skipIf(!installed)(
  "Firefox (skipped where there is none)",
  { timeout: 2 * RUN_MILLISECONDS },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true });
    });
    afterAll(() => browser?.close());

    test(`runs all claims of ${SLUG} with the verdicts of Node and without a message`, async () => {
      const paper = papers.find(({ slug }) => slug === SLUG);
      const page = await browser.newPage();
      const messages: string[] = [];
      page.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => messages.push(`exception: ${error}`));
      await page.setViewport({ width: 1180, height: 800 });
      await page.goto(`${origin}/papers/${paper?.arxivId}`);
      await page.locator("::-p-aria(Run all claims)").setTimeout(RUN_MILLISECONDS).click();
      const wanted = paper?.experiments.map(({ id }) => id) ?? [];
      await expect
        .poll(async () => (await keptReports(page)).map(({ experiment }) => experiment).sort(), {
          timeout: RUN_MILLISECONDS,
          interval: 1000,
        })
        .toEqual(wanted.toSorted());
      const reports = await keptReports(page);
      const again = await Promise.all(reports.map(inNode));
      expect(verdictsOf(reports)).toEqual(verdictsOf(again));
      expect(verdictsOf(reports).map(([, verdict]) => verdict)).not.toContain("not run");
      for (const [i, { checks, environment }] of reports.entries()) {
        expect(environment.runtime).toContain("Firefox");
        expect(checks.map(({ claim, held }) => [claim, held])).toEqual(
          again[i].checks.map(({ claim, held }) => [claim, held]),
        );
      }
      expect(messages).toEqual([]);
    });
  },
);
