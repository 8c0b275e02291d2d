import { formatRounded, type PlotSpecification } from "@gradus/papers";
import {
  axisFx,
  axisFy,
  axisX,
  axisY,
  barX,
  barY,
  gridX,
  gridY,
  type Markish,
  plot,
  ruleX,
  ruleY,
  text,
  tickX,
  tickY,
} from "@observablehq/plot";
import { blankPlan } from "./blank-figure.ts";
import type { DrawnSeries } from "./series.ts";
import { type FigureOptions, type FigurePlan, plottedAxis, withoutStyles } from "./svg.ts";
import { breakLines } from "./svg-lines.ts";
import { domainOf } from "./ticks.ts";
import { barTicks } from "./x-axis.ts";
import { barAxis } from "./y-axis.ts";

interface Bar {
  readonly category: string;
  readonly series: string;
  readonly value: number;
}

const FONT = "400 12px";
const GAP = 16;
/** Largest number of bars that get value labels. */
const VALUES_SHOWN = 30;
/** Largest width of category names, as a fraction of the figure's width. */
const WIDEST_NAMES = 0.4;
const MARGIN_LEFT = 48;
const MARGIN_RIGHT = 8;
const MARGIN_TOP = 18;
const MARGIN_BOTTOM = 42;
/** Fill opacity of bars that are distinguished from others of their color by an outline. */
const HOLLOW = { fillOpacity: 0.2, strokeWidth: 1.5, inset: 0.75 } as const;
/** Space around a group of bars, in bar widths. */
const GROUP_PADDING = 0.55;

/** Baseline of bars: zero, or a power of ten below the smallest value. */
function baseline(least: number, scale: "linear" | "log" | undefined): number {
  return scale === "log" ? 10 ** Math.floor(Math.log10(least * 0.7)) : 0;
}

function barsOf(series: readonly DrawnSeries[], scale: "linear" | "log" | undefined): Bar[] {
  return series.flatMap(({ name, points }) =>
    points
      .map(({ x, y }) => ({ category: String(x), series: name, value: y }))
      .filter(({ value }) => Number.isFinite(value) && (scale !== "log" || value > 0)),
  );
}

/**
 * Bars, one group per category and one bar per series: vertical when the category names fit below them, else
 * horizontal. References are dashed ticks across their category.
 */
