import { alternatives, shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegativeInteger } from "../check/numbers.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { type ByteSource, byteChunks, type ReadingOptions, readingOptions } from "./byte-source.ts";
import {
  DECIMALS,
  DELIMITERS,
  type DecimalSign,
  type Delimiter,
  isDelimiter,
  isInNames,
  isRounded,
  leavesOpen,
  numberIn,
  separatorIn,
  splitLine,
  textOrBytes,
} from "./csv-cells.ts";
import { InexactError } from "./inexact-error.ts";

/** A table of numbers. */
export interface NumericTable {
  /** The names of the columns: from the header, or "1", "2", ... if there is none. */
  readonly columns: readonly string[];
  readonly x: DenseMatrix;
  /** For every categorical column, its values in the order of their codes: code i is the i-th value, from 0. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
  /** Rows left out because a cell of theirs was `missing`. */
  readonly incompleteRows: number;
}

export interface CsvOptions {
  /** Whether the first line names the columns. */
  readonly header?: boolean;
  /**
   * Names of text columns to encode as 0, 1, 2, ... in order of first appearance; or their categories, which fixes the
   * codes: `categorical: table.categories` reads another file as the first was read.
   */
  readonly categorical?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Cells that stand for a missing value, such as ["", "NA", "?"]: rows with one of them are left out. None by default. */
  readonly missing?: readonly string[];
  /** What separates cells: "," by default, ";", a tab, "|", or " " for any number of spaces and tabs. */
  readonly delimiter?: Delimiter;
  /** The sign before the decimals of numbers: "." by default, or ",". */
  readonly decimal?: DecimalSign;
  /** Number of lines to skip before the header or the first row. */
  readonly skipLines?: number;
  /** Name of the file in error messages. */
  readonly name?: string;
}

/** Lines that a quoted cell may have: after a stray quotation mark, the rest of a file is not held in memory. */
const MOST_LINES = 1000;

/** Whether the name of a column hardly has this in it. */
const separates = (character: string): character is Delimiter =>
  isDelimiter(character) && !isInNames(character);

/** The codes of a categorical column: of categories that are given, or of those that appear. */
interface Coder {
  readonly codes: Map<string, number>;
  readonly fixed: boolean;
}

/** @throws ArgumentError unless the columns are named in an array, or their categories, each once, in an object of arrays */
function checkCategorical(categorical: unknown): void {
  if (Array.isArray(categorical)) return;
  if (typeof categorical !== "object" || categorical === null)
    throw new ArgumentError(
      `categorical must be an array of columns or an object with their categories, got ${shown(categorical)}`,
    );
  for (const [column, words] of Object.entries(categorical))
    if (!Array.isArray(words) || words.length === 0 || new Set(words).size < words.length)
      throw new ArgumentError(
        `categorical[${shown(column)}] must be an array of different categories, got ${shown(words)}`,
      );
}

