import type { PlotSpecification } from "@gradus/papers";
import type { RenderFunction } from "@observablehq/plot";
import { LABEL_GAP, labelCoversLine, labelMargin, spreadLabels } from "./labels.ts";
import { type DrawnPoint, type DrawnSeries, rightEnd } from "./series.ts";
import { type FigureOptions, position, SVG } from "./svg.ts";
import { appendTextRuns } from "./svg-lines.ts";

/** A series with the points that fit the axes. */
export interface PlacedSeries extends DrawnSeries {
  readonly places: readonly DrawnPoint[];
}

/** The axes: their domains, and the margins of the drawing in pixels. */
export interface LinesFrame {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly left: number;
  /** The right margin without labels. */
  readonly right: number;
  readonly top: number;
  /** From the figure's top. */
  readonly bottom: number;
}

/** A series name at the end of its line. */
interface PlacedLabel {
  readonly text: string;
  readonly color: string;
  readonly x: number;
  readonly y: number;
}

/** Labels at line ends, and the right margin they need. */
export interface EndLabels {
  readonly labels: readonly PlacedLabel[];
  readonly margin: number;
}

/** Largest right margin for labels, as a fraction of the figure's width. */
const WIDEST_MARGIN = 0.38;
/** Largest distance in pixels between a label and the end of its line. */
const FURTHEST_LABEL = 16;
/** Font size of labels in pixels. */
const LABEL_SIZE = 12;

/** Labels at the right ends of lines; undefined when they do not fit, unless `nameRoom` reserves space. */
export function endLabels(
  series: readonly PlacedSeries[],
  specification: PlotSpecification,
  { x, y, left, right, top, bottom }: LinesFrame,
  { width, textWidth, nameRoom }: FigureOptions,
): EndLabels | undefined {
  if (specification.mark !== "line" || nameRoom === 0) return undefined;
  const lines = series.filter(({ role, places }) => role !== "stem" && places.length > 0);
  const ends = lines.map(({ name, places }) => {
    const end = rightEnd(places);
    return {
      end,
      share: position(end.x, x, [0, 1], specification.x.scale),
      labelWidth: textWidth(name, `600 ${LABEL_SIZE}px`),
    };
  });
  const needed = labelMargin(ends, width, left, right);
  const margin =
    nameRoom === undefined ? needed : Math.max(nameRoom, Math.min(needed, width * WIDEST_MARGIN));
  if (nameRoom === undefined && needed > width * WIDEST_MARGIN) return undefined;
  const across = [left, width - margin] as const;
  const up = [bottom, top] as const;
  const wishes = ends.map(({ end, labelWidth }) => ({
    x: position(end.x, x, across, specification.x.scale) + LABEL_GAP,
    y: position(end.y, y, up, specification.y.scale),
    width: labelWidth,
  }));
  const heights = spreadLabels(wishes, top + 2, bottom - 4);
  if (nameRoom === undefined) {
    const drawn = lines.map(({ places }) =>
      places.map((place) => ({
        x: position(place.x, x, across, specification.x.scale),
        y: position(place.y, y, up, specification.y.scale),
      })),
    );
    if (wishes.some((wish, i) => drawn.some((line) => labelCoversLine({ ...wish, y: heights[i] }, line))))
      return undefined;
    if (heights.some((height, i) => Math.abs(height - wishes[i].y) > FURTHEST_LABEL)) return undefined;
  }
  const labels = lines.map(({ name, color }, i) => ({ text: name, color, x: wishes[i].x, y: heights[i] }));
  return { labels, margin };
}

/** Renders the labels. */
export function labelTexts(labels: readonly PlacedLabel[]): RenderFunction {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const group = document.createElementNS(SVG, "g");
    for (const { text: name, color, x, y } of labels) {
      const text = document.createElementNS(SVG, "text");
      const attributes = {
        x,
        y,
        dy: "0.32em",
        // The palette is made for lines; text needs more contrast.
        fill: `color-mix(in srgb, ${color} 72%, var(--ink))`,
        class: "line-label",
        "font-weight": 600,
        "text-anchor": "start",
        stroke: "var(--surface)",
        "stroke-width": 3,
        "stroke-linejoin": "round",
        "paint-order": "stroke",
      };
      for (const [key, value] of Object.entries(attributes)) text.setAttribute(key, String(value));
      appendTextRuns(document, text, name, LABEL_SIZE);
      group.append(text);
    }
    return group;
  };
}
