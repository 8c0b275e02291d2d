import type { PlotSpecification } from "@gradus/papers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawablePoints, drawnSeries, rightEnd, thinned } from "./series.ts";

const plot: PlotSpecification = {
  id: "loss",
  title: "Loss",
  x: { label: "t" },
  y: { label: "loss", scale: "log" },
  mark: "line",
  series: ["method", "baseline"],
  references: ["bound"],
};
const some = [{ x: 1, y: 1 }];

test("the paper's method is first and thickest, unknown series follow, references come last", () => {
  const series = drawnSeries(plot, { bound: some, later: some, baseline: some, method: some });
  expect(series.map(({ name, role }) => [name, role])).toEqual([
    ["method", "method"],
    ["baseline", "other"],
    ["later", "other"],
    ["bound", "reference"],
  ]);
  expect(series[0].width).toBeGreaterThan(series[1].width);
  expect(series[3].width).toBeLessThan(series[1].width);
  expect(series[3].dash).toBeDefined();
});

test("level lines are thinner than other references, solid, and keep their pieces", () => {
  const levels = [1, 1, 2, 2].map((piece, i) => ({ x: i + 1, y: 1, piece }));
  const names = { ...plot, references: ["bound", "levels"] };
  const [bound, lines] = drawnSeries(names, { bound: some, levels });
  expect(lines.width).toBeLessThan(bound.width);
  expect(lines.dash).toBeUndefined();
  expect(drawablePoints(plot, lines.points).map(({ piece }) => piece)).toEqual([1, 1, 2, 2]);
});

test("a series keeps its color while others are still empty", () => {
  const [early] = drawnSeries(plot, { baseline: some });
  const [, late] = drawnSeries(plot, { baseline: some, method: some });
  expect(early.name).toBe("baseline");
  expect(early.color).toBe(late.color);
});

test("colors repeat after five, told apart by dashes", () => {
  const names = [..."abcdefghijklmno"];
  const series = drawnSeries({ ...plot, series: names }, Object.fromEntries(names.map((n) => [n, some])));
  expect(new Set(series.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(names.length);
  expect(series[5].color).toBe(series[0].color);
});

test("a series that belongs to another has its color, dashed, and takes none away", () => {
  const variants = { "method, negative": "method" };
  const series = drawnSeries(
    { ...plot, series: ["method"], references: [], variants },
    { method: some, "method, negative": some, later: some },
  );
  const [method, negative, later] = series;
  expect(series.map(({ name }) => name)).toEqual(["method", "method, negative", "later"]);
  expect([negative.color, negative.hollow, negative.role]).toEqual([method.color, true, "other"]);
  expect([method.dash === undefined, negative.dash === undefined]).toEqual([true, false]);
  expect([later.color, later.hollow]).toEqual(["var(--series-2)", false]);
});

test("what an axis cannot show is left out", () => {
  const points = [
    { x: 1, y: 0 },
    { x: 2, y: -1 },
    { x: 3, y: Number.NaN },
    { x: "category", y: 1 },
    { x: 4, y: 0.5 },
  ];
  expect(drawablePoints(plot, points)).toEqual([{ x: 4, y: 0.5 }]);
  expect(drawablePoints({ ...plot, y: { label: "y" } }, points)).toHaveLength(3);
});

test("thinning keeps the ends, the extremes and the order", () => {
  const line = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(line, fc.integer({ min: 1, max: 40 }), (values, buckets) => {
      const places = values.map((y, x) => ({ x, y }));
      const kept = thinned(places, buckets);
      expect(kept.length).toBeLessThanOrEqual(Math.max(2 * buckets + 2, 2));
      expect(kept[0]).toBe(places[0]);
      expect(kept[kept.length - 1]).toBe(places[places.length - 1]);
      expect(Math.max(...kept.map(({ y }) => y))).toBe(Math.max(...values));
      expect(Math.min(...kept.map(({ y }) => y))).toBe(Math.min(...values));
      for (let i = 1; i < kept.length; i++) expect(kept[i].x).toBeGreaterThan(kept[i - 1].x);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("a line ends to the right, in whatever order it was measured", () => {
  expect(
    rightEnd([
      { x: 3, y: 1 },
      { x: 1, y: 2 },
    ]),
  ).toEqual({ x: 3, y: 1 });
  expect(
    rightEnd([
      { x: 1, y: 1 },
      { x: 2, y: 2 },
      { x: 2, y: 3 },
    ]),
  ).toEqual({ x: 2, y: 3 });
});
