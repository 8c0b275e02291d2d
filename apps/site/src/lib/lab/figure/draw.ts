import { formatFigure, type PlotSpecification } from "@gradus/papers";
import {
  axisX,
  axisY,
  type Data,
  dot,
  frame,
  gridY,
  lineY,
  type Markish,
  type MarkOptions,
  plot,
  pointer,
  type RenderFunction,
  tip,
} from "@observablehq/plot";
import { drawBars } from "./bars.ts";
import { LABEL_GAP, labelMargin, spreadLabels } from "./labels.ts";
import { type DrawnSeries, drawnSeries, type Place, type PlotData, placeable, thinned } from "./series.ts";
import { axisTicks, bareSvg, type DrawnFigure, type FigureSize, SVG } from "./svg.ts";
import { textWidth } from "./text-width.ts";
import { domainOf } from "./ticks.ts";

interface PlacedSeries extends DrawnSeries {
  readonly places: readonly Place[];
}

const MARGIN = { top: 10, right: 14, bottom: 40 } as const;
const BUCKETS = 400;
/** Lines of so few points show them. */
const DOTTED_BELOW = 16;

/** The labels at the ends of the lines, spread so that they can be read. */
function endLabels(series: readonly PlacedSeries[], widths: readonly number[]): RenderFunction {
  return (_index, scales, _values, dimensions, context) => {
    const group = context.document.createElementNS(SVG, "g");
    const { x: scaleX, y: scaleY } = scales;
    if (!scaleX || !scaleY) return group;
    const wishes = series.map(({ places }, i) => {
      const end = places[places.length - 1];
      return { x: Number(scaleX(end.x)) + LABEL_GAP, y: Number(scaleY(end.y)), width: widths[i] };
    });
    const bottom = dimensions.height - dimensions.marginBottom;
    const heights = spreadLabels(wishes, dimensions.marginTop + 2, bottom - 4);
    series.forEach(({ name, color }, i) => {
      const text = context.document.createElementNS(SVG, "text");
      text.setAttribute("x", String(wishes[i].x));
      text.setAttribute("y", String(heights[i]));
      text.setAttribute("dy", "0.32em");
      text.setAttribute("fill", color);
      text.setAttribute("class", "line-label");
      text.textContent = name;
      group.append(text);
    });
    return group;
  };
}

function tooltip(series: readonly PlacedSeries[], specification: PlotSpecification): Markish {
  const all = series.flatMap(({ name, places }) => places.map((place) => ({ ...place, name })));
  return tip(
    all,
    pointer({
      x: "x",
      y: "y",
      title: ({ name, x, y }: (typeof all)[number]) =>
        `${name}\n${specification.x.label}: ${formatFigure(x)}\n${specification.y.label}: ${formatFigure(y)}`,
      fill: "var(--surface)",
      stroke: "var(--rule)",
    }),
  );
}

function marksOf(
  { places, color, width, dash, role }: PlacedSeries,
  mark: PlotSpecification["mark"],
): Markish[] {
  const data: Data = places;
  const line: MarkOptions & { x: string; y: string } = { x: "x", y: "y", stroke: color, strokeWidth: width };
  if (mark === "dot" && role !== "reference")
    return [dot(data, { x: "x", y: "y", r: role === "method" ? 3.6 : 2.8, fill: color, fillOpacity: 0.75 })];
  const drawn: Markish[] = [lineY(data, { ...line, strokeDasharray: dash, strokeLinejoin: "round" })];
  if (places.length < DOTTED_BELOW && role !== "reference")
    drawn.push(dot(data, { x: "x", y: "y", r: width * 0.9 + 1, fill: color }));
  return drawn;
}

/**
 * Draws a plot's points with Observable Plot, or returns undefined while there is nothing to draw. Series are named
 * at the ends of their lines where the names fit, else in a legend. `live` leaves out what is for looking closely.
 */
export function drawFigure(
  specification: PlotSpecification,
  data: PlotData,
  size: FigureSize,
  live: boolean,
): DrawnFigure | undefined {
  if (specification.mark === "bar") return drawBars(specification, drawnSeries(specification, data), size);
  const series: PlacedSeries[] = drawnSeries(specification, data)
    .map((one) => ({ ...one, places: thinned(placeable(specification, one.points), BUCKETS) }))
    .filter(({ places }) => places.length > 0);
  const xDomain = domainOf(
    series.flatMap(({ places }) => places.map(({ x }) => x)),
    specification.x.scale,
  );
  const yDomain = domainOf(
    series.flatMap(({ places }) => places.map(({ y }) => y)),
    specification.y.scale,
  );
  if (!xDomain || !yDomain) return undefined;

  const { width, height } = size;
  const xTicks = axisTicks(specification.x.scale, xDomain, Math.max(3, Math.floor(width / 90)));
  const yTicks = axisTicks(specification.y.scale, yDomain, Math.max(3, Math.floor(height / 48)));
  const yLabels = Array.isArray(yTicks.ticks) ? yTicks.ticks : yDomain;
  const left = 12 + Math.max(24, ...yLabels.map((value) => textWidth(yTicks.tickFormat(value), "400 12px")));

  const widths = series.map(({ name }) => textWidth(name, "600 12px"));
  const onScale = (value: number) => (specification.x.scale === "log" ? Math.log(value) : value);
  const [low, high] = xDomain.map(onScale);
  const ends = series.map(({ places }, i) => ({
    share: (onScale(places[places.length - 1].x) - low) / (high - low),
    labelWidth: widths[i],
  }));
  const right = labelMargin(ends, width, left, MARGIN.right);
  const room = height - MARGIN.top - MARGIN.bottom;
  const labelled = specification.mark === "line" && right < width * 0.38 && series.length * 15 <= room;

  const svg = plot({
    width,
    height,
    marginTop: MARGIN.top,
    marginRight: labelled ? right : MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: left,
    x: { type: specification.x.scale ?? "linear", domain: xDomain },
    y: { type: specification.y.scale ?? "linear", domain: yDomain, nice: specification.y.scale !== "log" },
    marks: [
      gridY({ ticks: yTicks.ticks, stroke: "var(--rule)", strokeOpacity: 1 }),
      axisY({ ...yTicks, tickSize: 0, label: null, fill: "var(--muted)" }),
      axisX({ ...xTicks, tickSize: 4, label: null, fill: "var(--muted)", stroke: "var(--rule)" }),
      frame({ anchor: "bottom", stroke: "var(--muted)", strokeOpacity: 0.5 }),
      ...[...series].reverse().flatMap((one) => marksOf(one, specification.mark)),
      ...(labelled ? [endLabels(series, widths)] : []),
      ...(live ? [] : [tooltip(series, specification)]),
    ],
  });
  return { svg: bareSvg(svg), legend: labelled || series.length < 2 ? [] : series };
}
