import type { PlotSpecification } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { planBars } from "./bars.ts";
import { planLines } from "./lines.ts";

const { document } = parseHTML("<html></html>");
const one = { name: "one", role: "method", color: "blue", width: 2, hollow: false } as const;

function specification(mark: PlotSpecification["mark"], scale: "linear" | "log"): PlotSpecification {
  return { id: "plot", title: "Plot", x: { label: "x" }, y: { label: "y", scale }, mark, series: ["one"] };
}

/** The labels of the y axis of a drawing, and how far each is from the next in pixels. */
function labelsOf(drawing: SVGSVGElement | undefined) {
  const labels = Array.from(drawing?.querySelectorAll('[aria-label="y-axis tick label"] text') ?? []);
  const heights = labels.map((label) =>
    Number(/,([\d.]+)\)/.exec(label.getAttribute("transform") ?? "")?.[1]),
  );
  const sorted = heights.toSorted((a, b) => a - b);
  return {
    texts: labels.map(({ textContent }) => textContent),
    gaps: sorted.slice(1).map((height, i) => height - sorted[i]),
  };
}

const HEIGHTS = [90, 100, 110, 120, 160, 260, 400];
const textWidth = (text: string) => 7 * text.length;

/** Lines with values in an interval. */
function lines(range: readonly [number, number], scale: "linear" | "log", height: number) {
  const points = range.map((y, x) => ({ x, y }));
  const options = { width: 220, height, document, textWidth };
  return labelsOf(planLines(specification("line", scale), [{ ...one, points }], options)?.draw());
}

test.each(HEIGHTS)("labels of linear axes do not touch at a height of %d", (height) => {
  for (const size of [0.09, 0.3, 0.95, 1.9, 45, 7000])
    for (const low of [-1, 0, 0.5]) {
      const { gaps } = lines([low * size, size], "linear", height);
      expect(gaps.length, `${low} of ${size}`).toBeGreaterThan(0);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(12);
    }
});

test.each(HEIGHTS)("labels of logarithmic axes do not touch at a height of %d", (height) => {
  const ranges = [
    [25, 3100],
    [0.15, 0.9],
    [0.04, 0.11],
    [0.045, 0.25],
    [1e-11, 8],
    [1, 1.2],
    [1e-4, 1e4],
  ] as const;
  for (const range of ranges) {
    const { gaps } = lines(range, "log", height);
    expect(gaps.length, `${range}`).toBeGreaterThan(0);
    expect(Math.min(...gaps), `${range}`).toBeGreaterThanOrEqual(12);
  }
});

test("small logarithmic axes have familiar labels", () => {
  expect(lines([25, 3100], "log", 92).texts).toEqual(["100", "1,000"]);
  expect(lines([0.15, 0.9], "log", 92).texts).toEqual(["0.2", "0.5"]);
});

test.each(HEIGHTS)("labels beside bars do not touch at a height of %d", (height) => {
  for (const scale of ["linear", "log"] as const)
    for (const largest of [0.09, 0.37, 1.9, 45, 7000]) {
      const points = ["a", "b"].map((x, i) => ({ x, y: largest / (i + 1) }));
      const options = { width: 320, height, document, textWidth };
      const { gaps } = labelsOf(planBars(specification("bar", scale), [{ ...one, points }], options)?.draw());
      expect(gaps.length, `${scale} ${largest}`).toBeGreaterThan(0);
      expect(Math.min(...gaps), `${scale} ${largest}`).toBeGreaterThanOrEqual(12);
    }
});

test.each([80, ...HEIGHTS])("at least two labels stand beside bars at a height of %d", (height) => {
  for (const largest of [0.047, 0.09, 0.16, 0.37, 0.9, 1.9, 4.7, 7000])
    for (const least of [largest / 2, -largest / 3]) {
      const points = [largest, least].map((y, i) => ({ x: `${i}`, y }));
      const options = { width: 320, height, document, textWidth };
      const plan = planBars(specification("bar", "linear"), [{ ...one, points }], options);
      expect(labelsOf(plan?.draw()).texts.length, `${least} to ${largest}`).toBeGreaterThanOrEqual(2);
    }
});
