import { axisLabel } from "@gradus/figures/axis-label";
import { type Axis, isMatrix, type PlotData, type PlotSpecification, type Point } from "@gradus/papers";
import { barLines } from "./bars.ts";
import { Canvas } from "./canvas.ts";
import type { Palette } from "./color.ts";
import { heatLines } from "./heat.ts";
import { linearScale, logScale, type Scale } from "./scale.ts";
import { displayWidth, padStart, paragraph, plural, truncate, wrap } from "./text.ts";

/** Points by series. */
export type PlotSeries = Readonly<Record<string, readonly Point[]>>;

export interface PlotOptions {
  /** Cells in a line. */
  readonly width: number;
  /** Rows of the drawing itself, without title, legend and axis. */
  readonly height?: number;
  readonly palette: Palette;
}

interface NumericPoint {
  readonly x: number;
  readonly y: number;
  readonly piece?: number;
}

// Not the marks of the verdicts, so that a plot never looks like a row of claims.
const marks = ["■", "▲", "□", "△", "×", "+", "▼", "▽", "▪", "▫", "*", "#"];
const CELLS_BETWEEN_MARKS = 9;
const CELLS_BETWEEN_X_TICKS = 12;
const ROWS_BETWEEN_Y_TICKS = 3;
const DASH = 4;
const WIDEST_LABELS = 0.4;

/** The series of a plot in palette order: those that the specification names, then others as they appeared. */
export function orderedSeries({ series = [], references = [] }: PlotSpecification, data: PlotData): string[] {
  const present = Object.keys(data).filter((name) => {
    const one = data[name];
    return (isMatrix(one) ? one.values : one).length > 0;
  });
  const named = [...series, ...references].filter((name) => present.includes(name));
  return [...new Set([...named, ...present])];
}

function pointsOf(data: PlotData): PlotSeries {
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, one]) => (isMatrix(one) ? [] : [[name, one] as const])),
  );
}

function legendLines(names: readonly string[], width: number, palette: Palette): string[] {
  const lines: string[] = [];
  let line = "";
  names.forEach((name, i) => {
    const item = `${marks[i % marks.length]} ${truncate(name, width - 2)}`;
    const styled = palette.series(i, item.slice(0, 1)) + item.slice(1);
    const joined = line === "" ? styled : `${line}   ${styled}`;
    if (displayWidth(joined) > width) {
      lines.push(line);
      line = styled;
    } else line = joined;
  });
  return line === "" ? lines : [...lines, line];
}

function drawLine(
  canvas: Canvas,
  from: NumericPoint,
  to: NumericPoint,
  owner: number,
  style: { readonly thick: boolean; readonly dashed: boolean; phase: number },
): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let k = 0; k <= steps; k++) {
    const x = Math.round(from.x + ((to.x - from.x) * k) / steps);
    const y = Math.round(from.y + ((to.y - from.y) * k) / steps);
    if (!style.dashed || Math.floor(style.phase / DASH) % 2 === 0) {
      canvas.dot(x, y, owner);
      if (style.thick) canvas.dot(x, y + 1, owner);
    }
    if (k < steps) style.phase += 1;
  }
}

/** Where a point falls in dots, or nothing where an axis cannot show it. */
function place(
  point: Point,
  x: Scale,
  y: Scale,
  [across, down]: readonly [number, number],
): NumericPoint | undefined {
  const px = typeof point.x === "number" ? x.position(point.x) : Number.NaN;
  const py = y.position(point.y);
  if (Number.isNaN(px) || Number.isNaN(py)) return undefined;
  return { x: Math.round(px * (across - 1)), y: Math.round((1 - py) * (down - 1)), piece: point.piece };
}

function drawSeries(
  canvas: Canvas,
  placed: readonly (NumericPoint | undefined)[],
  index: number,
  { mark, reference, alone }: { mark: "line" | "dot" | "stem" | "arrow"; reference: boolean; alone: boolean },
): void {
  const character = marks[index % marks.length];
  if (mark === "stem") {
    const bottom = canvas.dots[1] - 1;
    const style = { thick: false, dashed: false, phase: 0 };
    for (const point of placed) if (point) drawLine(canvas, { x: point.x, y: bottom }, point, index, style);
    for (const point of placed) if (point) canvas.mark(point.x, point.y, index, character);
    return;
  }
  if (mark === "arrow") {
    const style = { thick: false, dashed: false, phase: 0 };
    for (let i = 0; i + 1 < placed.length; i += 2) {
      const [tail, head] = [placed[i], placed[i + 1]];
      if (tail && head) drawLine(canvas, tail, head, index, style);
    }
    return;
  }
  if (mark === "dot" && !reference) {
    for (const point of placed) if (point) canvas.mark(point.x, point.y, index, character);
    return;
  }
  const style = { thick: index === 0 && !alone && !reference, dashed: reference, phase: 0 };
  for (let i = 1; i < placed.length; i++) {
    const from = placed[i - 1];
    const to = placed[i];
    if (from && to && from.piece === to.piece) drawLine(canvas, from, to, index, style);
  }
  // Marks tell series apart without color; staggered, so that lines which coincide show each other's.
  const last = placed.findLast((point) => point !== undefined);
  let previous = index * 3 - CELLS_BETWEEN_MARKS;
  for (const point of placed) {
    if (!point) continue;
    const column = point.x / 2;
    if (point !== last && Math.abs(column - previous) < CELLS_BETWEEN_MARKS) continue;
    canvas.mark(point.x, point.y, index, character);
    previous = column;
  }
}

