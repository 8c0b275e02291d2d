import type { PlotData, PlotSpecification, Point } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { type CompleteFigureOptions, completeFigure } from "./complete-figure.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

const loss: PlotSpecification = {
  id: "loss",
  title: "Loss",
  x: { label: "step" },
  y: { label: "loss", scale: "log" },
  mark: "line",
  series: ["ours"],
  references: ["bound"],
};
const decay = (rate: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ x: from + i, y: Math.exp(-rate * (from + i)) }));
const data = { ours: decay(0.05, 0, 200), theirs: decay(0.01, 0, 200), bound: decay(0.03, 0, 200) };
/** Lines that end at one place, which has no room for so many names. */
const crowd = Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`line ${i}`, decay(0.05, 0, 50)]));
const begun = { ours: decay(0.05, 0, 20) };

const bars: PlotSpecification = {
  id: "bars",
  title: "Accuracy",
  x: { label: "data" },
  y: { label: "accuracy (%)" },
  mark: "bar",
};
const scores = (...names: string[]): Point[] => names.map((x, i) => ({ x, y: 90 + i }));

function plan(plot: PlotSpecification, points: PlotData, options: CompleteFigureOptions = {}) {
  const whole = completeFigure(plot, points, document, { width: 377, padding: 2, ...options });
  if (!whole) throw new Error(`${plot.id} has a figure`);
  const svg = whole.draw();
  const texts = [...svg.querySelectorAll("text")].map(({ textContent }) => textContent);
  return { whole, svg, texts, rects: [...svg.querySelectorAll("rect")] };
}

/** What is written on the axes. */
const figures = (texts: readonly (string | null)[]) =>
  texts.filter((text) => text !== null && /^[\d.,⁻⁰¹²³⁴⁵⁶⁷⁸⁹−]+$/.test(text));

describe("what is known to come has its place before its points", () => {
  test("a line grows along axes that stay, in a figure that keeps its size and names", () => {
    const done = plan(loss, data);
    const { outline, nameRoom } = done.whole;
    const early = plan(loss, begun, { outline, nameRoom });
    expect(early.whole.height).toBe(done.whole.height);
    expect(figures(early.texts)).toEqual(figures(done.texts));
    expect(figures(done.texts).length).toBeGreaterThan(4);
    expect(early.texts).toContain("ours");
  });

  test.each([
    ["that is wanted", data, 0],
    ["of a crowd", { ...data, ...crowd }, undefined],
  ])("a legend %s names all series from the start", (_, points, nameRoom) => {
    const done = plan(loss, points, { nameRoom });
    const early = plan(loss, begun, { outline: done.whole.outline, nameRoom: done.whole.nameRoom });
    expect(done.whole.nameRoom).toBe(0);
    for (const name of Object.keys(points)) expect(early.texts).toContain(name);
    expect(early.whole.height).toBe(done.whole.height);
  });

  test("bars keep their places while categories arrive", () => {
    const all = { ours: scores("iris", "wine", "seeds"), theirs: scores("iris", "wine", "seeds") };
    const done = plan(bars, all);
    const early = plan(bars, { ours: scores("iris") }, { outline: done.whole.outline });
    const at = ({ rects }: typeof done) => ["x", "width"].map((name) => rects[0].getAttribute(name));
    expect(at(early)).toEqual(at(done));
    expect(early.texts).toEqual(expect.arrayContaining(["iris", "wine", "seeds", "ours", "theirs"]));
    expect(early.whole.height).toBe(done.whole.height);
  });

  test("where no numbers are known the frame has none, and is as high as with them", () => {
    const outline = { series: ["ours", "theirs", "bound"], categories: [] };
    const frame = plan(loss, {}, { outline, nameRoom: 0 });
    expect(figures(frame.texts)).toEqual([]);
    expect(frame.texts).toEqual(expect.arrayContaining(["step", "loss, log scale", "ours", "bound"]));
    expect(frame.whole.height).toBe(plan(loss, data, { nameRoom: 0 }).whole.height);
    expect(plan(bars, {}, { outline }).whole.height).toBe(frame.whole.height);
  });

  test("without an outline nothing is drawn of nothing", () => {
    expect(completeFigure(loss, {}, document)).toBeUndefined();
    expect(completeFigure(bars, {}, document)).toBeUndefined();
  });
});

test("with a room of their own names stand at the ends of lines, and with none in the legend", () => {
  const ends = plan(loss, data);
  const same = plan(loss, data, { nameRoom: ends.whole.nameRoom });
  expect(ends.whole.nameRoom).toBeGreaterThan(14);
  expect(same.svg.toString()).toBe(ends.svg.toString());
  expect(ends.svg.querySelectorAll(".line-label")).toHaveLength(3);
  const legend = plan(loss, data, { nameRoom: 0 });
  expect(legend.svg.querySelectorAll(".line-label")).toHaveLength(0);
  expect(legend.whole.height).toBeGreaterThan(ends.whole.height);
  expect(plan(loss, crowd).whole.nameRoom).toBe(0);
  expect(plan(loss, crowd, { nameRoom: 80 }).svg.querySelectorAll(".line-label")).toHaveLength(6);
});

