import { type Judged, judged, papers } from "@gradus/papers";
import { expect, test } from "vitest";
import { shippedMeasurements } from "./file.ts";
import { networks } from "./networks-testing.ts";
import type { Official, Sources, Stated } from "./official-values-testing.ts";
import { optimization } from "./optimization-testing.ts";

const headlines: Readonly<Record<string, Sources>> = { ...networks, ...optimization };

const kept = shippedMeasurements().filter(({ profile }) => profile === "quick");

async function officialOf(slug: string, needed: ReadonlySet<string> | undefined): Promise<Official> {
  const paper = papers.find((one) => one.slug === slug);
  const byExperiment = new Map<string, readonly Judged[]>();
  for (const { experiment, seeds: all } of kept.filter((one) => one.paper === slug)) {
    const entry = paper?.experiments.find(({ id }) => id === experiment);
    if (!entry || (needed && !needed.has(experiment))) continue;
    const loaded = await entry.load();
    byExperiment.set(
      experiment,
      all.map(({ findings }) => judged(loaded, findings)),
    );
  }
  return {
    runs: (experiment) => byExperiment.get(experiment) ?? [],
    measurement(experiment) {
      const found = kept.find((one) => one.paper === slug && one.experiment === experiment);
      if (!found) throw new Error(`no official measurement of ${experiment}`);
      return found;
    },
  };
}

const NUMBER = /\d[\d,]*(\.\d+)?%?/g;

/** A figure with as many digits as a stated number has, written alike. */
function writtenLike(number: string, figure: number, significant?: number): string {
  const percent = number.endsWith("%");
  const decimals = /\.(\d+)/.exec(number)?.[1].length ?? 0;
  const value = percent ? 100 * figure : figure;
  const rounded = significant === undefined ? value : Number(value.toPrecision(significant));
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return rounded.toLocaleString("en-US", digits) + (percent ? "%" : "");
}

/** Expects the words of a figure in a text, with the official figure; returns the text without them. */
function expectStated(text: string, stated: Stated, official: Official): string {
  const { text: words, is, significant, within } = stated;
  expect(text, "words of the text").toContain(words);
  const figure = [is(official)].flat();
  if (within) {
    expect(figure[0], words).toBeGreaterThanOrEqual(within[0]);
    expect(figure[0], words).toBeLessThanOrEqual(within[1]);
  } else {
    const numbers = words.match(NUMBER) ?? [];
    expect(numbers, words).toEqual(figure.map((one, i) => writtenLike(numbers[i] ?? "", one, significant)));
  }
  return text.replace(words, "");
}

const measured = papers.filter(({ slug }) => kept.some(({ paper }) => paper === slug));

test.each(measured.map(({ slug, headline = "" }) => ({ slug, headline })))(
  "the headline of $slug states the official findings",
  async ({ slug, headline }) => {
    const { figures, settings = [] } = headlines[slug] ?? { figures: [] };
    let rest = headline;
    const official = await officialOf(slug, figures.length > 0 ? undefined : new Set());
    for (const stated of figures) rest = expectStated(rest, stated, official);
    for (const text of settings) {
      expect(rest, "words of the headline").toContain(text);
      rest = rest.replace(text, "");
    }
    expect(rest, "figures whose source is not given").not.toMatch(/\d/);
  },
);

test.each(
  measured.flatMap(({ slug, remarks }) => {
    const figures = headlines[slug]?.remarks;
    return figures ? [{ slug, text: remarks.flatMap((remark) => remark.text).join("\n"), figures }] : [];
  }),
)("the remarks on $slug state the official findings", async ({ slug, text, figures }) => {
  const official = await officialOf(slug, undefined);
  for (const stated of figures) expectStated(text, stated, official);
});
