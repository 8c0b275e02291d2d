import type { Matrix, PlotSpecification } from "@gradus/papers";
import { DOMParser } from "linkedom";
import { describe, expect, test } from "vitest";
import { heatScale } from "./heat-colors.ts";
import { bandsOf, meanPooled } from "./matrix.ts";
import { figureFile } from "./svg-text.ts";
import { dark, light, resolveColor } from "./themes.ts";

const kernel: PlotSpecification = {
  id: "kernel",
  title: "Kernel",
  x: { label: "image" },
  y: { label: "image, too" },
  mark: "heat",
  series: ["analytic", "empirical"],
  color: { label: "Θ", kind: "sequential" },
};
const square = (values: readonly (number | null)[], labels = ["a", "b"]): Matrix => ({
  rows: labels,
  columns: labels,
  values,
});

function parse(svg: string | undefined) {
  const document = new DOMParser().parseFromString(svg ?? "", "image/svg+xml");
  return {
    texts: [...document.querySelectorAll("text")].map(({ textContent }) => textContent),
    paths: [...document.querySelectorAll("path")].map((path) => path.getAttribute("d") ?? ""),
  };
}

/** The area of rectangles written as `M x y h w v height h -w z`. */
function area(path: string): number {
  let sum = 0;
  for (const [, w, h] of path.matchAll(/M[\d.]+ [\d.]+h([\d.]+)v([\d.]+)h-[\d.]+z/g))
    sum += Number(w) * Number(h);
  return sum;
}

