import { formatValue } from "../experiments/parameters.ts";
import type { Palette } from "../terminal/color.ts";
import { layoutTable, type Cell as TableCell } from "../terminal/table.ts";
import { displayWidth, padEnd, wrap } from "../terminal/text.ts";
import { estimateHeader, formatEstimate, formatHeld, measureTitle } from "./format.ts";
import { type IntervalAxis, intervalAxis, intervalOf, thresholdsOf } from "./interval-axis.ts";
import { type CellFigure, commonCondition, type Measure } from "./summarize.ts";

const NARROWEST_BARS = 16;
const WIDEST_BARS = 44;
const CELLS_BETWEEN_TICKS = 12;
const GAP = 2;
/** A space that a table does not break a line at. */
const NO_BREAK = "\u00A0";

/** An interval as a row of characters, such as `├──■──┤  ┊`. */
export function intervalBar(
  figure: CellFigure,
  thresholds: readonly number[],
  { position }: Pick<IntervalAxis, "position">,
  width: number,
): string {
  const column = (value: number) => {
    const place = position(value);
    return place === undefined ? undefined : Math.round(place * (width - 1));
  };
  const cells = new Array<string>(width).fill(NO_BREAK);
  const [from, at, to] = intervalOf(figure).map(column);
  if (from !== undefined && to !== undefined) {
    for (let i = from; i <= to; i++) cells[i] = "─";
    if (to > from) {
      cells[from] = "├";
      cells[to] = "┤";
    }
  }
  for (const threshold of thresholds) {
    const place = column(threshold);
    if (place === undefined) continue;
    if (cells[place] === NO_BREAK) cells[place] = "┊";
    else if (cells[place] === "─") cells[place] = "┼";
  }
  if (at !== undefined) cells[at] = "■";
  return cells.join("");
}

/** The numbers below the bars, those that have room. */
function tickLine({ ticks, position }: IntervalAxis, width: number): string {
  let line = "";
  for (const { value, label } of ticks) {
    const center = Math.round((position(value) ?? 0) * (width - 1));
    const start = Math.max(0, Math.min(width - label.length, center - Math.floor(label.length / 2)));
    if (line !== "" && start < line.length + 2) continue;
    line = line.padEnd(start, NO_BREAK) + label;
  }
  return line;
}

interface Column {
  readonly header: string;
  readonly align?: "right";
  readonly cells: readonly TableCell[];
}

function textColumns(measure: Measure, seeds: number, palette: Palette): Column[] {
  const { cells } = measure;
  const names = Object.keys(cells[0].cell);
  return [
    ...names.map((name) => ({
      header: name,
      align: "right" as const,
      cells: cells.map(({ cell }) => ({ text: formatValue(cell[name]) })),
    })),
    {
      header: estimateHeader(seeds),
      align: "right",
      cells: cells.map((figure) => ({ text: formatEstimate(figure).replaceAll(" ", NO_BREAK) })),
    },
    ...(commonCondition(measure) === undefined
      ? [{ header: "must be", cells: cells.map(({ condition }) => ({ text: condition ?? "varies" })) }]
      : []),
    {
      header: "held",
      align: "right",
      cells: cells.map((figure) => ({
        text: formatHeld(figure).replaceAll(" ", NO_BREAK),
        style: (text: string) =>
          palette.verdict(figure.held === figure.values.length ? "held" : "did not hold", text),
      })),
    },
  ];
}

function widthOf({ header, cells }: Column): number {
  return Math.max(displayWidth(header), ...cells.map(({ text }) => displayWidth(text)));
}

/** A measure as a table with a row a combination: its mean, in how many runs it held, and its interval drawn. */
export function measureLines(measure: Measure, seeds: number, width: number, palette: Palette): string[] {
  const columns = textColumns(measure, seeds, palette);
  const taken = columns.reduce((sum, column) => sum + widthOf(column) + GAP, 0);
  const room = Math.min(WIDEST_BARS, width - taken);
  const title = wrap(measureTitle(measure), width).map(palette.strong);
  if (room < NARROWEST_BARS) return [...title, ...tableOf(columns, width, palette)];
  const axis = intervalAxis(measure, Math.max(2, Math.floor(room / CELLS_BETWEEN_TICKS)));
  const thresholds = thresholdsOf(measure);
  const bars: Column = {
    header: "",
    cells: measure.cells.map((figure) => ({
      text: padEnd(intervalBar(figure, thresholds, axis, room).trimEnd(), 1),
      style: (text) => palette.series(0, text),
    })),
  };
  const withTicks = [...columns, bars].map((column) => ({
    ...column,
    cells: [
      ...column.cells,
      { text: column === bars ? tickLine(axis, room) : NO_BREAK, style: palette.muted },
    ],
  }));
  return [...title, ...tableOf(withTicks, width, palette)];
}

function tableOf(columns: readonly Column[], width: number, palette: Palette): string[] {
  const rows = columns[0].cells.map((_, i) => columns.map(({ cells }) => cells[i]));
  return layoutTable(
    columns.map(({ header, align }) => ({ header, align, wraps: false })),
    rows,
    { width, header: palette.muted },
  );
}
