import { DataError } from "gradus/check";
import {
  type CsvFormat,
  type DecimalSign,
  type Delimiter,
  type DetectedCsv,
  detectCsv,
  type NumericTable,
  readCsv,
} from "gradus/data";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { wrap } from "../terminal/text.ts";
import type { decimalNames, delimiterNames, headers } from "./table-words.ts";

/** The names of files with tables. */
export const TABLE = /\.(csv|tsv|data|txt)(\.gz)?$/i;

/** The words with which the command line says how tables are written; what is left out is detected. */
export interface TableWords {
  readonly header?: (typeof headers)[number];
  readonly delimiter?: (typeof delimiterNames)[number];
  readonly decimal?: (typeof decimalNames)[number];
}

/** How tables are read. */
export interface Tables {
  /** What is known of them. */
  readonly given: Partial<CsvFormat>;
  /** Hears what was taken where it is not certain. */
  readonly tell: (text: string) => void;
}

const DELIMITERS: Readonly<Record<(typeof delimiterNames)[number], Delimiter>> = {
  comma: ",",
  semicolon: ";",
  tab: "\t",
  bar: "|",
  space: " ",
};

const DECIMALS: Readonly<Record<(typeof decimalNames)[number], DecimalSign>> = { point: ".", comma: "," };

/**
 * Tables as the command line describes them; what is told goes to its errors, once.
 *
 * @param files what is read: a path, or name=path
 * @throws UsageError when a word says how tables are written and no file is one
 */
export function tablesOf(
  { err }: Pick<Host, "err">,
  { header, delimiter, decimal }: TableWords,
  files: readonly string[],
): Tables {
  const word = Object.entries({ header, delimiter, decimal }).find(([, value]) => value !== undefined);
  if (word && files.length > 0 && !files.some((file) => TABLE.test(file)))
    throw new UsageError(`--${word[0]} applies to tables (.csv, .tsv, .data, .txt), got ${files.join(", ")}`);
  const told = new Set<string>();
  return {
    given: {
      ...(header !== undefined && { header: header === "yes" }),
      ...(delimiter !== undefined && { delimiter: DELIMITERS[delimiter] }),
      ...(decimal !== undefined && { decimal: DECIMALS[decimal] }),
    },
    tell(text) {
      if (!told.has(text)) writeLines(err, wrap(text, err.columns));
      told.add(text);
    },
  };
}

/** A table of a file, and whether its first line names the columns. */
export interface FileTable extends NumericTable {
  readonly header: boolean;
}

/** Cells of the first line that a message shows. */
const MOST_CELLS = 4;

const isFirst = (header: boolean) => `the first line is read as ${header ? "names of columns" : "a row"}`;

/** The option with which the first line is read the other way. */
const otherwise = (header: boolean) =>
  header ? "--header no reads it as a row" : "--header yes reads it as names of columns";

/** What spaces are taken for, and the option with which they are taken for the other. */
function ofSpaces(delimiter: Delimiter, cells: string): string {
  return delimiter === " "
    ? `cells are separated at spaces (${cells}); --delimiter comma reads a line as one cell`
    : `a line is read as one cell (${cells}); --delimiter space separates cells at spaces`;
}

/** The column that a model is to predict, or that is no input of it. */
export type TargetColumn = { readonly target: string } & (
  | { readonly categorical: true }
  // With what to do where its cells are names of classes all the same.
  | { readonly categorical: false; readonly ofText: string }
);

/** What to do about an error of a table, by what the error says. */
function advice(
  message: string,
  { format: { header, decimal } }: DetectedCsv,
  given: Partial<CsvFormat>,
  column: TargetColumn | undefined,
): string {
  if (/; cells are separated by [a-z]+$/.test(message) && given.delimiter === undefined)
    return /got "[^"]*\|/.test(message)
      ? "; --delimiter bar separates them at |"
      : "; --delimiter space separates them at spaces";
  if (/numbers are read with decimal/.test(message))
    return `; --decimal ${decimal === "." ? "comma" : "point"} reads the others`;
  const [, text] = /, column \d+ \((.*)\) must be a finite number, got "/.exec(message) ?? [];
  if (column && !column.categorical && text === column.target) return `; ${column.ofText}`;
  if (text !== undefined)
    return "; name the column by --target if it is what the model predicts, else write the numbers that the model was trained on in place of the text";
  if (/ must have \d+ cells?, got /.test(message) && given.delimiter === undefined)
    return "; --delimiter says what separates cells if it is something else";
  if (/ has a header but no rows$/.test(message) && given.header === undefined)
    return `; ${otherwise(header)}`;
  return "";
}

/**
 * @throws UsageError when the table does not have the column
 * @throws DataError when it has two: the other one would be an input that tells the target
 */
function checkTarget(
  target: string,
  name: string,
  { columns, format }: DetectedCsv,
  given: Partial<CsvFormat>,
): void {
  const first = columns.indexOf(target);
  const again = columns.indexOf(target, first + 1);
  if (first >= 0 && again >= 0)
    throw new DataError(
      `${name}: the target "${target}" must have a name of its own, but columns ${first + 1} and ${again + 1} have it`,
    );
  if (first >= 0) return;
  const { header } = format;
  const more = given.header === undefined ? `; ${isFirst(header)}, ${otherwise(header)}` : "";
  throw new UsageError(`--target: ${name} has no column "${target}"; it has ${columns.join(", ")}${more}`);
}

/**
 * The columns of a table.
 *
 * @throws DataError naming the cell that is no number, and what to do with a column of text; when two columns have the
 *   target's name
 * @throws UsageError when the target is not there
 */
export async function readColumns(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  { given, tell }: Tables,
  column?: TargetColumn,
): Promise<FileTable> {
  const detected = detectCsv(bytes, given);
  const { format, sample, uncertain } = detected;
  const { header, delimiter } = format;
  const [firstLine] = sample;
  const cells = [...firstLine.slice(0, MOST_CELLS), ...(firstLine.length > MOST_CELLS ? ["…"] : [])].join(
    ", ",
  );
  if (uncertain.includes("delimiter")) tell(`${name}: ${ofSpaces(delimiter, cells)}.`);
  if (uncertain.includes("header")) tell(`${name}: ${isFirst(header)} (${cells}); ${otherwise(header)}.`);
  if (column) checkTarget(column.target, name, detected, given);
  const categorical = column?.categorical ? [column.target] : [];
  const table = await readCsv([bytes], { name, ...format, categorical }).catch((cause) => {
    const more = cause instanceof DataError && advice(cause.message, detected, given, column);
    throw more ? new DataError(`${cause.message}${more}`, { cause }) : cause;
  });
  return { ...table, header: format.header };
}
