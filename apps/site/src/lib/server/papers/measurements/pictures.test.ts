import { papers } from "@gradus/papers";
import { expect, test } from "vitest";
import { CARD_HEIGHT, WIDTHS } from "#lib/lab/figure/figure-sizes.ts";
import { officialFigure, plotFrame } from "./drawing.ts";
import { measuredView } from "./figures.ts";
import { pictureViews } from "./pictures.ts";

const SLUG = "normalized-logistic-gd";
const EXPERIMENT = "factor-n";

const paper = papers.find(({ slug }) => slug === SLUG);
const experiment = await paper?.experiments.find(({ id }) => id === EXPERIMENT)?.load();
if (!paper || !experiment) throw new Error("the registry has this experiment");

const heightOf = (file: string | undefined) => Number(/^<svg [^>]*?\bheight="(\d+)"/.exec(file ?? "")?.[1]);

test("a page knows how high the server's pictures are before it has them, in every width", async () => {
  const views = await pictureViews(SLUG, experiment);
  const measured = await measuredView(paper, experiment);
  expect(measured?.on.instant).toMatch(/^\d{4}-/);
  expect(Object.keys(views)).toEqual(experiment.plots.map(({ id }) => id));
  for (const [plot, view] of Object.entries(views)) {
    expect(view.blank).toBe(false);
    expect(view.of).toBe(measured?.on.instant);
    expect(view.outline.series.length).toBeGreaterThan(1);
    for (const [i, width] of WIDTHS.entries()) {
      const file = await officialFigure(SLUG, EXPERIMENT, plot, "page", width);
      expect(view.page[i][0], `${plot}, ${width}`).toBe(heightOf(file));
    }
  }
  const file = await officialFigure(SLUG, EXPERIMENT, experiment.plots[0].id, "card", 377);
  expect(heightOf(file)).toBe(CARD_HEIGHT);
  expect(views[experiment.plots[0].id].card).toHaveLength(WIDTHS.length);
});

test("what was not measured has frames of the size that its figures will have, and no numbers", async () => {
  const views = await pictureViews(SLUG, experiment, false);
  for (const [plot, view] of Object.entries(views)) {
    expect(view.blank).toBe(true);
    expect(view.of).toBeUndefined();
    expect([view.outline.x, view.outline.y]).toEqual([undefined, undefined]);
    const file = await plotFrame(SLUG, EXPERIMENT, plot, "page", 377);
    expect(view.page[WIDTHS.indexOf(377)]).toEqual([heightOf(file), 0]);
    expect(file).not.toMatch(/>[\d.,]+</);
  }
});
