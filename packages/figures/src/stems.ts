import { dot, type Markish, type RenderFunction, ruleX } from "@observablehq/plot";
import type { DrawnPoint, DrawnSeries } from "./series.ts";
import { type FigureOptions, position, SVG } from "./svg.ts";

/** Distance from a stem's dot up to the middle of its name in pixels. */
const LIFT = 12;
const BETWEEN = 6;
const FONT = "600 11px";

export interface StemFrame {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly xScale: "linear" | "log" | undefined;
  readonly yScale: "linear" | "log" | undefined;
  /** Left and right, and bottom and top, of the drawing in pixels. */
  readonly across: readonly [number, number];
  readonly up: readonly [number, number];
}

interface StemName {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** The names that fit without overlap, chosen from the right: outliers before the bulk. */
export function stemNames(
  places: readonly DrawnPoint[],
  { x, y, xScale, yScale, across, up }: StemFrame,
  textWidth: FigureOptions["textWidth"],
): StemName[] {
  const kept: (StemName & { readonly half: number })[] = [];
  for (const place of places.toSorted((a, b) => b.x - a.x)) {
    if (place.label === undefined) continue;
    const half = textWidth(place.label, FONT) / 2;
    const at = position(place.x, x, across, xScale);
    const middle = Math.min(Math.max(at, across[0] + half), across[1] - half);
    const height = position(place.y, y, up, yScale) - LIFT;
    const free = kept.every(
      (other) =>
        Math.abs(other.x - middle) >= half + other.half + BETWEEN || Math.abs(other.y - height) >= 12,
    );
    if (free) kept.push({ text: place.label, x: middle, y: height, half });
  }
  return kept.map(({ text, x: left, y: top }) => ({ text, x: left, y: top }));
}

function namesMark(names: readonly StemName[], color: string): RenderFunction {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const group = document.createElementNS(SVG, "g");
    for (const { text: name, x, y } of names) {
      const text = document.createElementNS(SVG, "text");
      const attributes = { x, y, dy: "0.32em", "text-anchor": "middle", "font-size": 11, "font-weight": 600 };
      for (const [key, value] of Object.entries(attributes)) text.setAttribute(key, String(value));
      text.setAttribute("fill", `color-mix(in srgb, ${color} 72%, var(--ink))`);
      text.setAttribute("stroke", "var(--surface)");
      text.setAttribute("stroke-width", "3");
      text.setAttribute("paint-order", "stroke");
      text.textContent = name;
      group.append(text);
    }
    return group;
  };
}

/** Height of the lowest stem as a share of the drawing, on a log scale, which has no 0 to stand on. */
const FOOT = 0.06;

/** The range of a vertical axis, lengthened downward where the lowest stem would have no height. */
export function withFoot(
  [low, high]: StemFrame["y"],
  scale: StemFrame["yScale"],
  heights: readonly number[],
): StemFrame["y"] {
  if (scale !== "log" || heights.length === 0) return [low, high];
  const [lowest, top] = [Math.log(Math.min(...heights)), Math.log(high)];
  return [Math.min(low, Math.exp((lowest - FOOT * top) / (1 - FOOT))), high];
}

/** Thin lines from the axis up to dots. */
export function stemMarks(
  { color }: DrawnSeries,
  places: readonly DrawnPoint[],
  frame: StemFrame,
): Markish[] {
  return [
    ruleX(places, { x: "x", y1: () => frame.y[0], y2: "y", stroke: color, strokeWidth: 1.2 }),
    dot(places, { x: "x", y: "y", r: 2.8, fill: color }),
  ];
}

/** The names of stems, drawn on top. */
export function stemNameMark(
  { color }: DrawnSeries,
  places: readonly DrawnPoint[],
  frame: StemFrame,
  textWidth: FigureOptions["textWidth"],
): Markish {
  return namesMark(stemNames(places, frame, textWidth), color);
}
