import type { PlotData, PlotSpecification } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { completeFigure } from "./complete-figure.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

const line: PlotSpecification = { id: "p", title: "P", x: { label: "x" }, y: { label: "y" }, mark: "line" };
const heat: PlotSpecification = { ...line, mark: "heat", color: { kind: "sequential", label: "size" } };
const values = [-1.7, 0.3, 1.6, -0.8, 1.7];
const points = (unit: number) => values.map((y, i) => ({ x: values[(i + 2) % 5] * unit, y: y * unit }));
const named = (unit: number, length: number) =>
  values.map((y, i) => ({ x: `${"category ".repeat(length)}${i}`, y: y * unit }));
const matrix = (unit: number) => ({
  rows: ["a"],
  columns: ["1", "2", "3", "4", "5"],
  values: values.map((value) => value * unit),
});

/** A figure of numbers of a size. */
function drawn(plot: PlotSpecification, data: PlotData, height?: number): SVGElement {
  const svg = completeFigure(plot, data, document, { width: 600, height })?.draw();
  if (!svg) throw new Error("there is a figure");
  return svg;
}

/** An attribute of elements, as numbers. */
const numbers = (svg: SVGElement, name: string, attribute: string) =>
  [...svg.querySelectorAll(name)].map((one) => Number(one.getAttribute(attribute)));

/** Expects the same order and the same shares of the way from the least to the largest, to half a percent. */
function expectAlike(places: readonly number[], wanted: readonly number[]): void {
  const shares = (of: readonly number[]) => {
    const [low, high] = [Math.min(...of), Math.max(...of)];
    return of.map((one) => (one - low) / (high - low));
  };
  expect(places).toHaveLength(wanted.length);
  shares(places).forEach((share, i) => {
    expect(Math.abs(share - shares(wanted)[i])).toBeLessThan(0.005);
  });
}

const bars: PlotSpecification = { ...line, mark: "bar" };
const kinds: readonly [string, PlotSpecification, PlotData, number?][] = [
  ["lines", line, { ours: points(1e308) }],
  ["small lines", line, { ours: points(1e308) }, 80],
  ["dots", { ...line, mark: "dot" }, { ours: points(1e308) }],
  ["upright bars", bars, { ours: named(1e308, 1) }],
  ["small upright bars", bars, { ours: named(1e308, 1) }, 80],
  ["lying bars", bars, { ours: named(1e308, 3) }],
  ["a heat map", heat, { ours: matrix(1e308) }],
  ["a diverging heat map", { ...heat, color: { kind: "diverging", label: "size" } }, { ours: matrix(1e308) }],
];

test.each(kinds)(
  "%s of numbers further apart than the largest number have ticks",
  (_, plot, data, height) => {
    const svg = drawn(plot, data, height);
    const texts = [...svg.querySelectorAll("text")].map(({ textContent }) => textContent ?? "");
    const ticks = new Set(texts.filter((text) => /^(−?[\d.]+e30[78]|0)$/.test(text)));
    expect(ticks.size).toBeGreaterThanOrEqual(3);
    expect(svg.outerHTML).not.toMatch(/NaN|Infinity|∞/);
  },
);

test("marks of such numbers are where those of smaller ones are", () => {
  const dots = drawn({ ...line, mark: "dot" }, { ours: points(1e308) });
  expectAlike(
    numbers(dots, "circle", "cy").map((y) => -y),
    values,
  );
  expectAlike(
    numbers(dots, "circle", "cx"),
    values.map((_, i) => values[(i + 2) % 5]),
  );
  const upright = drawn(bars, { ours: named(1e308, 1) });
  expectAlike(numbers(upright, "rect", "height"), values.map(Math.abs));
  const lying = drawn(bars, { ours: named(1e308, 3) });
  expectAlike(numbers(lying, "rect", "width"), values.map(Math.abs));
  for (const kind of ["sequential", "diverging"] as const) {
    const of = (unit: number) =>
      drawn({ ...heat, color: { kind, label: "size" } }, { ours: matrix(unit) }).outerHTML;
    const shapes = (html: string) => html.replace(/<text.*?<\/text>/g, "");
    expect(shapes(of(1e308))).toBe(shapes(of(1e200)));
  }
});