/** Relative luminance of a color in a theme, WCAG 2.2. */
function luminance(color: string, theme: typeof light): number {
  const hex = resolveColor(color, theme);
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe("a heat map", () => {
  test("names panels, bands, both axes and what the colors stand for, with the ends of one scale for all", () => {
    const data = { empirical: square([5, 1, 1, 4]), analytic: square([3, 0.5, 0.5, 3]) };
    const { texts } = parse(figureFile(kernel, data));
    for (const name of ["analytic", "empirical", "image", "image, too", "Θ", "a", "b"])
      expect(texts, name).toContain(name);
    expect(texts.indexOf("analytic")).toBeLessThan(texts.indexOf("empirical"));
    expect(texts.filter((text) => text === "0.5").length).toBeGreaterThan(0); // an end of the scale, and cells
  });

  test("covers its square but for the cells without a number", () => {
    const labels = Array.from({ length: 20 }, (_, i) => `class ${Math.floor(i / 5)}`);
    const values = Array.from({ length: 400 }, (_, k) => (k % 20 < 2 ? null : Math.sin(k)));
    const { paths, texts } = parse(figureFile(kernel, { analytic: square(values, labels) }));
    const covered = paths.map(area).reduce((sum, one) => sum + one, 0);
    const side = 400; // the tallest a panel is
    expect(covered / (side * side)).toBeCloseTo(0.9, 2);
    for (const name of new Set(labels)) expect(texts.filter((text) => text === name)).toHaveLength(2);
  });

  test("of words has all its names, upright where they are wider than the cells, and cells wider than tall", () => {
    const words = (count: number, name: string) =>
      Array.from({ length: count }, (_, i) => `${name} number ${i}x`);
    const matrix = {
      rows: words(30, "a feature whose name takes more than a third of the width of the figure"),
      columns: words(8, "method"),
      values: Array.from({ length: 240 }, (_, k) => Math.sin(k)),
    };
    const svg = figureFile(kernel, { analytic: matrix });
    const { texts, paths } = parse(svg);
    for (const name of matrix.columns) expect(texts).toContain(name);
    expect(svg?.match(/rotate\(-90 /g)).toHaveLength(8);
    expect(
      texts.filter((text) => text?.startsWith("a feature") && text.endsWith("…")).length,
    ).toBeGreaterThan(10);
    expect(texts).not.toContain(matrix.rows[0]);
    const sizes = paths.flatMap((path) => [...path.matchAll(/h([\d.]+)v([\d.]+)h-/g)]);
    const [least, down] = [1, 2].map((k) => Math.min(...sizes.map((size) => Number(size[k]))));
    expect(least / down).toBeCloseTo(2.5, 1);
  });

  test("of eight methods has their whole names beside its rows on a phone", () => {
    const names = [
      "LIME",
      "KernelSHAP",
      "occlusion",
      "vanilla gradients",
      "SmoothGrad",
      "gradient × input",
      "integrated gradients",
      "C-LIME",
    ];
    const matrix = { rows: names, columns: names, values: Array(64).fill(0.5) };
    const { texts } = parse(figureFile({ ...kernel, series: ["all"] }, { all: matrix }, { width: 296 }));
    // Beside the rows and below the columns.
    for (const name of names)
      expect(
        texts.filter((text) => text === name),
        name,
      ).toHaveLength(2);
  });

  test("of numbered rows and columns has squares, and the names that fit", () => {
    const rows = Array.from({ length: 32 }, (_, i) => String(1000 + i));
    const values = Array.from({ length: 32 * 32 }, (_, k) => Math.sin(k));
    const { texts, paths } = parse(figureFile(kernel, { analytic: { rows, columns: rows, values } }));
    const across = Math.min(
      ...paths.flatMap((path) => [...path.matchAll(/h([\d.]+)v/g)].map(([, w]) => Number(w))),
    );
    const down = Math.min(
      ...paths.flatMap((path) => [...path.matchAll(/v([\d.]+)h-/g)].map(([, h]) => Number(h))),
    );
    expect(across).toBeCloseTo(down, 6);
    expect(texts.filter((text) => text === "1001")).toHaveLength(0);
  });

  test("has fewer panels side by side where names of rows or titles leave no room", () => {
    const rows = ["Gradient times the input", "b"];
    const data = Object.fromEntries(
      ["one data set", "another data set", "a data set of a long name, third network"].map((name) => [
        name,
        { rows, columns: ["a", "b"], values: [1, 2, 3, 4] },
      ]),
    );
    const svg = figureFile({ ...kernel, series: Object.keys(data) }, data);
    const document = new DOMParser().parseFromString(svg ?? "", "image/svg+xml");
    const width = Number(document.querySelector("svg")?.getAttribute("viewBox")?.split(" ")[2]);
    const titles = [...document.querySelectorAll("text")].filter(({ textContent }) => textContent in data);
    expect(titles).toHaveLength(3);
    // a character takes 6 pixels at the least
    for (const title of titles)
      expect(Number(title.getAttribute("x")) + 6 * title.textContent.length).toBeLessThan(width);
  });

  test("names rows and columns by numbers as an axis does, none of them cut off at the edge", () => {
    const places = ["-400.0", "-0.00", "400.0"];
    const one = { rows: places, columns: places, values: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
    const svg = figureFile({ ...kernel, series: ["one", "two"] }, { one, two: one });
    const document = new DOMParser().parseFromString(svg ?? "", "image/svg+xml");
    const width = Number(document.querySelector("svg")?.getAttribute("viewBox")?.split(" ")[2]);
    const texts = [...document.querySelectorAll("text")];
    const names = texts.map(({ textContent }) => textContent);
    for (const name of ["−400", "0", "400"]) expect(names.filter((text) => text === name).length).toBe(4);
    for (const text of texts)
      if (text.textContent === "400" && text.getAttribute("text-anchor") === "middle")
        // a digit takes 6 pixels at the least
        expect(Number(text.getAttribute("x")) + 1.5 * 6).toBeLessThanOrEqual(width);
  });

  test("has figures of three digits in its cells, as bars have", () => {
    const { texts } = parse(figureFile(kernel, { analytic: square([0.33493, 0.0036531, -12.3456, null]) }));
    expect(texts).toEqual(expect.arrayContaining(["0.335", "0.00365", "−12.3"]));
  });

  test("is not drawn without a number", () => {
    expect(figureFile(kernel, {})).toBeUndefined();
    expect(figureFile(kernel, { analytic: square([null, null, null, null]) })).toBeUndefined();
  });
});

describe.each([
  ["light", light],
  ["dark", dark],
])("the colors in the %s theme", (_, theme) => {
  test("change in lightness one way only, so that they are read without hue", () => {
    const scale = heatScale([square([0, 1, 2, 3])], "sequential");
    const steps = Array.from({ length: scale?.levels ?? 0 }, (_, i) =>
      luminance(scale?.color(i) ?? "", theme),
    );
    const signs = new Set(steps.slice(1).map((value, i) => Math.sign(value - steps[i])));
    expect([...signs]).toEqual([theme === light ? -1 : 1]);
  });

  test("of a diverging scale go from the surface at 0 to two hues", () => {
    const scale = heatScale([square([-1, 0, 2, null])], "diverging");
    expect([scale?.low, scale?.high]).toEqual([-2, 2]);
    expect(resolveColor(scale?.color(scale.level(0)) ?? "", theme)).toBe(theme.surface);
    expect(scale?.color(scale.level(-2))).not.toBe(scale?.color(scale.level(2)));
  });

  test("carry figures with a contrast near 3 at least, the most that mid tones leave for two themes", () => {
    for (const kind of ["sequential", "diverging"] as const) {
      const scale = heatScale([square([-1, 0, 2, 3])], kind);
      for (let level = 0; level < (scale?.levels ?? 0); level++) {
        const [a, b] = [scale?.color(level) ?? "", scale?.ink(level) ?? ""].map((c) => luminance(c, theme));
        expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), `${kind} ${level}`).toBeGreaterThan(2.9);
      }
    }
  });
});

test("neighbors with one label are a band", () => {
  expect(bandsOf(["x", "x", "y", "x"])).toEqual([
    { label: "x", from: 0, to: 2 },
    { label: "y", from: 2, to: 3 },
    { label: "x", from: 3, to: 4 },
  ]);
  expect(bandsOf([])).toEqual([]);
});

test("blocks are averaged over the numbers in them", () => {
  const three = { rows: ["r", "s", "t"], columns: ["a", "b", "c"], values: [1, 2, 3, 4, null, 6, 7, 8, 9] };
  expect(meanPooled(three, 2, 2)).toEqual({
    rows: ["r", "t"],
    columns: ["a", "c"],
    values: [7 / 3, 4.5, 7.5, 9],
  });
});