test("a name wider than the figure goes on in the next line of its legend", () => {
  const name = "a network of two hidden layers, batches by the norm test";
  const wide = plan(loss, { [name]: data.ours, theirs: data.theirs }, { nameRoom: 0, width: 800 });
  const narrow = plan(loss, { [name]: data.ours, theirs: data.theirs }, { nameRoom: 0, width: 280 });
  expect(wide.texts).toContain(name);
  expect(narrow.texts).not.toContain(name);
  const lines = narrow.texts.filter((text) => text && name.includes(text) && text.includes(" "));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join(" ")).toBe(name);
  // The rows below move down by what the name takes.
  expect(narrow.whole.height).toBeGreaterThan(plan(loss, data, { nameRoom: 0, width: 280 }).whole.height);
});

test.each([280, 377, 778])("is as high as is wanted, with and without a legend, %i pixels wide", (width) => {
  for (const nameRoom of [0, undefined])
    for (const points of [data, begun])
      expect(plan(loss, points, { width, nameRoom, total: 268 }).whole.height).toBe(268);
});

test("bars whose height is their own are scaled to the one that is wanted", () => {
  const names = Array.from({ length: 9 }, (_, i) => `a data set with a long name, number ${i}`);
  const own = plan(bars, { ours: scores(...names) });
  const { whole, svg } = plan(bars, { ours: scores(...names) }, { total: 268 });
  expect(own.whole.height).toBeGreaterThan(268);
  expect([whole.height, svg.getAttribute("height")]).toEqual([268, "268"]);
  expect(svg.getAttribute("viewBox")).toBe(`0 0 377 ${own.whole.height}`);
});

test.each([280, 377])("panels of heat maps are side by side rather than scaled, %i pixels wide", (width) => {
  const cells = Array.from({ length: 32 }, (_, i) => String(i + 1));
  const one = { rows: cells, columns: cells, values: Array.from({ length: 32 * 32 }, (_, i) => i) };
  const heat = { ...loss, mark: "heat", series: ["network", "CG"], references: [] } as const;
  const { svg } = plan(heat, { network: one, CG: one }, { width, total: 268 });
  // not less than the height that is wanted: nothing is shrunk
  expect(Number(svg.getAttribute("viewBox")?.split(" ")[3])).toBeLessThanOrEqual(268);
  const [left, right] = [...svg.querySelectorAll("text")].filter(({ textContent }) =>
    ["network", "CG"].includes(textContent),
  );
  expect(left.getAttribute("y")).toBe(right.getAttribute("y"));
});

test("a drawing meets the pointer where nothing is drawn", () => {
  const ground = (interactive: boolean) =>
    plan(loss, data, { interactive }).svg.querySelector("rect[pointer-events=all]");
  expect(ground(true)?.getAttribute("width")).toBe(String(377 - 4));
  expect(ground(false)).toBeNull();
});

test("of many names the first so many are told where there is little room", () => {
  const names = Object.keys(crowd);
  const told = (options: CompleteFigureOptions) =>
    plan(loss, crowd, options).texts.filter((text) => names.includes(text ?? ""));
  expect(told({ legend: 2 })).toHaveLength(2);
  expect(told({})).toEqual(expect.arrayContaining(told({ legend: 2 })));
  expect(told({}).length).toBeGreaterThan(2);
});

test("pieces of a line are not joined", () => {
  const levels = [1, 1, 2, 2].map((piece, i) => ({ x: i, y: 1 + i, piece }));
  const { svg } = plan({ ...loss, series: [], references: ["levels"] }, { levels });
  const paths = [...svg.querySelectorAll('[stroke-width="0.6"] path')];
  expect(paths.map((path) => path.getAttribute("d")?.match(/[ML]/g)?.join(""))).toEqual(["ML", "ML"]);
});

test.each([1e-310, 1e-320])("values around %d have ticks with labels", (unit) => {
  for (const mark of ["line", "dot"] as const) {
    const tiny = { ...loss, y: { label: "loss" }, references: [], mark };
    const { texts } = plan(tiny, { ours: [1, 2, 3].map((k) => ({ x: k, y: k * unit })) });
    const labels = texts.filter((text) => text !== null && /e-3[0-2]\d$/.test(text)).map(Number);
    expect(labels.length, mark).toBeGreaterThanOrEqual(3);
    expect(new Set(labels).size, mark).toBe(labels.length);
  }
});
