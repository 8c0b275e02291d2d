import type { PlotSpecification } from "@gradus/papers";
import { expect, test } from "vitest";
import { figureElement } from "./svg-text.ts";
import { tickText } from "./tick-text.ts";

/** The texts of a figure of two points. */
function texts(scale: "linear" | "log", x: readonly number[], y: readonly number[]): string[] {
  const plot: PlotSpecification = {
    ...{ id: "plot", title: "Plot", mark: "line" },
    ...{ x: { label: "steps" }, y: { label: "height", scale } },
  };
  const svg = figureElement(plot, { a: x.map((value, i) => ({ x: value, y: y[i] })) }, { width: 600 }) ?? "";
  return [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
}

test.each([
  ["linear", [1000.01, 1000.05]],
  ["linear", [3, 3.0001]],
  ["linear", [-0.81235, -0.8123]],
  ["linear", [2.5e9, 2.5e9 + 30]],
  ["linear", [1e-7, 1.0003e-7]],
  ["log", [0.9991, 1.0009]],
  ["log", [2e-9, 2.00001e-9]],
] as const)("labels of a %s axis over %j differ", (scale, y) => {
  const shown = texts(scale, [2000.0001, 2000.0005], y);
  const labels = shown.filter((text) => /^[−\d]/.test(text));
  expect(labels.length).toBeGreaterThan(6);
  expect(new Set(labels).size).toBe(labels.length);
});

test("labels have four digits where these tell them apart", () => {
  expect([0, 0.25, 12345.6].map(tickText([0, 20_000], 5))).toEqual(["0", "0.25", "12,350"]);
  expect(tickText([1000, 1000.05], 5)(1000.02)).toBe("1,000.02");
  expect(tickText([3, 3], 5)(3)).toBe("3");
});
