import { type Experiment, papers as registry } from "@gradus/papers";
import { describe, expect, test } from "vitest";
import { LIST_HEIGHT, LIST_WIDTH } from "#lib/lab/figure/figure-sizes.ts";
import { measuredFigures } from "#lib/lab/measured/load.ts";
import { runnableView } from "../experiment-view.ts";
import { firstFigure, listFigure, officialFigure } from "./drawing.ts";
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

  test("has a picture in lists, of the first experiment that was measured at one of these instants", async () => {
    const { experiments } = await runnableView(paper);
    const instants = experiments.flatMap(({ measured }) => measured?.on.instant ?? []);
    const address = await listFigure(paper, new Set(instants.slice(-1)));
    const last = experiments.findLast(({ measured }) => measured);
    const [path, query] = address?.split("?") ?? [];
    expect(path).toBe(`/figures/${paper.slug}/${last?.id}/${last?.measured?.plots[0]}.svg`);
    expect(query).toBe(`form=list&of=${last?.measured?.on.instant}`);
    expect(await listFigure(paper, new Set(["2001-01-01T00:00:00.000Z"]))).toBeUndefined();
    const unjudged = paper.experiments.map((entry) => ({
      ...entry,
      load: async (): Promise<Experiment> => ({
        ...(await entry.load()),
        judge: () => expect.fail("a list presents no findings"),
      }),
    }));
    expect(await listFigure({ ...paper, experiments: unjudged }, new Set(instants.slice(-1)))).toBe(address);
  });
});

test("letters of figures in a list have at least three quarters of their size", async () => {
  for (const paper of registry) {
    const figures = await measuredFigures(paper.slug);
    const first = await firstFigure(paper, new Set(Object.values(figures).map(({ startedAt }) => startedAt)));
    const drawing = await officialFigure(paper.slug, first?.experiment ?? "", first?.plot ?? "", "list");
    const [, , width, height] =
      /viewBox="([^"]*)"/
        .exec(drawing ?? "")?.[1]
        .split(" ")
        .map(Number) ?? [];
    expect(width, paper.slug).toBe(LIST_WIDTH);
    expect(LIST_HEIGHT / height, paper.slug).toBeGreaterThan(0.75);
  }
});

test("in lists and on pages a figure has no title of its own", async () => {
  const { experiments } = await runnableView(registry[0]);
  const [{ id, measured }] = experiments.filter((one) => one.measured);
  const [plot] = measured?.plots ?? [];
  const [file, page, list] = await Promise.all(
    (["file", "page", "list"] as const).map((form) => officialFigure(registry[0].slug, id, plot, form)),
  );
  const width = (svg = "") => Number(/<svg [^>]*width="(\d+)"/.exec(svg)?.[1]);
  const height = (svg = "") => Number(/<svg [^>]*height="(\d+)"/.exec(svg)?.[1]);
  expect(width(page)).toBe(width(file));
  expect(height(page)).toBeLessThan(height(file));
  expect([width(list), height(list)]).toEqual([LIST_WIDTH, LIST_HEIGHT]);
});

test("what was not drawn, or does not exist, has no figure", async () => {
  expect(await officialFigure("anyloss", "mechanism", "nothing")).toBeUndefined();
  expect(await officialFigure("anyloss", "nothing", "slope")).toBeUndefined();
  expect(await officialFigure("__proto__", "constructor", "toString")).toBeUndefined();
});