/** Reads the lines of a table one by one, then returns the table. */
function tableReader(of: string, options: CsvOptions, others: readonly string[] = []) {
  checkOptions(of, options, [
    "header",
    "categorical",
    "missing",
    "delimiter",
    "decimal",
    "skipLines",
    "name",
    ...others,
  ]);
  const {
    header = true,
    categorical = [],
    missing = [],
    delimiter = ",",
    decimal = ".",
    skipLines = 0,
    name = "CSV",
  } = options;
  checkCategorical(categorical);
  checkOneOf(Object.keys(DELIMITERS), { delimiter });
  checkOneOf(Object.keys(DECIMALS), { decimal });
  const coderOf = new Map<string, () => Coder>(
    Array.isArray(categorical)
      ? categorical.map((column) => [column, () => ({ codes: new Map(), fixed: false })])
      : Object.entries(categorical).map(([column, words]) => [
          column,
          () => ({ codes: new Map(words.map((word: string, i: number) => [word, i])), fixed: true }),
        ]),
  );
  if (!Array.isArray(missing))
    throw new ArgumentError(`missing must be an array of cells, such as ["", "NA"], got ${shown(missing)}`);
  checkNonNegativeInteger({ skipLines });
  let columns: string[] | undefined;
  let coders: (Coder | undefined)[] = [];
  let values = new Float64Array(1024);
  let count = 0;
  let n = 0;
  let incompleteRows = 0;
  let lineNumber = 0;

  function begin(cells: string[]): string[] {
    const names = header ? cells : cells.map((_, j) => String(j + 1));
    const other = cells.length === 1 ? [...cells[0]].find(separates) : undefined;
    if (other !== undefined && other !== delimiter)
      throw new DataError(
        `${name}: cells must be separated by ${DELIMITERS[delimiter]}, but the first line has ${DELIMITERS[other]}`,
      );
    if (cells.some((cell) => cell.includes("\r")))
      throw new DataError(`${name}: lines must end in LF or CR LF, but the first ends in CR alone`);
    for (const wanted of coderOf.keys()) {
      const first = names.indexOf(wanted);
      if (first < 0) throw new ArgumentError(`${name} has no column "${wanted}"; it has ${names.join(", ")}`);
      const again = names.indexOf(wanted, first + 1);
      if (again >= 0)
        throw new DataError(
          `${name}: the categorical column "${wanted}" must have a name of its own, but columns ${first + 1} and ${again + 1} have it`,
        );
    }
    coders = names.map((column) => coderOf.get(column)?.());
    columns = names;
    return names;
  }

  function code({ codes, fixed }: Coder, word: string, where: () => string): number {
    const known = codes.get(word);
    if (known !== undefined) return known;
    if (fixed)
      throw new DataError(`${where()} must be ${alternatives([...codes.keys()])}, got ${shown(word)}`);
    codes.set(word, codes.size);
    return codes.size - 1;
  }

  function number(cell: string, where: () => string): number {
    const value = numberIn(cell, decimal);
    if (Number.isFinite(value) && !isRounded(cell, value)) return value;
    if (Number.isFinite(value))
      throw new InexactError(
        `${where()} must be exact in float64, got the integer ${cell.slice(0, 40)} beyond 2^53: name the column in \`categorical\` if it identifies something, or write measurements with an exponent`,
      );
    const got = cell === "" ? "an empty cell" : `"${cell.slice(0, 40)}"`;
    const other = decimal === "." ? "," : ".";
    const apart = ([" ", "|"] as const).map((sign) => splitLine(cell, sign));
    const hint = !Number.isNaN(numberIn(cell, other))
      ? `; numbers are read with ${DECIMALS[decimal]}`
      : apart.some(
            (words) => words.length > 1 && words.every((word) => Number.isFinite(numberIn(word, decimal))),
          )
        ? `; cells are separated by ${DELIMITERS[delimiter]}`
        : "";
    throw new DataError(`${where()} must be a finite number, got ${got}${hint}`);
  }

  /** The lines of a row in which a quoted cell is still open, and the number of the first one. */
  let open: string[] = [];
  let first = 0;
  const unclosed = () => new DataError(`${name}, line ${first}: unclosed quotation mark`);

  return {
    line(part: string): void {
      lineNumber += 1;
      if (part.includes("\0"))
        throw new DataError(`${name} must be text in UTF-8, but has zero bytes, as UTF-16 has`);
      if (lineNumber <= skipLines) return;
      if (lineNumber === skipLines + 1 && separatorIn(part) !== undefined) return;
      if (open.length === 0) first = lineNumber;
      if (leavesOpen(part) !== open.length > 0) {
        open.push(part);
        if (open.length > MOST_LINES) throw unclosed();
        return;
      }
      const text = open.length === 0 ? part : [...open, part].join("\n");
      open = [];
      if (text.trim() === "") return;
      const where = `${name}, line ${first}`;
      const cells = splitLine(text, delimiter);
      const isHeader = columns === undefined && header;
      const names = columns ?? begin(cells);
      if (isHeader) return;
      if (cells.length !== names.length)
        throw new DataError(
          `${where} must have ${names.length} ${names.length === 1 ? "cell" : "cells"}, got ${cells.length}`,
        );
      if (missing.length > 0 && cells.some((cell) => missing.includes(cell))) {
        incompleteRows += 1;
        return;
      }
      if (count + cells.length > values.length)
        values = new Float64Array(values.buffer.transfer(8 * (2 * values.length + cells.length)));
      for (let j = 0; j < cells.length; j++) {
        const coder = coders[j];
        const at = () => `${where}, column ${j + 1} (${names[j]})`;
        values[count++] = coder ? code(coder, cells[j], at) : number(cells[j], at);
      }
      n += 1;
    },
    finish(): NumericTable {
      if (open.length > 0) throw unclosed();
      if (columns === undefined) throw new DataError(`${name} is empty`);
      if (incompleteRows > 0 && n === 0)
        throw new DataError(`${name} has a missing value in each of its ${incompleteRows} rows`);
      if (n === 0) throw new DataError(`${name} has a header but no rows`);
      const categories = Object.fromEntries(
        columns.flatMap((column, j) => {
          const coder = coders[j];
          return coder ? [[column, [...coder.codes.keys()]]] : [];
        }),
      );
      const x = { rows: n, columns: columns.length, values: values.slice(0, count) };
      return { columns, x, categories, incompleteRows };
    },
  };
}

