import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";

/** What may separate the cells of a table; a space stands for any number of spaces and tabs. */
export type Delimiter = "," | ";" | "\t" | "|" | " ";

/** The sign before the decimals of a number. */
export type DecimalSign = "." | ",";

/** Delimiters by name. */
export const DELIMITERS: Readonly<Record<Delimiter, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "vertical bars",
  " ": "spaces",
};

/** Whether a text is a delimiter. */
export const isDelimiter = (text: string): text is Delimiter => Object.hasOwn(DELIMITERS, text);

/** Whether a delimiter is a sign that the names of columns may have in them, as "P(y|x)". */
export const isInNames = (delimiter: Delimiter) => delimiter === " " || delimiter === "|";

/** Delimiters that are one character each: two of them in a row have an empty cell between them. */
export const characters: readonly Delimiter[] = [",", ";", "\t", "|"];

/** Decimal signs by name. */
export const DECIMALS: Readonly<Record<DecimalSign, string>> = {
  ".": "decimal points",
  ",": "decimal commas",
};

const SEPARATOR_LINE = /^sep=(.)$/i;

/** What separates the cells by the line that Excel understands before a table, "sep=;"; undefined for any other line. */
export function separatorIn(line: string): string | undefined {
  return SEPARATOR_LINE.exec(line)?.[1];
}

const NUMBERS: Readonly<Record<DecimalSign, RegExp>> = {
  ".": /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  ",": /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i,
};

/** The number in a cell; NaN where it is none. */
export function numberIn(cell: string, decimal: DecimalSign): number {
  if (!NUMBERS[decimal].test(cell)) return Number.NaN;
  return Number(decimal === "." ? cell : cell.replace(",", "."));
}

/**
 * Whether a cell is an integer that its number rounds: not where its digits are those that JavaScript writes for the number,
 * as of 2^60.
 */
export function isRounded(cell: string, value: number): boolean {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !/^[+-]?\d+$/.test(cell)) return false;
  return String(value) !== cell && BigInt(cell.replace("+", "")) !== BigInt(value);
}

/** Whether the quotation marks of a text leave a cell open, which then goes on in the next line. */
export function leavesOpen(text: string): boolean {
  let open = false;
  for (let i = text.indexOf('"'); i >= 0; i = text.indexOf('"', i + 1)) open = !open;
  return open;
}

const WORDS = /(?:"(?:[^"]|"")*"?|[^\s"])+/g;
const QUOTED = /"((?:[^"]|"")*)"?/g;

/** The words of a line, without their quotation marks. */
function splitWords(line: string): string[] {
  const words = line.match(WORDS) ?? [""];
  if (!line.includes('"')) return words;
  return words.map((word) => word.replaceAll(QUOTED, (_, inner: string) => inner.replaceAll('""', '"')));
}

/** The cells of a line, without their quotation marks. */
export function splitLine(line: string, delimiter: Delimiter): string[] {
  if (delimiter === " ") return splitWords(line);
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (character === '"' && quoted && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  cells.push(cell.trim());
  return cells;
}

/**
 * A table as text, or as its bytes.
 *
 * @throws ArgumentError when it is neither
 */
export function textOrBytes(content: unknown): string | Uint8Array {
  if (typeof content === "string" || content instanceof Uint8Array) return content;
  if (ArrayBuffer.isView(content))
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  if (content instanceof ArrayBuffer) return new Uint8Array(content);
  throw new ArgumentError(`content must be text or bytes in UTF-8, got ${shown(content)}`);
}
