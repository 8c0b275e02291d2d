import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { palette } from "../terminal/color.ts";
import { displayWidth } from "../terminal/text.ts";
import { sweepPage } from "./html-page.ts";
import { intervalAxis } from "./interval-axis.ts";
import { intervalFigure, intervalFigureFile } from "./interval-figure.ts";
import { intervalBar, measureLines } from "./measure-table.ts";
import type { SweepPlan } from "./plan.ts";
import type { CellFigure, Measure } from "./summarize.ts";

const figure = (steps: number, mean: number, halfWidth: number | undefined, held = 2): CellFigure => ({
  cell: { steps },
  values: [mean, mean],
  mean,
  halfWidth,
  held,
  condition: "at most 1",
  thresholds: [1],
});

const measure: Measure = {
  claim: "C1",
  label: 'the height, "h" < 1',
  cells: [
    figure(10, 0.5, 0.25),
    figure(20, 0.25, undefined),
    figure(30, Number.POSITIVE_INFINITY, undefined, 0),
  ],
};

describe("an axis", () => {
  it("shows all intervals and bounds on a linear scale", () => {
    const { position, logarithmic } = intervalAxis(measure, 4);
    expect(logarithmic).toBe(false);
    expect(position(0.25)).toBe(0);
    expect(position(1)).toBe(1);
    expect(position(0.625)).toBeCloseTo(0.5);
    expect(position(Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it("is logarithmic if means and bounds are far apart, and cuts intervals that reach below 0", () => {
    const wide = { ...measure, cells: [figure(10, 1e-6, 2e-6), figure(20, 1e-3, 1e-4)] };
    const { position, logarithmic } = intervalAxis(wide, 4);
    expect(logarithmic).toBe(true);
    expect(position(-1e-6)).toBe(0);
    expect(position(1)).toBe(1);
    expect(position(1e-3)).toBeCloseTo(0.5);
  });
});

describe("in a terminal", () => {
  it("an interval is drawn at its numbers", () => {
    const axis = { position: (value: number) => (Number.isFinite(value) ? value : undefined) };
    const bar = (one: CellFigure) => intervalBar(one, [1], axis, 21).replaceAll("\u00A0", ".");
    expect(bar(figure(1, 0.5, 0.25))).toBe(".....├────■────┤....┊");
    expect(bar(figure(1, 0.5, 0))).toBe("..........■.........┊");
    expect(bar(figure(1, 0.5, 0.5))).toBe("├─────────■─────────┤");
    const across = intervalBar(figure(1, 0.5, 0.25), [0.3, 0.5], axis, 21).replaceAll("\u00A0", ".");
    expect(across).toBe(".....├┼───■────┤.....");
    expect(bar(figure(1, Number.POSITIVE_INFINITY, undefined))).toBe("....................┊");
  });

  it.each([30, 50, 80, 120])("a table fits %d columns and shows every figure", (width) => {
    const lines = measureLines(measure, 2, width, palette(1));
    for (const line of lines) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(width);
    const text = lines.join("\n").replaceAll("\u00A0", " ");
    for (const part of ["0.50 ± 0.25", "2 of 2", "0 of 2", "∞"]) expect(text).toContain(part);
  });
});

describe("as a figure", () => {
  it("the mean is in the middle of its interval, rows are below each other, texts are escaped", () => {
    const { document } = parseHTML(`<html><body>${intervalFigure([measure], 2, "wide")}</body></html>`);
    const circles = [...document.querySelectorAll("circle")];
    expect(circles).toHaveLength(2);
    const [first, second] = circles.map((circle) =>
      ["cx", "cy"].map((name) => Number(circle.getAttribute(name))),
    );
    const [, from, to] =
      /^M([\d.]+) [\d.]+H([\d.]+)/.exec(document.querySelector("path")?.getAttribute("d") ?? "") ?? [];
    expect(first[0]).toBeCloseTo((Number(from) + Number(to)) / 2, 0);
    expect(second[0]).toBeCloseTo(Number(from), 1);
    expect(second[1]).toBeGreaterThan(first[1]);
    expect(document.querySelector("text")?.textContent).toBe('C1 the height, "h" < 1 (must be at most 1)');
    const [, , width, height] = (document.querySelector("svg")?.getAttribute("viewBox") ?? "")
      .split(" ")
      .map(Number);
    for (const text of document.querySelectorAll("text")) {
      expect(Number(text.getAttribute("x"))).toBeLessThanOrEqual(width);
      expect(Number(text.getAttribute("y"))).toBeLessThanOrEqual(height);
    }
  });

  it.each(["wide", "narrow"] as const)("no title is cut where the figure is %s", (size) => {
    const label = Array(30).fill("nnnn").join(" ");
    const markup = intervalFigure([{ ...measure, claim: null, label }], 2, size);
    const { document } = parseHTML(`<html><body>${markup}</body></html>`);
    const lines = [...document.querySelectorAll('text[font-weight="600"]')].map(
      ({ textContent }) => textContent ?? "",
    );
    expect(lines.join(" ")).toBe(`our check: ${label} (must be at most 1)`);
    const end = Number(document.querySelector("svg")?.getAttribute("width")) - 12;
    // In thousandths of the font size, by the table of DejaVu Sans Bold, the widest of the faces: n is 712, a space 348.
    for (const line of lines.filter((one) => /^[n ]+$/.test(one)))
      expect(
        12 + ([...line].reduce((sum, letter) => sum + (letter === "n" ? 712 : 348), 0) * 13) / 1000,
      ).toBeLessThan(end);
  });

  it("a file has its own colors, for light and dark", () => {
    const file = intervalFigureFile([measure], 2);
    expect(file).not.toContain("var(");
    expect(file).toContain("prefers-color-scheme:dark");
    expect(file.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  });
});

describe("as a page", () => {
  const plan: SweepPlan = {
    paper: "p",
    experiment: "e",
    profile: "quick",
    set: { noisy: false },
    grid: [{ name: "steps", values: [10, 20, 30] }],
    seeds: 2,
  };
  const about = { attempt: 1, worker: null, fraction: 1 };
  const result = {
    id: "0123456789",
    plan,
    createdAt: "2026-11-25T10:00:00.000Z",
    measures: [measure],
    runs: [
      {
        ...about,
        cell: 0,
        seed: 1,
        state: "finished" as const,
        failure: null,
        outcome: { checks: [], elapsed: 2000 },
      },
      { ...about, cell: 1, seed: 1, state: "failed" as const, failure: "no <data>", outcome: null },
    ],
  };

  it("has a row for each figure, the failed runs and the command that repeats it, and loads nothing", () => {
    const page = sweepPage(result);
    const { document } = parseHTML(page);
    const rows = [...document.querySelectorAll("tbody tr")].map(({ textContent }) => textContent);
    expect(rows).toHaveLength(4);
    const own = parseHTML(sweepPage({ ...result, measures: [{ ...measure, claim: null }] })).document;
    expect(own.querySelector("tbody strong")?.textContent).toBe("Our check");
    expect(rows[1]).toBe("100.50 ± 0.252 of 2");
    expect(document.querySelector(".log")?.textContent).toBe("no <data>");
    expect(document.querySelector("pre")?.textContent).toBe(
      "gradus sweep p/e --grid steps=10,20,30 --seeds 2 --profile quick --set noisy=false",
    );
    expect(page).not.toMatch(/<script|<link|<img|https?:\/\/(?!www\.w3\.org\/)/);
  });

  it("speaks of no means where there is one seed, on the page, in the figure and in a terminal", () => {
    const alone = {
      ...measure,
      cells: measure.cells.map((one) => ({ ...one, values: [one.mean], halfWidth: undefined })),
    };
    const page = sweepPage({ ...result, plan: { ...plan, seeds: 1 }, measures: [alone] });
    const { document } = parseHTML(page);
    expect(document.querySelector("#plot")?.textContent).toBe("Figures of seed 1");
    expect(document.querySelector("svg")?.getAttribute("aria-label")).toMatch(/^Figures of seed 1: C1/);
    const shown = [page, intervalFigureFile([alone], 1), measureLines(alone, 1, 80, palette(1)).join("\n")];
    for (const text of shown) expect(text).not.toMatch(/mean|interval by|95/i);
    expect(sweepPage(result)).toContain("Means over the seeds");
  });

  it("says so if nothing has finished", () => {
    expect(sweepPage({ ...result, measures: [], runs: [] })).toContain("No run has finished yet.");
  });
});
