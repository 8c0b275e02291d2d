// Runs every experiment of every paper from its page in Chromium and prints what came of it: `node apps/site/scripts/run-papers.ts [slug ...]`
import { papers } from "@gradus/papers";
import { claimVerdicts, runExperiments } from "../tests/experiments.ts";
import { build, startServer } from "../tests/server.ts";
import { launch, visit } from "../tests/visit.ts";

const RUN_MILLISECONDS = 600_000;
const slugs = process.argv.slice(2);
for (const slug of slugs)
  if (!papers.some((paper) => paper.slug === slug)) throw new Error(`there is no runnable paper ${slug}`);

await build();
const [server, browser] = await Promise.all([startServer(), launch()]);
let wrong = 0;
try {
  for (const { slug, arxivId } of papers.filter(
    (paper) => slugs.length === 0 || slugs.includes(paper.slug),
  )) {
    const { page, trouble } = await visit(browser, new URL(`/papers/${arxivId}`, server.origin));
    console.log(slug);
    for (const { id, about, milliseconds, checks } of await runExperiments(page, RUN_MILLISECONDS)) {
      const ended = about.includes("quick, seed");
      if (!ended) wrong++;
      console.log(
        `  ${id}: ${about}, ${checks || "no checks"}; ${(milliseconds / 1000).toFixed(1)} s${ended ? "" : " WITHOUT END"}`,
      );
    }
    const verdicts = await claimVerdicts(page);
    console.log(
      `  ${Object.entries(verdicts)
        .map(([claim, verdict]) => `${claim} ${verdict}`)
        .join(", ")}`,
    );
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