function xAxisLines(scale: Scale, width: number, gutter: number): string[] {
  const axis = new Array<string>(width).fill("─");
  let labels = "";
  for (const { value, label } of scale.ticks) {
    const column = Math.floor((scale.position(value) * (2 * width - 1)) / 2);
    axis[column] = "┬";
    const start = Math.max(
      0,
      Math.min(gutter + width, gutter + column + 1 + Math.ceil(label.length / 2)) - label.length,
    );
    if (labels !== "" && start < labels.length + 2) continue;
    labels = labels.padEnd(start) + label;
  }
  return [`${" ".repeat(gutter)}└${axis.join("")}`, labels];
}

/**
 * A plot as lines of text: title, legend, axis labels with units, and the data in braille dots (`line`, `dot`) or
 * horizontal bars (`bar`), or shades (`heat`). A logarithmic axis leaves out what is not above 0, and says so.
 */
export function renderPlot(
  specification: PlotSpecification,
  given: PlotData,
  { width, height = 14, palette }: PlotOptions,
): string[] {
  const title = wrap(specification.title, width).map(palette.strong);
  const names = orderedSeries(specification, given);
  if (names.length === 0) return [...title, palette.muted("no points")];
  if (specification.mark === "heat")
    return [...title, ...heatLines(specification, given, names, { width, palette })];
  const data = pointsOf(given);
  if (specification.mark === "bar")
    return [...title, ...barLines(specification, data, names, { width, palette })];

  const { mark } = specification;
  const all = names.flatMap((name) => data[name]);
  const makeScale = (axis: Axis, values: number[], count: number) =>
    axis.scale === "log" ? logScale(values, count) : linearScale(values, count);
  const xs = all.flatMap(({ x }) => (typeof x === "number" ? [x] : []));
  const y = makeScale(
    specification.y,
    all.map((point) => point.y),
    Math.max(2, Math.floor(height / ROWS_BETWEEN_Y_TICKS)),
  );
  const longest = Math.max(...y.ticks.map(({ label }) => displayWidth(label)), 1);
  const gutter = Math.min(longest, Math.floor(width * WIDEST_LABELS)) + 1;
  const canvas = new Canvas(Math.max(8, width - gutter - 1), height);
  const x = makeScale(specification.x, xs, Math.max(2, Math.floor(canvas.width / CELLS_BETWEEN_X_TICKS)));

  let hidden = 0;
  // The first series is drawn last, over the others.
  for (let i = names.length - 1; i >= 0; i--) {
    const placed = data[names[i]].map((point) => place(point, x, y, canvas.dots));
    hidden += placed.filter((point) => point === undefined).length;
    drawSeries(canvas, placed, i, {
      mark: specification.stems?.includes(names[i])
        ? "stem"
        : specification.arrows?.includes(names[i])
          ? "arrow"
          : mark,
      reference: specification.references?.includes(names[i]) ?? false,
      alone: names.length === 1,
    });
  }

  const tickLabels = new Map<number, string>();
  for (const { value, label } of y.ticks)
    tickLabels.set(Math.floor(((1 - y.position(value)) * (4 * height - 1)) / 4), truncate(label, gutter - 1));
  const rows = canvas.lines(palette.series).map((line, row) => {
    const label = tickLabels.get(row);
    return `${padStart(label ?? "", gutter - 1)} ${label === undefined ? "│" : "┤"}${line}`;
  });
  const xLabel = truncate(axisLabel(specification.x), width);
  const left = Math.max(
    0,
    Math.min(width, gutter + 1 + Math.floor((canvas.width + displayWidth(xLabel)) / 2)) -
      displayWidth(xLabel),
  );
  return [
    ...title,
    ...legendLines(names, width, palette),
    ...wrap(axisLabel(specification.y), width).map(palette.muted),
    ...rows,
    ...xAxisLines(x, canvas.width, gutter),
    " ".repeat(left) + palette.muted(xLabel),
    ...(hidden > 0
      ? paragraph(
          `${plural(hidden, "point")} not shown (not finite, or not positive on a log axis)`,
          width,
        ).map(palette.muted)
      : []),
  ];
}
