import type { PlotSpecification, Point } from "@gradus/papers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { palette } from "./color.ts";
import { type PlotSeries, renderPlot } from "./plot.ts";
import { displayWidth } from "./text.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const plain = palette(1);
const specification: PlotSpecification = {
  id: "loss",
  title: "Loss",
  x: { label: "epoch" },
  y: { label: "loss (nats)" },
  mark: "dot",
};

/** The position of a character in the drawing: column from the axis, row from the top. */
function find(lines: readonly string[], character: string): [column: number, row: number][] {
  const rows = lines.filter((line) => /[│┤]/.test(line));
  return rows.flatMap((line, row) => {
    const drawing = line.slice(line.search(/[│┤]/) + 1);
    return [...drawing].flatMap((c, column): [number, number][] => (c === character ? [[column, row]] : []));
  });
}

function canvasWidth(lines: readonly string[]): number {
  const axis = lines.find((line) => line.includes("└")) ?? "";
  return axis.length - axis.indexOf("└") - 1;
}

describe("renderPlot", () => {
  it("places points on a linear axis", () => {
    const points = [0, 1, 2, 3, 4].map((i) => ({ x: 10 * i, y: 5 - i }));
    const lines = renderPlot(specification, { a: points }, { width: 60, height: 9, palette: plain });
    const width = canvasWidth(lines);
    const expected = points.map(({ x, y }) => [((x / 40) * (width - 1)) | 0, 8 - 2 * (y - 1)]);
    const found = find(lines, "■").sort(([a], [b]) => a - b);
    expect(found).toHaveLength(5);
    for (const [i, [column, row]] of found.entries()) {
      expect(Math.abs(column - expected[i][0])).toBeLessThanOrEqual(1);
      expect(Math.abs(row - expected[i][1])).toBeLessThanOrEqual(1);
    }
  });

  it("joins the points of a reference among dots, but not those on different pieces", () => {
    const reference = { ...specification, series: ["dots"], references: ["levels"] };
    const dots = [0, 10].map((x) => ({ x, y: x }));
    const ends = [0, 3, 7, 10].map((x, i) => ({ x, y: 5, piece: Math.floor(i / 2) }));
    const drawn = (levels: readonly Point[]) =>
      renderPlot(reference, { dots, levels }, { width: 60, height: 9, palette: plain })
        .join("")
        .match(/[\u2801-\u28ff]/g)?.length ?? 0;
    expect(drawn(ends)).toBeGreaterThan(5);
    expect(drawn(ends.map(({ x, y }) => ({ x, y })))).toBeGreaterThan(drawn(ends));
  });

  it("draws powers as a straight line on a log axis, and says what it cannot show", () => {
    const log: PlotSpecification = { ...specification, y: { label: "loss", scale: "log" } };
    const points = [0, 1, 2, 3, 4].map((i) => ({ x: i, y: 10 ** -i }));
    const lines = renderPlot(
      log,
      { a: [...points, { x: 2, y: 0 }, { x: 3, y: Number.NaN }] },
      { width: 60, height: 9, palette: plain },
    );
    const rows = find(lines, "■")
      .sort(([a], [b]) => a - b)
      .map(([, row]) => row);
    expect(rows).toEqual([0, 2, 4, 6, 8]);
    expect(lines).toContain("loss, log scale");
    expect(lines.join(" ")).toContain("2 points not shown (not finite, or not positive on a log axis)");
    expect(lines.join("\n")).toMatch(/^ *1 ┤■/m);
  });

  it("names title, axes and series, the specified ones first", () => {
    const data = { other: [{ x: 0, y: 0 }], ours: [{ x: 1, y: 1 }] };
    const lines = renderPlot({ ...specification, series: ["ours"] }, data, { width: 60, palette: plain });
    expect(lines.slice(0, 3)).toEqual(["Loss", "■ ours   ▲ other", "loss (nats)"]);
    expect(lines.at(-1)?.trim()).toBe("epoch");
  });

  it("draws an unbroken line from one point to the next", () => {
    const line: PlotSpecification = { ...specification, mark: "line" };
    const lines = renderPlot(
      line,
      {
        a: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      },
      { width: 50, height: 8, palette: plain },
    );
    const rows = lines.filter((row) => /[│┤]/.test(row)).map((row) => row.slice(row.search(/[│┤]/) + 1));
    const width = canvasWidth(lines);
    for (let column = 0; column < width; column++)
      expect(rows.some((row) => (row[column] ?? " ") !== " ")).toBe(true);
  });

  it("breaks a line at a value that is not finite", () => {
    const points = [0, 1, Number.NaN, 3, 4].map((y, x) => ({
      x,
      y: y === 3 || y === 4 ? 1 : y === 1 ? 0 : y,
    }));
    const lines = renderPlot(
      { ...specification, mark: "line" },
      { a: points },
      {
        width: 50,
        height: 8,
        palette: plain,
      },
    );
    const rows = lines.filter((row) => /[│┤]/.test(row)).map((row) => row.slice(row.search(/[│┤]/) + 1));
    const middle = Math.floor(canvasWidth(lines) / 2);
    expect(rows.every((row) => (row[middle] ?? " ") === " ")).toBe(true);
  });

  it("says if there is nothing to draw", () => {
    expect(renderPlot(specification, {}, { width: 40, palette: plain })).toEqual(["Loss", "no points"]);
  });

  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 });
  const points = fc.array(fc.record({ x: fc.double(), y: fc.double() }), { maxLength: 12 });
  const data: fc.Arbitrary<PlotSeries> = fc.dictionary(name, points, { maxKeys: 5 });

  it("never exceeds the width, whatever the data", () => {
    const marks = fc.constantFrom("line" as const, "dot" as const, "bar" as const);
    const scales = fc.constantFrom("linear" as const, "log" as const);
    fc.assert(
      fc.property(
        data,
        name,
        marks,
        scales,
        fc.integer({ min: 24, max: 120 }),
        (series, title, mark, scale, width) => {
          const plot: PlotSpecification = {
            id: "p",
            title,
            x: { label: title, scale },
            y: { label: title, scale },
            mark,
            references: Object.keys(series).slice(0, 1),
          };
          for (const line of renderPlot(plot, series, { width, palette: palette(24) }))
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("bars", () => {
  const bars: PlotSpecification = { ...specification, title: "F1", mark: "bar", x: { label: "data set" } };
  const length = (line: string) => [...line].filter((c) => c === "█").length;

  it("have lengths proportional to their values", () => {
    const lines = renderPlot(
      bars,
      {
        ours: [
          { x: "a", y: 1 },
          { x: "b", y: 4 },
        ],
      },
      { width: 60, palette: plain },
    );
    expect(lines.slice(0, 2)).toEqual(["F1", "loss (nats), by data set"]);
    const [a, b] = lines.slice(2).map(length);
    expect(b / a).toBeGreaterThan(3.7);
    expect(b / a).toBeLessThan(4.3);
    expect(lines[3].endsWith(" 4")).toBe(true);
  });

  it("grow by the same length per decade on a log axis", () => {
    const log: PlotSpecification = { ...bars, y: { label: "time (s)", scale: "log" } };
    const values = [0.2, 2, 20, 200].map((y) => ({ x: `${y}`, y }));
    const lengths = renderPlot(log, { ours: values }, { width: 70, palette: plain }).slice(2).map(length);
    const steps = lengths.slice(1).map((value, i) => value - lengths[i]);
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
  });

  it("are grouped if there are several series, and extend left for negative values", () => {
    const data = { ours: [{ x: "a", y: 2 }], "of others": [{ x: "a", y: -1 }] };
    const lines = renderPlot(bars, data, { width: 50, palette: plain });
    expect(lines[2]).toBe("a");
    expect(lines[3]).toMatch(/^ {2}ours {9,}█+ 2$/);
    expect(lines[4]).toMatch(/^ {2}of others █+ −1$/);
  });
});
