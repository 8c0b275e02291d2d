import type { Matrix, PlotSpecification } from "@gradus/papers";
import { describe, expect, it } from "vitest";
import { palette } from "./color.ts";
import { renderPlot } from "./plot.ts";
import { displayWidth } from "./text.ts";

const plain = palette(1);
const specification: PlotSpecification = {
  id: "kernel",
  title: "Kernel",
  x: { label: "image" },
  y: { label: "image" },
  mark: "heat",
  color: { label: "Θ", kind: "sequential" },
};
const labels = ["a", "a", "b"];
const matrix = (values: readonly (number | null)[]): Matrix => ({ rows: labels, columns: labels, values });
const cellsOf = (lines: readonly string[]) =>
  lines.filter((line) => line.includes("│")).map((line) => line.slice(line.indexOf("│") + 1));

describe("a heat map in a terminal", () => {
  it("shades a cell by its value, omits values that are no numbers, and names bands once", () => {
    const lines = renderPlot(
      specification,
      { K: matrix([4, 2, 0, 2, 4, 1, 0, 1, null]) },
      { width: 60, palette: plain },
    );
    expect(cellsOf(lines)).toEqual(["██▒▒··", "▒▒██░░", "··░░  "]);
    expect(lines.filter((line) => /^a │/.test(line))).toHaveLength(1);
    expect(lines).toContain("0 ·░▒▓█ 4");
    expect(lines.at(-1)).toBe("Θ");
  });

  it("shades values further apart than the largest number as smaller ones", () => {
    const cells = (unit: number) => {
      const K = matrix([4, 2, 0, -2, -4, 1, 0, 1, null].map((value) => value && value * unit));
      return cellsOf(renderPlot(specification, { K }, { width: 60, palette: plain }));
    };
    expect(cells(4e307)).toEqual(cells(1));
    expect(new Set(cells(4e307).join("")).size).toBeGreaterThan(3);
  });

  it("distinguishes signs without color", () => {
    const lines = renderPlot(
      { ...specification, color: { label: "difference", kind: "diverging" } },
      { K: matrix([-2, 2, 0, 1, -1, 0, 0, 0, 0]) },
      { width: 60, palette: plain },
    );
    expect(cellsOf(lines)).toEqual(["##██··", "▒▒~~··", "······"]);
    expect(lines).toContain("−2 #+~-·░▒▓█ 2");
  });

  it("fits any width, and says which cells it averaged", () => {
    const n = 100;
    const names = Array.from({ length: n }, (_, i) => `class ${Math.floor(i / 50)}`);
    const large = { rows: names, columns: names, values: Array.from({ length: n * n }, (_, k) => k % 7) };
    for (const width of [24, 60, 100]) {
      const lines = renderPlot(specification, { first: large, second: large }, { width, palette: plain });
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("\n")).toMatch(/means of \d+ x \d+/);
    }
  });
});
