import type { RowTable } from "@gradus/papers";
import { DataError } from "gradus/check";
import { detectCsv, parseCsv } from "gradus/data";
import { MOST_ROWS } from "./row-limit.ts";

/**
 * The rows of a CSV file with a header: the wanted columns in their order, whatever else is in it.
 *
 * @throws DataError when a column is missing, a number of them cannot be read, or there are no rows or more than 500
 */
export function rowsFromCsv(text: string, columns: readonly string[]): RowTable["rows"] {
  const { columns: header, format } = detectCsv(text, { header: true });
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new DataError(
      `the first line must name all ${columns.length} columns; ${missing.length} of them are missing, the first is “${missing[0]}”`,
    );
  const others = header.filter((column) => !columns.includes(column));
  const { x } = parseCsv(text, { ...format, categorical: others, name: "your file" });
  if (x.rows > MOST_ROWS) throw new DataError(`your file must have at most ${MOST_ROWS} rows, got ${x.rows}`);
  const places = columns.map((column) => header.indexOf(column));
  return Array.from({ length: x.rows }, (_, i) => places.map((j) => x.values[i * x.columns + j]));
}
