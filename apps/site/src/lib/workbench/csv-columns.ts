import { headerOf } from "#lib/lab/rows-from-csv.ts";

/** The columns of a CSV file. */
export interface CsvColumns {
  readonly names: readonly string[];
  /** Whether the first line names them. */
  readonly header: boolean;
}

/**
 * The columns of a CSV file, as its first line names them; a first line of numbers alone is a row, and columns are then
 * called 1, 2, ..., as `parseCsv` calls them.
 */
export function csvColumns(text: string): CsvColumns {
  const names = headerOf(text);
  const header = names.some((cell) => Number.isNaN(Number(cell)));
  return { names: header ? names : names.map((_, j) => String(j + 1)), header };
}
