import { checkOptions } from "../check/options.ts";
import {
  characters,
  type DecimalSign,
  type Delimiter,
  isDelimiter,
  isInNames,
  leavesOpen,
  numberIn,
  separatorIn,
  splitLine,
  textOrBytes,
} from "./csv-cells.ts";

/** How a table is written, as `parseCsv` and `readCsv` take it. */
export interface CsvFormat {
  /** Whether the first line names the columns. */
  readonly header: boolean;
  readonly delimiter: Delimiter;
  readonly decimal: DecimalSign;
}

/** What the beginning of a table says of the way in which it is written. */
export interface DetectedCsv {
  readonly format: CsvFormat;
  /** The names of the columns: from the header, or "1", "2", ... if there is none. */
  readonly columns: readonly string[];
  /** The cells of the first lines, the header included. */
  readonly sample: readonly (readonly string[])[];
  /** What the table could as well be read otherwise; nothing that was given. */
  readonly uncertain: readonly ("header" | "decimal" | "delimiter")[];
}

/** A table's format is that of its beginning. */
const MOST_CHARACTERS = 65_536;
const MOST_ROWS = 200;

/** What programs write for a number that is missing or infinite: in the first row it does not make it a header. */
const NO_NUMBER = /^(|nan|na|n\/a|null|none|\?|[+-]?inf(inity)?)$/i;

/** The first rows of a text, each with all lines of its quoted cells. */
function firstRows(text: string): string[] {
  const part = text.slice(0, MOST_CHARACTERS).replace(/^\uFEFF/, "");
  const lines = part.split(/\r?\n/);
  if (text.length > MOST_CHARACTERS && lines.length > 1) lines.pop();
  const rows: string[] = [];
  let open = "";
  for (const line of lines) {
    const row = open === "" ? line : `${open}\n${line}`;
    open = leavesOpen(row) ? row : "";
    if (open === "" && row.trim() !== "") rows.push(row);
    if (rows.length === MOST_ROWS) break;
  }
  return rows.length === 0 && open !== "" ? [open] : rows;
}

const isNumber = (cell: string) => !Number.isNaN(numberIn(cell, ".")) || !Number.isNaN(numberIn(cell, ","));

const below = (table: readonly (readonly string[])[]) => (table.length > 1 ? table.slice(1) : table);

/** The share of numbers among the cells below the first line that are not empty. */
function numericShare(table: readonly (readonly string[])[]): number {
  const cells = below(table)
    .flat()
    .filter((cell) => cell !== "");
  return cells.length === 0 ? 0 : cells.filter(isNumber).length / cells.length;
}

const isEven = (table: readonly (readonly string[])[]) =>
  table.every(({ length }) => length === table[0].length);

interface FoundDelimiter {
  readonly delimiter: Delimiter;
  readonly isCertain: boolean;
}

/**
 * Among commas, semicolons, tabs and vertical bars the one that gives all rows the same number of cells; where several do, the one that
 * leaves the most numbers. In "1,5;2,5" both signs do, but a comma leaves "5;2".
 */
function characterOf(rows: readonly string[]) {
  const tables = characters.map((delimiter) => {
    const cells = rows.map((row) => splitLine(row, delimiter));
    return { delimiter, cells, even: isEven(cells), share: numericShare(cells) };
  });
  const several = tables.filter(
    ({ delimiter, cells, even }) => cells[0].length > 1 && (even || !isInNames(delimiter)),
  );
  const even = several.filter((one) => one.even);
  const [first, ...others] = even.length > 0 ? even : several;
  return first && others.reduce((best, one) => (one.share > best.share ? one : best), first);
}

/** Of rows of this many words each, words may be separate cells even where most of them are no numbers. */
const FEW_WORDS = 3;

/**
 * What separates cells. Spaces do where they give all rows the same number of cells, most of them numbers, and nothing
 * else does; in spite of another sign only where they leave numbers alone, as in "1,5 2,5". Words may also be the text of
 * one cell, as in "class 1".
 */
function delimiterOf(rows: readonly string[]): FoundDelimiter {
  const character = characterOf(rows);
  const delimiter = character?.delimiter ?? ",";
  const words = rows.map((row) => splitLine(row, " "));
  const share = numericShare(words);
  if (words[0].length === 1 || !isEven(words) || share === 0) return { delimiter, isCertain: true };
  if (character?.even) {
    const most = delimiter === "\t" ? share > 0.5 : share === 1;
    return most && share > character.share
      ? { delimiter: " ", isCertain: false }
      : { delimiter, isCertain: true };
  }
  if (share > 0.5) return { delimiter: " ", isCertain: true };
  const numbers = words[0].some((_, j) => below(words).every((row) => isNumber(row[j])));
  return { delimiter: numbers && words[0].length >= FEW_WORDS ? " " : delimiter, isCertain: false };
}

/** Digits that a comma separates in groups of three, as of thousands, or of three decimals. */
const GROUPED = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;

