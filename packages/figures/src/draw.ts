import { formatFigure, type PlotData, type PlotSpecification } from "@gradus/papers";
import {
  axisX,
  axisY,
  dot,
  frame,
  gridY,
  lineY,
  type Markish,
  plot,
  pointer,
  type RenderFunction,
  tip,
} from "@observablehq/plot";
import { drawBars } from "./bars.ts";
import { drawHeat } from "./heat.ts";
import { covers, LABEL_GAP, labelMargin, spreadLabels } from "./labels.ts";
import { type DrawnSeries, drawnSeries, type Place, placeable, rightEnd, thinned } from "./series.ts";
import { type StemFrame, stemMarks, stemNameMark } from "./stems.ts";
import { axisTicks, bareSvg, type DrawnFigure, type FigureOptions, position, SVG } from "./svg.ts";
import { appendWords } from "./svg-lines.ts";
import { domainOf, niceDomain } from "./ticks.ts";

interface PlacedSeries extends DrawnSeries {
  readonly places: readonly Place[];
}

interface PlacedLabel {
  readonly text: string;
  readonly color: string;
  readonly x: number;
  readonly y: number;
}

const MARGIN = { top: 10, right: 14, bottom: 40 } as const;
/** More above where names stand over stems. */
const STEM_TOP = 24;
/** The right margin grows for labels up to this share of the figure's width. */
const WIDEST_MARGIN = 0.38;
/** A label further than this from the end of its line, in pixels, is not read as belonging to it. */
const FURTHEST_LABEL = 16;
const BUCKETS = 400;
/** Of the lines beside the pointer, in ems. */
const TOOLTIP_WIDTH = 26;
/** Pixels that a label below the axis takes: numbers of a logarithmic axis are short. */
const X_TICK = { linear: 90, log: 64 } as const;
/** Of the labels' font, in pixels. */
const LABEL_SIZE = 12;
/** Lines of so few points show them. */
const DOTTED_BELOW = 16;

function labelTexts(labels: readonly PlacedLabel[]): RenderFunction {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const group = document.createElementNS(SVG, "g");
    for (const { text: name, color, x, y } of labels) {
      const text = document.createElementNS(SVG, "text");
      text.setAttribute("x", String(x));
      text.setAttribute("y", String(y));
      text.setAttribute("dy", "0.32em");
      // The palette is made for lines; text needs more contrast.
      text.setAttribute("fill", `color-mix(in srgb, ${color} 72%, var(--ink))`);
      text.setAttribute("class", "line-label");
      appendWords(document, text, name, LABEL_SIZE);
      group.append(text);
    }
    return group;
  };
}

function tooltip(series: readonly PlacedSeries[], { x, y }: PlotSpecification): Markish {
  const all = series.flatMap(({ name, places }) => places.map((place) => ({ ...place, name })));
  const title = (place: (typeof all)[number]) =>
    `${place.label ?? place.name}\n${x.label}: ${formatFigure(place.x)}\n${y.label}: ${formatFigure(place.y)}`;
  return tip(
    all,
    pointer({
      x: "x",
      y: "y",
      title,
      fill: "var(--surface)",
      stroke: "var(--rule)",
      pathFilter: "none",
      lineHeight: 1.3,
      lineWidth: TOOLTIP_WIDTH,
    }),
  );
}

function marksOf(
  { places, color, width, dash, role, hollow }: PlacedSeries,
  mark: PlotSpecification["mark"],
): Markish[] {
  const at = { x: "x", y: "y" };
  if (mark === "dot" && role !== "reference")
    return hollow
      ? [dot(places, { ...at, r: 2.6, stroke: color, strokeWidth: 1.3 })]
      : [dot(places, { ...at, r: role === "method" ? 3.6 : 2.8, fill: color, fillOpacity: 0.75 })];
  const line = lineY(places, {
    ...at,
    stroke: color,
    strokeWidth: width,
    strokeDasharray: dash,
    strokeLinejoin: "round",
  });
  if (places.length >= DOTTED_BELOW || role === "reference") return [line];
  return [line, dot(places, { ...at, r: width * 0.9 + 1, fill: color })];
}

