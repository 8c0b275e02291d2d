import type { PlotSpecification } from "@gradus/papers";
import { DOMParser } from "linkedom";
import { expect, test } from "vitest";
import { stemNames, withFoot } from "./stems.ts";
import { figureFile } from "./svg-text.ts";

const frame = {
  x: [0, 10],
  y: [0, 1],
  xScale: "linear",
  yScale: "linear",
  across: [0, 100],
  up: [100, 0],
} as const;
const wide = () => 30;

test("names that would lie over one another give way to those further right", () => {
  const places = [9, 8.9, 3].map((x) => ({ x, y: 0.5, label: `at ${x}` }));
  expect(stemNames(places, frame, wide).map(({ text }) => text)).toEqual(["at 9", "at 3"]);
});

test("a name stays within the drawing", () => {
  const [{ x }] = stemNames([{ x: 10, y: 0.5, label: "end" }], frame, wide);
  expect(x).toBe(85);
});

test("stems are named in the figure and in the legend, lines at their ends", () => {
  const density: PlotSpecification = {
    id: "density",
    title: "Density",
    x: { label: "eigenvalue", scale: "log" },
    y: { label: "share", scale: "log" },
    mark: "line",
    series: ["bulk", "outliers"],
    stems: ["outliers"],
  };
  const bulk = Array.from({ length: 30 }, (_, i) => ({
    x: 10 ** (-4 + i / 10),
    y: Math.exp(-((i - 15) ** 2) / 40),
  }));
  const file = figureFile(density, { bulk, outliers: [{ x: 50, y: 0.01, label: "λ₁ = 50" }] });
  const document = new DOMParser().parseFromString(file ?? "", "image/svg+xml");
  const texts = [...document.querySelectorAll("text")].map(({ textContent }) => textContent);
  for (const name of ["bulk", "outliers", "λ₁ = 50"])
    expect(texts.filter((text) => text === name)).toHaveLength(1);
});

test("the lowest stem has a height where the scale is logarithmic", () => {
  const [low, high] = withFoot([0.04, 0.2], "log", [0.04, 0.09]);
  expect(high).toBe(0.2);
  expect(Math.log(0.04 / low) / Math.log(high / low)).toBeCloseTo(0.06, 12);
  // It has one already, also when the range is that of a figure drawn before.
  expect(withFoot([low, high], "log", [0.04])[0]).toBeCloseTo(low, 12);
  expect(withFoot([0.01, 0.2], "log", [0.09])).toEqual([0.01, 0.2]);
  expect(withFoot([0.04, 0.2], "log", [])).toEqual([0.04, 0.2]);
  expect(withFoot([0, 0.2], "linear", [0])).toEqual([0, 0.2]);
});
