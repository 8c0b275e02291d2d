// Runs experiments from their papers' pages in Chromium and prints what came of them, beside the same runs in Node:
// `node apps/site/scripts/run-papers.ts [--node] [--pictures folder] [slug | slug/experiment ...]`
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Paper, papers, type RunReport, runExperiment } from "@gradus/papers";
import type { Browser, Locator } from "playwright-core";
import { claimVerdicts, downloadReport, runExperiment as runOnPage } from "../tests/experiments.ts";
import { LOOKS } from "../tests/looks.ts";
import { build, startServer } from "../tests/server.ts";
import { launch, visit } from "../tests/visit.ts";
import { compareReports } from "./compare-reports.ts";

const RUN_MILLISECONDS = 600_000;
/** Figures are drawn anew for another width a moment after it changes. */
const REDRAWN_MILLISECONDS = 600;

const { values: options, positionals } = parseArgs({
  options: { node: { type: "boolean", default: false }, pictures: { type: "string" } },
  allowPositionals: true,
});

/** Which experiments of which papers, by what the command names. */
function chosen(): { readonly paper: Paper; readonly ids: readonly string[] }[] {
  const known = papers.flatMap((paper) => paper.experiments.map(({ id }) => ({ paper, id })));
  const named = ({ paper, id }: (typeof known)[number], name: string) =>
    name === paper.slug || name === `${paper.slug}/${id}`;
  for (const name of positionals)
    if (!known.some((one) => named(one, name)))
      throw new Error(`there is no runnable paper or experiment ${name}`);
  const wanted = known.filter(
    (one) => positionals.length === 0 || positionals.some((name) => named(one, name)),
  );
  return papers.flatMap((paper) => {
    const ids = wanted.filter((one) => one.paper === paper).map(({ id }) => id);
    return ids.length > 0 ? [{ paper, ids }] : [];
  });
}

/** Seconds of processor time that all of the browser's processes have used. */
async function processorSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** The same run in this process, and the processor seconds that it took. */
async function runInNode(paper: Paper, id: string) {
  const experiment = await paper.experiments.find((one) => one.id === id)?.load();
  if (!experiment) throw new Error(`${paper.slug} has no experiment ${id}`);
  const environment = { runtime: `Node ${process.versions.node}`, platform: process.platform, cores: 1 };
  const before = process.cpuUsage();
  const events = runExperiment(experiment, { paper: paper.slug, environment });
  for (;;) {
    const next = await events.next();
    if (!next.done) continue;
    const { user, system } = process.cpuUsage(before);
    return { report: next.value, processor: (user + system) / 1e6 };
  }
}

/** Pictures of an experiment's card in every look. */
async function photograph(section: Locator, name: string, folder: string): Promise<void> {
  const page = section.page();
  mkdirSync(folder, { recursive: true });
  // Away from the figures, which show the point below it.
  await page.mouse.move(0, 0);
  for (const [look, { viewport, colorScheme }] of Object.entries(LOOKS)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(REDRAWN_MILLISECONDS);
    await section.screenshot({ path: join(folder, `${name}.${look}.png`) });
  }
  await page.setViewportSize(LOOKS["desktop-light"].viewport);
  await page.emulateMedia({ colorScheme: LOOKS["desktop-light"].colorScheme });
}

const seconds = (value: number) => `${value.toFixed(1)} s`;

function keep(report: RunReport, name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(report));
}

await build();
const [server, browser] = await Promise.all([startServer(), launch()]);
let wrong = 0;
try {
  for (const { paper, ids } of chosen()) {
    const { page, trouble } = await visit(browser, new URL(`/papers/${paper.arxivId}`, server.origin));
    console.log(paper.slug);
    for (const id of ids) {
      const section = page.locator(`#experiment-${id}`);
      const before = await processorSeconds(browser);
      const { about, milliseconds, checks } = await runOnPage(section, RUN_MILLISECONDS);
      const processor = (await processorSeconds(browser)) - before;
      const ended = about.includes("quick, seed");
      if (!ended) wrong++;
      console.log(
        `  ${id}: ${about}, ${checks || "no checks"}; ${seconds(milliseconds / 1000)}, ${seconds(processor)} of processors${ended ? "" : " WITHOUT END"}`,
      );
      const name = `${paper.slug}-${id}`;
      if (options.pictures !== undefined) await photograph(section, name, options.pictures);
      if (!ended) continue;
      const report = await downloadReport(section);
      if (options.pictures !== undefined) keep(report, name, options.pictures);
      if (!options.node) continue;
      const inNode = await runInNode(paper, id);
      if (options.pictures !== undefined) keep(inNode.report, `${name}.node`, options.pictures);
      const { agrees, lines } = compareReports(report, inNode.report);
      if (!agrees) wrong++;
      console.log(
        `    Node: ${seconds(inNode.report.elapsed / 1000)}, ${seconds(inNode.processor)} of processors; ${lines.join("\n      ")}`,
      );
    }
    const verdicts = Object.entries(await claimVerdicts(page));
    console.log(`  ${verdicts.map(([claim, verdict]) => `${claim} ${verdict}`).join(", ")}`);
    wrong += trouble.length;
    for (const line of trouble) console.log(`  ${line}`);
    await page.context().close();
  }
} finally {
  await browser.close();
  await server.stop();
  server.remove();
}
process.exitCode = wrong === 0 ? 0 : 1;