/** The labels at the right ends of the lines; undefined when they do not fit near them. */
function endLabels(
  series: readonly PlacedSeries[],
  specification: PlotSpecification,
  domains: { readonly x: readonly [number, number]; readonly y: readonly [number, number] },
  { width, height, textWidth }: FigureOptions,
  left: number,
): { readonly labels: readonly PlacedLabel[]; readonly margin: number } | undefined {
  if (specification.mark !== "line") return undefined;
  const lines = series.filter(({ role }) => role !== "stem");
  const top = lines.length < series.length ? STEM_TOP : MARGIN.top;
  const ends = lines.map(({ name, places }) => {
    const end = rightEnd(places);
    return {
      end,
      share: position(end.x, domains.x, [0, 1], specification.x.scale),
      labelWidth: textWidth(name, `600 ${LABEL_SIZE}px`),
    };
  });
  const margin = labelMargin(ends, width, left, MARGIN.right);
  if (margin > width * WIDEST_MARGIN) return undefined;
  const across = [left, width - margin] as const;
  const up = [height - MARGIN.bottom, top] as const;
  const wishes = ends.map(({ end, labelWidth }) => ({
    x: position(end.x, domains.x, across, specification.x.scale) + LABEL_GAP,
    y: position(end.y, domains.y, up, specification.y.scale),
    width: labelWidth,
  }));
  const heights = spreadLabels(wishes, MARGIN.top + 2, height - MARGIN.bottom - 4);
  const drawn = lines.map(({ places }) =>
    places.map((place) => ({
      x: position(place.x, domains.x, across, specification.x.scale),
      y: position(place.y, domains.y, up, specification.y.scale),
    })),
  );
  if (wishes.some((wish, i) => drawn.some((line) => covers({ ...wish, y: heights[i] }, line))))
    return undefined;
  if (heights.some((y, i) => Math.abs(y - wishes[i].y) > FURTHEST_LABEL)) return undefined;
  const labels = lines.map(({ name, color }, i) => ({ text: name, color, x: wishes[i].x, y: heights[i] }));
  return { labels, margin };
}

/**
 * Draws a plot's points with Observable Plot, or returns undefined while there is nothing to draw. Series are named
 * at the ends of their lines where the names fit, else in a legend. Colors are CSS variables: `--ink`, `--muted`,
 * `--rule`, `--surface` and `--series-1` to `--series-5`.
 */
export function drawFigure(
  specification: PlotSpecification,
  data: PlotData,
  options: FigureOptions,
): DrawnFigure | undefined {
  if (specification.mark === "heat") return drawHeat(specification, data, options);
  if (specification.mark === "bar") return drawBars(specification, drawnSeries(specification, data), options);
  const { x, y } = specification;
  const { width, height, textWidth, document, interactive = false } = options;
  const series: PlacedSeries[] = drawnSeries(specification, data)
    .map((one) => ({ ...one, places: thinned(placeable(specification, one.points), BUCKETS) }))
    .filter(({ places }) => places.length > 0);
  const places = series.flatMap((one) => one.places);
  const xDomain = domainOf(
    places.map((place) => place.x),
    x.scale,
  );
  const yRange = domainOf(
    places.map((place) => place.y),
    y.scale,
  );
  if (!xDomain || !yRange) return undefined;

  const rows = Math.max(3, Math.floor(height / 48));
  const yDomain = y.scale === "log" ? yRange : niceDomain(yRange, rows);
  const xCount = Math.max(3, Math.floor(width / X_TICK[x.scale ?? "linear"]));
  // Whole numbers, such as seeds, have none between them.
  const whole = places.every((place) => Number.isInteger(place.x));
  const xTicks = axisTicks(x.scale, xDomain, whole ? Math.min(xCount, xDomain[1] - xDomain[0]) : xCount);
  const yTicks = axisTicks(y.scale, yDomain, rows);
  const yValues = Array.isArray(yTicks.ticks) ? yTicks.ticks : yDomain;
  const left = 12 + Math.max(24, ...yValues.map((value) => textWidth(yTicks.text(value), "400 12px")));
  const hasStems = series.some(({ role }) => role === "stem");
  const marginTop = hasStems ? STEM_TOP : MARGIN.top;
  const ends = endLabels(series, specification, { x: xDomain, y: yDomain }, options, left);

  const marginRight = ends?.margin ?? MARGIN.right;
  const frameOfStems: StemFrame = {
    x: xDomain,
    y: yDomain,
    xScale: x.scale,
    yScale: y.scale,
    across: [left, width - marginRight],
    up: [height - MARGIN.bottom, marginTop],
  };

  const svg = plot({
    document,
    width,
    height,
    marginTop,
    marginRight,
    marginBottom: MARGIN.bottom,
    marginLeft: left,
    x: { type: x.scale ?? "linear", domain: xDomain },
    y: { type: y.scale ?? "linear", domain: yDomain },
    marks: [
      gridY({ ticks: yTicks.ticks, stroke: "var(--rule)", strokeOpacity: 1 }),
      axisY({ ...yTicks, tickSize: 0, label: null, fill: "var(--muted)" }),
      axisX({ ...xTicks, tickSize: 4, label: null, fill: "var(--muted)", stroke: "var(--rule)" }),
      frame({ anchor: "bottom", stroke: "var(--muted)", strokeOpacity: 0.5 }),
      ...[...series]
        .reverse()
        .flatMap((one) =>
          one.role === "stem" ? stemMarks(one, one.places, frameOfStems) : marksOf(one, specification.mark),
        ),
      ...series
        .filter(({ role }) => role === "stem")
        .map((one) => stemNameMark(one, one.places, frameOfStems, textWidth)),
      ...(ends ? [labelTexts(ends.labels)] : []),
      ...(interactive ? [tooltip(series, specification)] : []),
    ],
  });
  const unnamed = ends ? series.filter(({ role }) => role === "stem") : series;
  const legend = series.length < 2 ? [] : unnamed;
  return { svg: bareSvg(svg), legend, lying: false, complete: false };
}
