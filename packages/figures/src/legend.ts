import type { PlotSpecification } from "@gradus/papers";
import type { DrawnSeries } from "./series.ts";
import { SVG, type TextWidth } from "./svg.ts";
import { breakLines, lineOfText } from "./svg-lines.ts";

const SIZE = 12;
const ROW = 18;
/** Line height of a name that wraps. */
const LINE = 15;
const SWATCH = 22;
const GAP = 6;
const BETWEEN = 16;

type Attributes = Readonly<Record<string, string | number | undefined>>;

function shape(document: Document, name: string, attributes: Attributes): Element {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(key, String(value));
  return element;
}

/** The mark of a series (a line segment, a dot or a bar), centered at height `y`. */
function swatch(
  document: Document,
  { role, color, width, dash, hollow }: DrawnSeries,
  mark: PlotSpecification["mark"],
  x: number,
  y: number,
): Element {
  if (role === "stem") {
    const stem = shape(document, "g", {});
    stem.append(
      shape(document, "line", {
        x1: x + SWATCH / 2,
        x2: x + SWATCH / 2,
        y1: y - 4,
        y2: y + 7,
        stroke: color,
      }),
      shape(document, "circle", { cx: x + SWATCH / 2, cy: y - 4, r: 2.8, fill: color }),
    );
    return stem;
  }
  if (mark === "line" || role === "reference" || role === "arrow")
    return shape(document, "line", {
      x1: x + 1,
      x2: x + SWATCH - 1,
      y1: y,
      y2: y,
      stroke: color,
      "stroke-width": width,
      "stroke-dasharray": dash,
    });
  if (mark === "dot")
    return shape(document, "circle", {
      cx: x + SWATCH / 2,
      cy: y,
      r: role === "method" ? 4 : 3.2,
      fill: hollow ? "none" : color,
      stroke: hollow ? color : "none",
      "stroke-width": 1.3,
    });
  return shape(document, "rect", {
    x: x + 5,
    y: y - 5,
    width: 12,
    height: 10,
    rx: 1,
    fill: color,
    ...(hollow ? { "fill-opacity": 0.2, stroke: color, "stroke-width": 1.5 } : {}),
  });
}

/** Swatches and names of the series in rows of at most `width` pixels, and their height. */
export function legend(
  document: Document,
  series: readonly DrawnSeries[],
  mark: PlotSpecification["mark"],
  { x, y, width, textWidth }: { x: number; y: number; width: number; textWidth: TextWidth },
): { readonly elements: readonly Element[]; readonly height: number } {
  const elements: Element[] = [];
  const measure = (text: string) => textWidth(text, `400 ${SIZE}px`);
  const style = { size: SIZE, weight: 400, color: "var(--muted)", anchor: "start" } as const;
  let left = x;
  let top = y;
  let bottom = y;
  for (const one of series) {
    const lines = breakLines(one.name, width - SWATCH - GAP, measure);
    const wide = SWATCH + GAP + Math.max(...lines.map(measure));
    if (left > x && left + wide > x + width) {
      left = x;
      top = bottom;
    }
    const middle = top + ROW / 2;
    elements.push(swatch(document, one, mark, left, middle));
    for (const [i, line] of lines.entries())
      elements.push(
        lineOfText(document, line, style, { x: left + SWATCH + GAP, y: middle + SIZE * 0.35 + i * LINE }),
      );
    bottom = Math.max(bottom, top + ROW + (lines.length - 1) * LINE);
    left += wide + BETWEEN;
  }
  return { elements, height: bottom - y };
}