/**
 * Parses numbers separated by commas, or by another `delimiter`, from text or its bytes in UTF-8. Lines end in LF or CR LF;
 * empty lines are skipped, and so is a first line "sep=;", which Excel understands; cells may be quoted, then also with line
 * breaks. Where it is not known how a table is written, `parseCsv(text, detectCsv(text).format)` reads it.
 *
 * @throws DataError when cells are separated by another delimiter, a category is not among those given, lines end in CR alone, there are no rows, a row does
 *   not have as many cells as the first line, or a cell is not a finite number or an integer that float64 would round; the
 *   message names the line and the column, both counted from 1
 * @throws DataError when two columns have the name of a categorical one, or the bytes are not UTF-8
 * @throws ArgumentError when the content is neither text nor bytes, a categorical column does not exist, or for an unknown
 *   option
 */
export function parseCsv(content: string | Uint8Array, options: CsvOptions = {}): NumericTable {
  const reader = tableReader("parseCsv", options);
  const table = textOrBytes(content);
  const text =
    typeof table === "string" ? table.replace(/^\uFEFF/, "") : utf8Text(options.name).decode(table);
  for (const line of text.split(/\r?\n/)) reader.line(line);
  return reader.finish();
}

/** Decodes UTF-8 without a byte order mark. Bytes of another encoding would make one category of "für" and "fär". */
function utf8Text(name = "CSV"): { decode(bytes?: Uint8Array, options?: { stream: boolean }): string } {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return {
    decode(bytes, options) {
      try {
        return decoder.decode(bytes, options);
      } catch (cause) {
        throw new DataError(
          `${name} must be text in UTF-8, but has bytes of another encoding, such as Windows-1252 or UTF-16`,
          { cause },
        );
      }
    },
  };
}

/** Bytes that are text at a time: a whole file may be longer than a string can be. */
const PIECE = 2 ** 20;

/**
 * Reads separated numbers from a UTF-8 stream, gzip-compressed or plain, without holding the text in memory;
 * otherwise like `parseCsv`.
 *
 * @throws DataError when compressed bytes are corrupt or truncated; what `parseCsv` throws
 * @throws the signal's reason on abort
 */
export async function readCsv(
  source: ByteSource,
  options: CsvOptions & ReadingOptions = {},
): Promise<NumericTable> {
  const reader = tableReader("readCsv", options, readingOptions);
  const decoder = utf8Text(options.name);
  let rest = "";
  for await (const chunk of byteChunks(source, options))
    for (let at = 0; at < chunk.length; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE);
      const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) reader.line(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
  reader.line(rest + decoder.decode());
  return reader.finish();
}
