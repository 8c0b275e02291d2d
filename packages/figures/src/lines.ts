import { formatFigure, type PlotSpecification } from "@gradus/papers";
import {
  arrow,
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
import { blankPlan } from "./blank-figure.ts";
import { endLabels, labelTexts, type PlacedSeries } from "./end-labels.ts";
import { type DrawnPoint, type DrawnSeries, drawablePoints, thinned } from "./series.ts";
import { type StemFrame, stemMarks, stemNameMark, withFoot } from "./stems.ts";
import { type FigureOptions, type FigurePlan, plottedAxis, SVG, withoutStyles } from "./svg.ts";
import { domainOf } from "./ticks.ts";
import { xAxisTicks } from "./x-axis.ts";
import { yAxis } from "./y-axis.ts";

const MARGIN = { top: 10, right: 14, bottom: 40 } as const;
/** Top margin when stems have names. */
const STEM_TOP = 24;
const BUCKETS = 400;
/** Most width of the lines of a tooltip in ems. */
const TOOLTIP_WIDTH = 26;
/** Pixels between a point and the text of its tooltip, and beyond it. */
const TOOLTIP_ROOM = 30;
const EM = 12;
const ARROW = { x1: "x1", y1: "y1", x2: "x2", y2: "y2", strokeWidth: 1.3, headLength: 6 } as const;
/** Lines with fewer points than this show them as dots. */
const DOTTED_BELOW = 16;

/** What is said of the point under the pointer: no wider than half the figure, so that it fits on a side of every point. */
function tooltip(series: readonly PlacedSeries[], { x, y }: PlotSpecification, width: number): Markish {
  const all = series.flatMap(({ name, places }) =>
    places.filter(({ piece }) => piece === undefined).map((place) => ({ ...place, name })),
  );
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
      lineWidth: Math.min(TOOLTIP_WIDTH, (width / 2 - TOOLTIP_ROOM) / EM),
    }),
  );
}

/** A transparent background that receives pointer events: a nested SVG element has none of its own. */
const ground: RenderFunction = (_index, _scales, _values, { width, height }, { document }) => {
  const rect = document.createElementNS(SVG, "rect");
  const attributes = { width, height, fill: "none", "pointer-events": "all" };
  for (const [name, value] of Object.entries(attributes)) rect.setAttribute(name, String(value));
  return rect;
};

/** Tails and heads of arrows; a tail without a head is left out. */
const pairs = (places: readonly DrawnPoint[]) =>
  places.flatMap(({ x: x1, y: y1 }, i) =>
    i % 2 === 0 && i + 1 < places.length ? [{ x1, y1, x2: places[i + 1].x, y2: places[i + 1].y }] : [],
  );

function marksOf(
  { places, color, width, dash, role, hollow }: PlacedSeries,
  mark: PlotSpecification["mark"],
): Markish[] {
  const at = { x: "x", y: "y" };
  if (role === "arrow") return [arrow(pairs(places), { ...ARROW, stroke: color })];
  if (mark === "dot" && role !== "reference")
    return hollow
      ? [dot(places, { ...at, r: 2.6, stroke: color, strokeWidth: 1.3 })]
      : [dot(places, { ...at, r: role === "method" ? 3.6 : 2.8, fill: color, fillOpacity: 0.75 })];
  const line = lineY(places, {
    ...at,
    z: "piece",
    stroke: color,
    strokeWidth: width,
    strokeDasharray: dash,
    strokeLinejoin: "round",
  });
  if (places.length >= DOTTED_BELOW || role === "reference") return [line];
  return [line, dot(places, { ...at, r: width * 0.9 + 1, fill: color })];
}

/**
 * Lines or dots. Series are named at the ends of their lines when the names fit or have reserved space, else in a legend.
 */
export function planLines(
  specification: PlotSpecification,
  all: readonly DrawnSeries[],
  options: FigureOptions,
): FigurePlan | undefined {
  const { x, y } = specification;
  const { width, height, textWidth, document, interactive = false, outline } = options;
  const series: PlacedSeries[] = all
    .map((one) => {
      const places = drawablePoints(specification, one.points);
      // arrows come in pairs, which thinning would part
      return { ...one, places: one.role === "arrow" ? places : thinned(places, BUCKETS) };
    })
    .filter(({ name, places }) => places.length > 0 || outline?.series.includes(name));
  const places = series.flatMap((one) => one.places);
  const xDomain = domainOf([...(outline?.x ?? []), ...places.map((place) => place.x)], x.scale);
  const yData = domainOf([...(outline?.y ?? []), ...places.map((place) => place.y)], y.scale);
  if (!xDomain || !yData) return outline && blankPlan(series, options);

  const stems = series.filter(({ role }) => role === "stem");
  const hasStems = stems.length > 0;
  const yRange = withFoot(
    yData,
    y.scale,
    stems.flatMap((one) => one.places.map((place) => place.y)),
  );
  const marginTop = hasStems ? STEM_TOP : MARGIN.top;
  const bottom = height - MARGIN.bottom;
  const rows = Math.max(3, Math.floor(height / 48));
  const {
    domain: yDomain,
    ticks: yPlaces,
    text: yText,
  } = yAxis(y.scale, yRange, { rows, length: bottom - marginTop });
  const yValues = Array.isArray(yPlaces) ? yPlaces : yDomain;
  const left = 12 + Math.max(24, ...yValues.map((value) => textWidth(yText(value), "400 12px")));
  const sides = { left, right: MARGIN.right, top: marginTop, bottom };
  const ends = endLabels(series, specification, { x: xDomain, y: yDomain, ...sides }, options);
  // Integers, such as seeds, get no ticks in between.
  const whole = [...xDomain, ...places.map((place) => place.x)].every(Number.isInteger);
  const bottomAxis = { domain: xDomain, scale: x.scale, whole, left, width, textWidth };
  const { ticks: xTicks, margin: marginRight } = xAxisTicks(bottomAxis, ends?.margin ?? MARGIN.right);
  const frameOfStems: StemFrame = {
    x: xDomain,
    y: yDomain,
    xScale: x.scale,
    yScale: y.scale,
    across: [left, width - marginRight],
    up: [bottom, marginTop],
  };
  const unnamed = ends ? series.filter(({ role }) => role === "stem") : series;

  const across = plottedAxis(x.scale, xDomain, xTicks);
  const up = plottedAxis(y.scale, yDomain, { ticks: yPlaces, text: yText });
  const draw = () =>
    plot({
      document,
      width,
      height,
      marginTop,
      marginRight,
      marginBottom: MARGIN.bottom,
      marginLeft: left,
      x: across.scale,
      y: up.scale,
      marks: [
        gridY({ ticks: up.axis.ticks, stroke: "var(--rule)", strokeOpacity: 1 }),
        axisY({ ...up.axis, tickSize: 0, label: null, fill: "var(--muted)" }),
        axisX({ ...across.axis, tickSize: 4, label: null, fill: "var(--muted)", stroke: "var(--rule)" }),
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
        ...(interactive ? [ground, tooltip(series, specification, width)] : []),
      ],
    });
  return {
    height,
    legend: series.length < 2 ? [] : unnamed,
    nameRoom: ends?.margin ?? 0,
    lying: false,
    complete: false,
    outline: { series: series.map(({ name }) => name), categories: [], x: xDomain, y: yRange },
    draw: () => withoutStyles(draw()),
  };
}
