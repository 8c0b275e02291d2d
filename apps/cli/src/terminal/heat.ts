import { axisLabel } from "@gradus/figures/axis-label";
import { bandsOf, meanPooled } from "@gradus/figures/matrix";
import { formatFigure, isMatrix, type Matrix, type PlotData, type PlotSpecification } from "@gradus/papers";
import type { Palette } from "./color.ts";
import { displayWidth, padStart, truncate, wrap } from "./text.ts";

/** From the least to the most; values below 0 of a diverging scale have shapes of their own, for eyes without color. */
const POSITIVE = ["·", "░", "▒", "▓", "█"];
const NEGATIVE = ["·", "-", "~", "+", "#"];
const MOST_ROWS = 32;
const WIDEST_LABELS = 0.3;

interface Shades {
  readonly low: number;
  readonly high: number;
  shade(value: number): { readonly character: string; readonly series: number };
}

function shadesOf(matrices: readonly Matrix[], diverging: boolean): Shades | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of matrices)
    for (const value of values)
      if (value !== null) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
  if (low > high) return undefined;
  if (diverging) {
    const size = Math.max(-low, high) || 1;
    return {
      low: -size,
      high: size,
      shade: (value) => {
        const level = Math.round((Math.abs(value) / size) * (POSITIVE.length - 1));
        return value < 0
          ? { character: NEGATIVE[level], series: 1 }
          : { character: POSITIVE[level], series: 0 };
      },
    };
  }
  // a difference of finite numbers may be infinite
  const unit = Number.isFinite(high - low) ? 1 : 1 / 4;
  const extent = unit * high - unit * low || 1;
  return {
    low,
    high,
    shade: (value) => ({
      character:
        POSITIVE[
          Math.min(POSITIVE.length - 1, Math.floor(((unit * value - unit * low) / extent) * POSITIVE.length))
        ],
      series: 0,
    }),
  };
}

/** The cells of one row of characters, neighbors of one color joined. */
function cellsOf(values: readonly (number | null)[], shades: Shades, wide: number, palette: Palette): string {
  let line = "";
  let run = "";
  let color = 0;
  const flush = () => {
    if (run !== "") line += palette.series(color, run);
    run = "";
  };
  for (const value of values) {
    const { character, series } = value === null ? { character: " ", series: color } : shades.shade(value);
    if (series !== color) flush();
    color = series;
    run += character.repeat(wide);
  }
  flush();
  return line;
}

/** The names of the columns' bands below the cells, as many as fit. */
function columnNames(labels: readonly string[], wide: number): string {
  let line = "";
  for (const { label, from, to } of bandsOf(labels)) {
    const start = Math.max(0, Math.floor(((from + to) / 2) * wide - displayWidth(label) / 2));
    if (label === "" || (line !== "" && start < line.length + 1)) continue;
    line = line.padEnd(start) + label;
  }
  return line;
}

function panelLines(matrix: Matrix, shades: Shades, width: number, palette: Palette): string[] {
  const longest = Math.max(0, ...matrix.rows.map(displayWidth));
  const gutter = Math.min(longest, Math.floor(width * WIDEST_LABELS));
  const room = Math.max(4, width - gutter - 2);
  const step = Math.max(
    1,
    Math.ceil(matrix.rows.length / MOST_ROWS),
    Math.ceil(matrix.columns.length / room),
  );
  const shown = meanPooled(matrix, step, step);
  // A character is about twice as high as wide.
  const wide = 2 * shown.columns.length <= room ? 2 : 1;
  const count = shown.columns.length;
  const named = new Map(
    bandsOf(shown.rows).map(({ label, from, to }) => [Math.floor((from + to - 1) / 2), label]),
  );
  const rows = shown.rows.map((_, i) => {
    const name = padStart(truncate(named.get(i) ?? "", gutter), gutter);
    return `${name} │${cellsOf(shown.values.slice(i * count, (i + 1) * count), shades, wide, palette)}`;
  });
  const indent = " ".repeat(gutter + 2);
  return [
    ...rows,
    indent + columnNames(shown.columns, wide),
    ...(step > 1 ? [`${indent}means of ${step} x ${step}`] : []),
  ];
}

/** The matrices of a heat map as shades, one below the other, and what the shades stand for. */
export function heatLines(
  { color, x, y }: PlotSpecification,
  data: PlotData,
  names: readonly string[],
  { width, palette }: { readonly width: number; readonly palette: Palette },
): string[] {
  const matrices = names.flatMap((name): (readonly [string, Matrix])[] => {
    const one = data[name];
    return isMatrix(one) ? [[name, one]] : [];
  });
  const diverging = color?.kind === "diverging";
  const shades = shadesOf(
    matrices.map(([, one]) => one),
    diverging,
  );
  if (!shades) return [palette.muted("no values")];
  const ramp = [
    ...(diverging ? [palette.series(1, NEGATIVE.slice(1).reverse().join(""))] : []),
    palette.series(0, POSITIVE.join("")),
  ].join("");
  const key = `${formatFigure(shades.low)} ${ramp} ${formatFigure(shades.high)}`;
  return [
    ...wrap(`rows: ${axisLabel(y)}; columns: ${axisLabel(x)}`, width).map(palette.muted),
    ...matrices.flatMap(([name, one]) => [
      ...(matrices.length > 1 ? [palette.strong(truncate(name, width))] : []),
      ...panelLines(one, shades, width, palette),
    ]),
    key,
    ...wrap(color?.label ?? "", width).map(palette.muted),
  ];
}
