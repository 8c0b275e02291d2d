import { papers as registry } from "@gradus/papers";
import { describe, expect, test } from "vitest";
import { runnableView } from "../experiment-view.ts";
import { officialFigure } from "./drawing.ts";
import { officialPlot } from "./figures.ts";

describe.each(registry)("$slug", (paper) => {
  test("has official figures of its experiments as their profiles are now, each of which can be drawn", async () => {
    const { experiments } = await runnableView(paper);
    const measured = experiments.filter((one) => one.measured);
    expect(measured.length).toBeGreaterThan(0);
    for (const { id, measured: run, plots } of measured) {
      const names = plots.map((plot) => plot.id);
      for (const plot of run?.plots ?? []) {
        expect(names).toContain(plot);
        const found = await officialPlot(paper.slug, id, plot);
        expect(Object.keys(found?.data ?? {}).length, `${id}/${plot}`).toBeGreaterThan(0);
      }
    }
    const [first] = measured;
    const plot = first.plots.find(({ id }) => first.measured?.plots.includes(id));
    const file = await officialFigure(paper.slug, first.id, plot?.id ?? "");
    expect(file).toMatch(/^<svg /);
    expect(file).toContain(`<title>`);
  });
});

test("what was not drawn, or does not exist, has no figure", async () => {
  expect(await officialFigure("anyloss", "mechanism", "nothing")).toBeUndefined();
  expect(await officialFigure("anyloss", "nothing", "slope")).toBeUndefined();
  expect(await officialFigure("__proto__", "constructor", "toString")).toBeUndefined();
});