export function planBars(
  specification: PlotSpecification,
  series: readonly DrawnSeries[],
  options: FigureOptions,
): FigurePlan | undefined {
  const { width, height: given, textWidth, document, outline } = options;
  const { scale } = specification.y;
  const own = series.filter(({ role }) => role !== "reference");
  const references = series.filter(({ role }) => role === "reference");
  const bars = barsOf(own, scale);
  const marks = barsOf(references, scale);
  const values = [...bars, ...marks].map(({ value }) => value);
  const domain = domainOf([...(outline?.y ?? []), ...values], scale);
  if (!domain) return outline && blankPlan(series, options);
  if (bars.length === 0 && !outline) return undefined;
  const low = baseline(domain[0], scale);
  const measured = [...bars, ...marks].map(({ category }) => category);
  const categories = [...new Set([...(outline?.categories ?? []), ...measured])];
  const names = categories.map((name) => textWidth(name, FONT));
  const lying = Math.max(...names) + GAP > (width - 60) / categories.length;
  const length: [number, number] = [Math.min(low, domain[0]), Math.max(low, domain[1])];
  const outlined = new Set(own.filter(({ hollow }) => hollow).map(({ name }) => name));
  const solid = bars.filter((bar) => !outlined.has(bar.series));
  const hollow = bars.filter((bar) => outlined.has(bar.series));
  const color = { domain: own.map(({ name }) => name), range: own.map((one) => one.color) };
  const order = own.map(({ name }) => name);
  const broken = new Map(
    categories.map((name) => [name, breakLines(name, width * WIDEST_NAMES, (line) => textWidth(line, FONT))]),
  );
  const namesWidth = Math.max(...[...broken.values()].flat().map((line) => textWidth(line, FONT)));
  const barWidth =
    (width - MARGIN_LEFT - MARGIN_RIGHT) / categories.length / (own.length + 2 * GROUP_PADDING - 0.12);
  const widest = Math.max(...bars.map((bar) => textWidth(formatRounded(bar.value), FONT)));
  const shownValues = bars.length <= VALUES_SHOWN && (lying || widest <= barWidth * 1.1);
  const label = {
    text: ({ value: figure }: Bar) => formatRounded(figure),
    fill: "var(--muted)",
    fontVariant: "tabular-nums",
  };

  const lyingBar = { fy: "category", y: "series", x1: low, x2: "value" };
  const uprightBar = { fx: "category", x: "series", y1: low, y2: "value" };
  const common = { color, document };
  const [marginLeft, marginRight] = [14 + namesWidth, shownValues ? 46 : 14];
  const ticks = barTicks(scale, length, width - marginLeft - marginRight, textWidth);
  const upright = barAxis(scale, length, { rows: 5, length: given - MARGIN_TOP - MARGIN_BOTTOM });
  const axis = lying ? plottedAxis(scale, length, ticks) : plottedAxis(scale, upright.domain, upright);
  const nice = scale !== "log" && axis.scale.transform === undefined;
  const value = { ...axis.scale, nice };
  const height = lying ? 50 + categories.length * (own.length * 18 + 16) : given;
  const draw = () =>
    lying
      ? plot({
          ...common,
          width,
          height,
          marginTop: 6,
          marginBottom: 38,
          marginLeft,
          marginRight,
          x: value,
          fy: { domain: categories, padding: 0, label: null },
          y: { domain: order, axis: null, paddingInner: 0.12, paddingOuter: GROUP_PADDING },
          marks: [
            gridX({ ...axis.axis, stroke: "var(--rule)", strokeOpacity: 1 }),
            axisX({ ...axis.axis, tickSize: 0, label: null, fill: "var(--muted)" }),
            axisFy({
              anchor: "left",
              tickSize: 0,
              label: null,
              fill: "var(--muted)",
              textAnchor: "end",
              tickFormat: (name: string) => (broken.get(name) ?? [name]).join("\n"),
              lineHeight: 1.15,
            }),
            barX(solid, { ...lyingBar, fill: "series" }),
            barX(hollow, { ...lyingBar, fill: "series", stroke: "series", ...HOLLOW }),
            ruleX([low], { stroke: "var(--muted)", strokeOpacity: 0.5 }),
            ...references.map(
              (one): Markish =>
                tickX(barsOf([one], scale), {
                  fy: "category",
                  x: "value",
                  stroke: one.color,
                  strokeWidth: 1.5,
                  strokeDasharray: one.dash,
                }),
            ),
            shownValues
              ? text(bars, {
                  ...label,
                  fy: "category",
                  y: "series",
                  x: ({ value: end }: Bar) => Math.max(low, end),
                  dx: 5,
                  textAnchor: "start",
                })
              : null,
          ],
        })
      : plot({
          ...common,
          width,
          height,
          marginTop: MARGIN_TOP,
          marginBottom: MARGIN_BOTTOM,
          marginLeft: MARGIN_LEFT,
          marginRight: MARGIN_RIGHT,
          y: value,
          fx: { domain: categories, padding: 0, label: null },
          x: { domain: order, axis: null, paddingInner: 0.12, paddingOuter: GROUP_PADDING },
          marks: [
            gridY({ ...axis.axis, stroke: "var(--rule)", strokeOpacity: 1 }),
            axisY({ ...axis.axis, tickSize: 0, label: null, fill: "var(--muted)" }),
            axisFx({ anchor: "bottom", tickSize: 0, label: null, fill: "var(--muted)" }),
            barY(solid, { ...uprightBar, fill: "series" }),
            barY(hollow, { ...uprightBar, fill: "series", stroke: "series", ...HOLLOW }),
            ruleY([low], { stroke: "var(--muted)", strokeOpacity: 0.5 }),
            ...references.map(
              (one): Markish =>
                tickY(barsOf([one], scale), {
                  fx: "category",
                  y: "value",
                  stroke: one.color,
                  strokeWidth: 1.5,
                  strokeDasharray: one.dash,
                }),
            ),
            shownValues
              ? text(bars, {
                  ...label,
                  fx: "category",
                  x: "series",
                  y: ({ value: end }: Bar) => Math.max(low, end),
                  dy: -8,
                })
              : null,
          ],
        });
  return {
    height,
    legend: series.length > 1 ? series : [],
    nameRoom: 0,
    lying,
    complete: false,
    outline: { series: series.map(({ name }) => name), categories, y: domain },
    draw: () => withoutStyles(draw()),
  };
}