/** The decimal sign: a comma where cells are numbers with it only. */
function decimalOf(cells: readonly string[]): { readonly decimal: DecimalSign; readonly isCertain: boolean } {
  const withComma = cells.filter((cell) => cell.includes(",") && isNumber(cell));
  const withPoint = cells.some((cell) => cell.includes(".") && isNumber(cell));
  const grouped = cells.some((cell) => GROUPED.test(cell));
  if (withPoint || (withComma.length === 0 && !grouped)) return { decimal: ".", isCertain: true };
  // A point refuses these cells, so that nobody takes thousands for decimals.
  if (withComma.every((cell) => GROUPED.test(cell))) return { decimal: ".", isCertain: false };
  return { decimal: ",", isCertain: true };
}

type Kind = "number" | "word" | "none";

/** What the cells of a column are below the first line; none where they are of both kinds, or missing. */
function kindOf(cells: readonly string[], kind: (cell: string) => Kind): Kind {
  const kinds = new Set(cells.map(kind));
  kinds.delete("none");
  return kinds.size === 1 ? [...kinds][0] : "none";
}

/**
 * Whether the first line names the columns. It does where it has a word above numbers, or a number above words; it does
 * not where a word of it occurs again below. Numbers above numbers are a row, but 0, 1, 2, ... may be the names that
 * pandas gives to columns without any; a single 0 is rather a row.
 */
function headerOf(
  [first, ...rows]: readonly (readonly string[])[],
  decimal: DecimalSign,
): { readonly header: boolean; readonly isCertain: boolean } {
  const kind = (cell: string): Kind =>
    NO_NUMBER.test(cell) ? "none" : Number.isNaN(numberIn(cell, decimal)) ? "word" : "number";
  const kinds = first.map(kind);
  const columns = first.map((_, j) => rows.map((row) => row[j] ?? ""));
  const numbers = first.filter((_, j) => kinds[j] === "number");
  const words = kinds.includes("word");
  if (numbers.length === 0) {
    const again = first.some((cell, j) => cell !== "" && columns[j].includes(cell));
    return { header: words && !again, isCertain: true };
  }
  const naming = kinds.some(
    (one, j) =>
      one !== "none" &&
      ["number", "word"].includes(kindOf(columns[j], kind)) &&
      kindOf(columns[j], kind) !== one,
  );
  const repeated = first.some((cell, j) => kinds[j] === "word" && columns[j].includes(cell));
  if (naming || repeated) return { header: naming, isCertain: naming !== repeated };
  const counted = numbers.length > 1 && numbers.every((cell, j) => cell === String(j));
  if (counted && rows.length > 0) {
    const again = rows.some(
      (row) => row.length === first.length && row.every((cell, j) => cell === first[j]),
    );
    return { header: !again, isCertain: again };
  }
  // pandas calls the only column "0", but so may labels begin.
  const zero = first.length === 1 && first[0] === "0";
  return { header: false, isCertain: (!words && !zero) || rows.length === 0 };
}

/**
 * Tells from the beginning of a table how it is written: what separates its cells, the decimal sign, and whether the first
 * line names the columns; `parseCsv(text, detectCsv(text).format)` reads it. What is given is taken as it is.
 *
 * Semicolons, tabs, vertical bars and spaces are found by rows of equally many cells, or are what a first line "sep=;" says,
 * which Excel understands and `parseCsv` passes over; a decimal comma is taken where cells show that it
 * is one, so not in "1,250" alone, which may be a thousand. `uncertain` names what could be otherwise: a first line that
 * could be names or a row, spaces that could separate cells or words in them.
 *
 * @param content text, or bytes in UTF-8, of the table or of its beginning
 * @throws ArgumentError when the content is neither text nor bytes, or for an unknown option
 */
export function detectCsv(content: string | Uint8Array, given: Partial<CsvFormat> = {}): DetectedCsv {
  checkOptions("detectCsv", given, ["header", "delimiter", "decimal"]);
  const source = textOrBytes(content);
  const text =
    typeof source === "string" ? source : new TextDecoder().decode(source.subarray(0, 2 * MOST_CHARACTERS));
  const rows = firstRows(text);
  const separator = separatorIn(rows[0] ?? "");
  if (separator !== undefined) rows.shift();
  if (rows.length === 0) rows.push("");
  const { delimiter, isCertain: delimiterIsCertain } =
    given.delimiter !== undefined
      ? { delimiter: given.delimiter, isCertain: true }
      : separator !== undefined && isDelimiter(separator)
        ? { delimiter: separator, isCertain: true }
        : delimiterOf(rows);
  const table = rows.map((row) => splitLine(row, delimiter));
  const { decimal, isCertain: decimalIsCertain } =
    given.decimal === undefined ? decimalOf(table.flat()) : { decimal: given.decimal, isCertain: true };
  const { header, isCertain: headerIsCertain } =
    given.header === undefined ? headerOf(table, decimal) : { header: given.header, isCertain: true };
  return {
    format: { header, delimiter, decimal },
    columns: header ? table[0] : table[0].map((_, j) => String(j + 1)),
    sample: table,
    uncertain: [
      ...(headerIsCertain ? [] : (["header"] as const)),
      ...(decimalIsCertain ? [] : (["decimal"] as const)),
      ...(delimiterIsCertain ? [] : (["delimiter"] as const)),
    ],
  };
}
