import { axisLabel } from "@gradus/figures/axis-label";
import { formatRounded, type PlotSpecification } from "@gradus/papers";
import type { PlotOptions, PlotSeries } from "./plot.ts";
import { linearScale, logScale } from "./scale.ts";
import { displayWidth, padEnd, truncate, wrap } from "./text.ts";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const WIDEST_NAME = 0.4;

interface Bar {
  readonly category: string;
  readonly series: string;
  readonly index: number;
  readonly value: number;
}

/** The bars in reading order: by category as they appeared, then by series. The last value of a bar counts. */
function barsOf(data: PlotSeries, names: readonly string[]): Bar[] {
  const categories = [...new Set(names.flatMap((name) => data[name].map(({ x }) => String(x))))];
  return categories.flatMap((category) =>
    names.flatMap((series, index) => {
      const point = data[series].findLast(({ x }) => String(x) === category);
      return point ? [{ category, series, index, value: point.y }] : [];
    }),
  );
}

function block(from: number, to: number): string {
  const eighths = Math.round((to - from) * 8);
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/**
 * Horizontal bars with their figures. Bars start at 0, or on a logarithmic axis at the power of ten below the smallest;
 * several series of one category stand together under its name.
 */
export function barLines(
  specification: PlotSpecification,
  data: PlotSeries,
  names: readonly string[],
  { width, palette }: Pick<PlotOptions, "width" | "palette">,
): string[] {
  const bars = barsOf(data, names);
  const grouped = names.length > 1;
  const name = (bar: Bar) => (grouped ? `  ${bar.series}` : bar.category);
  const nameWidth = Math.min(
    Math.floor(width * WIDEST_NAME),
    Math.max(...bars.map((bar) => displayWidth(name(bar)))),
  );
  const figureWidth = Math.max(...bars.map((bar) => displayWidth(formatRounded(bar.value))));
  const room = Math.max(1, width - nameWidth - figureWidth - 3);
  const log = specification.y.scale === "log";
  const values = bars.map((bar) => bar.value);
  const smallest = Math.min(...values.filter((value) => value > 0 && Number.isFinite(value)));
  const floor = log && Number.isFinite(smallest) ? 10 ** Math.floor(Math.log10(smallest) - 1e-9) : 0;
  const scale = log ? logScale([floor, ...values], 1) : linearScale([0, ...values], 1);
  const base = log ? 0 : scale.position(0) * room;

  const lines = wrap(`${axisLabel(specification.y)}, by ${specification.x.label}`, width).map(palette.muted);
  let category: string | undefined;
  for (const bar of bars) {
    if (grouped && bar.category !== category) lines.push(truncate(bar.category, width));
    category = bar.category;
    const end = scale.position(bar.value) * room;
    const drawn = Number.isNaN(end)
      ? ""
      : end >= base
        ? " ".repeat(Math.round(base)) + block(Math.round(base), Math.max(Math.round(base), end))
        : " ".repeat(Math.round(end)) + "█".repeat(Math.round(base) - Math.round(end));
    const label = padEnd(truncate(name(bar), nameWidth), nameWidth);
    lines.push(`${label} ${palette.series(bar.index, drawn)} ${formatRounded(bar.value)}`);
  }
  return lines;
}
