import { ArgumentError, DataError } from "../errors.ts";

/** A table of numbers. */
export interface NumericTable {
  /** d names: the header's, or "1", "2", ... without one. */
  readonly columns: readonly string[];
  readonly n: number;
  readonly d: number;
  /** n x d, row-major. */
  readonly x: Float64Array;
  /** For every categorical column, its values in order of first appearance: code i stands for the i-th. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
}

export interface CsvOptions {
  /** Whether the first line names the columns. */
  readonly header?: boolean;
  /** Names of columns that hold words, to be coded 0, 1, 2, ... by first appearance. */
  readonly categorical?: readonly string[];
  /** What the file is called in error messages. */
  readonly name?: string;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function splitLine(line: string, where: string): string[] {
  if (!line.includes('"')) return line.split(",").map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (character === '"' && quoted && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (character === '"') quoted = !quoted;
    else if (character === "," && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  if (quoted) throw new DataError(`${where}: a quotation mark is not closed on its line`);
  cells.push(cell.trim());
  return cells;
}

function numberIn(cell: string, where: string): number {
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value)) {
    const got = cell === "" ? "an empty cell" : `"${cell.slice(0, 40)}"`;
    throw new DataError(`${where} must be a finite number, got ${got}`);
  }
  return value;
}

/**
 * Reads comma-separated numbers. Lines end in LF or CR LF, empty lines are skipped, cells may be quoted.
 *
 * @throws DataError when there are no rows, a row has another number of cells than the first line, or a cell is not
 * a finite number; the message names line and column, both counted from 1
 * @throws ArgumentError when a categorical column is not there
 */
export function parseCsv(
  text: string,
  { header = true, categorical = [], name = "CSV" }: CsvOptions = {},
): NumericTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  let columns: string[] | undefined;
  let coders: (Map<string, number> | undefined)[] = [];
  const values: number[] = [];
  let n = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const where = `${name}, line ${index + 1}`;
    const cells = splitLine(line, where);
    if (columns === undefined) {
      columns = header ? cells : cells.map((_, j) => String(j + 1));
      for (const wanted of categorical)
        if (!columns.includes(wanted))
          throw new ArgumentError(
            `${name}: categorical column "${wanted}" is not among the columns ${columns.join(", ")}`,
          );
      coders = columns.map((column) => (categorical.includes(column) ? new Map() : undefined));
      if (header) continue;
    }
    if (cells.length !== columns.length)
      throw new DataError(`${where} must have ${columns.length} cells, got ${cells.length}`);
    for (const [j, cell] of cells.entries()) {
      const coder = coders[j];
      if (coder === undefined) {
        values.push(numberIn(cell, `${where}, column ${j + 1} (${columns[j]})`));
        continue;
      }
      const code = coder.get(cell) ?? coder.size;
      coder.set(cell, code);
      values.push(code);
    }
    n += 1;
  }
  if (columns === undefined) throw new DataError(`${name} is empty`);
  if (n === 0) throw new DataError(`${name} has a header but no rows`);
  const categories = Object.fromEntries(
    columns.flatMap((column, j) => {
      const coder = coders[j];
      return coder ? [[column, [...coder.keys()]]] : [];
    }),
  );
  return { columns, n, d: columns.length, x: Float64Array.from(values), categories };
}
