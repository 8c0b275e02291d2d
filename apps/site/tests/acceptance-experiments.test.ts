// Experiments from the paper's page. `node apps/site/scripts/run-papers.ts` runs those of all papers.
import { papers } from "@gradus/papers";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimVerdicts, runExperiments } from "./experiments.ts";
import { connectBrowser, origin } from "./shared.ts";
import { installed, visit } from "./visit.ts";

/** Without the graph engine, with it, and with runs as long as a quick profile may take. */
const RUN = ["dynamical-stability", "neural-tangent-kernel", "exact-augmented-lagrangian"];
/** On a busy machine a run takes many times what it takes alone. */
const RUN_MILLISECONDS = 180_000;

let browser: Browser;

beforeAll(async () => {
  if (installed) browser = await connectBrowser();
});
afterAll(() => browser?.close());

const words = (html: string) =>
  html
    .replace(/<!--.*?-->/gs, "")
    .replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");

test.for(papers.map((paper) => [paper.slug, paper] as const))(
  "the page of %s lists every claim and every experiment",
  async ([, { arxivId, claims, experiments }]) => {
    const html = await (await fetch(`${origin}/papers/${arxivId}`)).text();
    const text = words(html);
    for (const { id, reported } of claims) {
      expect(html).toContain(`id="claim-${id}"`);
      // Marks of the text, such as of code, are no words.
      expect(text.replaceAll("`", "")).toContain(reported.replaceAll("`", ""));
    }
    for (const { id } of experiments) expect(html).toContain(`id="experiment-${id}"`);
  },
);

describe.skipIf(!installed)("from its page", { timeout: 8 * RUN_MILLISECONDS }, () => {
  test.for(RUN)("each quick experiment of %s runs and ends with verdicts", async (slug) => {
    const paper = papers.find((one) => one.slug === slug);
    const { page, trouble } = await visit(browser, new URL(`/papers/${paper?.arxivId}`, origin));
    const outcomes = await runExperiments(page, RUN_MILLISECONDS);
    expect(outcomes.map(({ id }) => id)).toEqual(paper?.experiments.map(({ id }) => id));
    for (const { about, checks } of outcomes) {
      expect(about).toMatch(/quick, (?:seed 1, )?[\d.]+ s/);
      expect(checks).toMatch(/^\d+ checks?, (all held|\d+ did not hold)$/);
    }
    const verdicts = await claimVerdicts(page);
    expect(Object.keys(verdicts)).toEqual(paper?.claims.map(({ id }) => id));
    for (const verdict of Object.values(verdicts))
      expect(verdict).toMatch(/^(held|mixed|did not hold|inconclusive)$/);
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
