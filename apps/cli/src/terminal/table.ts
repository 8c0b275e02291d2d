import { displayWidth, padEnd, padStart, words, wrap } from "./text.ts";

export interface TableColumn {
  readonly header: string;
  /** Where the cells stand; numbers stand right. */
  readonly align?: "left" | "right";
  /** False for columns of short words that read badly when broken. */
  readonly wraps?: boolean;
}

/** A cell is its text; a style is laid on each of its lines after they are broken. */
export interface Cell {
  readonly text: string;
  readonly style?: (text: string) => string;
}

export interface TableOptions {
  /** Cells in a line. */
  readonly width: number;
  /** Lays a style on the header, and on the names of fields where rows stand as records. */
  readonly header?: (text: string) => string;
}

const GAP = 2;
const NARROWEST_WRAPPED = 6;
// A cell of more lines reads badly beside short ones.
const MOST_LINES = 8;
const keep = (text: string): string => text;

function longestWord(text: string): number {
  return Math.max(0, ...words(text).map(displayWidth));
}

/** Takes cells from the widest columns, one at a time, until the sum fits or every column is at its least. */
function shrink(widths: number[], least: readonly number[], available: number): void {
  let excess = widths.reduce((a, b) => a + b, 0) - available;
  for (; excess > 0; excess--) {
    let widest = -1;
    for (let i = 0; i < widths.length; i++)
      if (widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest])) widest = i;
    if (widest < 0) return;
    widths[widest] -= 1;
  }
}

/** Widths that fit, or nothing when the columns cannot stand side by side. */
function columnWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  width: number,
): number[] | undefined {
  const cells = columns.map((_, i) => rows.map((row) => row[i].text));
  const widest = cells.map((texts) => Math.max(0, ...texts.map(displayWidth)));
  const widths = columns.map(({ header }, i) => Math.max(displayWidth(header), widest[i]));
  const atLeast = (i: number, texts: readonly string[]) =>
    columns[i].wraps === false
      ? widths[i]
      : Math.min(widths[i], Math.max(NARROWEST_WRAPPED, ...texts.map(longestWord)));
  const available = width - GAP * (columns.length - 1);
  // Headers give way before cells: one of several lines reads better than many cells of several lines.
  shrink(
    widths,
    columns.map(({ header }, i) => Math.max(widest[i], atLeast(i, [header]))),
    available,
  );
  shrink(
    widths,
    columns.map(({ header }, i) => atLeast(i, [header, ...cells[i]])),
    available,
  );
  if (widths.reduce((a, b) => a + b, 0) > available) return undefined;
  const tallest = Math.max(
    0,
    ...rows.flatMap((row) => row.map(({ text }, i) => wrap(text, widths[i]).length)),
  );
  return tallest > MOST_LINES ? undefined : widths;
}

function asRecord(
  columns: readonly TableColumn[],
  row: readonly Cell[],
  { width, header = keep }: TableOptions,
): string[] {
  return row.flatMap((cell, i) => {
    if (cell.text === "") return [];
    const style = cell.style ?? keep;
    const name = columns[i].header;
    if (name === "") return wrap(cell.text, width).map(style);
    if (displayWidth(name) + GAP + longestWord(cell.text) > width)
      return [...wrap(name, width).map(header), ...wrap(cell.text, width).map(style)];
    const lines = wrap(cell.text, width - displayWidth(name) - GAP).map(style);
    const indent = " ".repeat(displayWidth(name));
    return lines.map((line, k) => (k === 0 ? header(name) : indent) + " ".repeat(GAP) + line);
  });
}

function sideBySide(
  columns: readonly TableColumn[],
  cells: readonly Cell[],
  widths: readonly number[],
): string[] {
  const wrapped = cells.map((cell, i) => wrap(cell.text, widths[i]));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, k) =>
    cells
      .map(({ style = keep }, i) => {
        const text = wrapped[i][k] ?? "";
        if (text === "") return padEnd("", widths[i]);
        const place = columns[i].align === "right" ? padStart : padEnd;
        return place(style(text), widths[i]);
      })
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

/** A table before it is put together: the lines of its header and of each row. */
export interface TableLines {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Lays out a table in lines of at most `width` cells. Columns stand side by side and long cells wrap; where even that
 * does not fit, each row becomes a record of `header  cell` lines after an empty line.
 */
export function layoutRows(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): TableLines {
  const widths = columnWidths(columns, rows, options.width);
  if (widths === undefined)
    return {
      header: [],
      rows: rows.map((row, i) => [...(i === 0 ? [] : [""]), ...asRecord(columns, row, options)]),
    };
  const headers = columns.map((column) => ({ text: column.header, style: options.header }));
  return {
    header: headers.some(({ text }) => text !== "") ? sideBySide(columns, headers, widths) : [],
    rows: rows.map((row) => sideBySide(columns, row, widths)),
  };
}

/** The lines of a table, as `layoutRows` lays it out. */
export function layoutTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): string[] {
  const { header, rows: lines } = layoutRows(columns, rows, options);
  return [...header, ...lines.flat()];
}
