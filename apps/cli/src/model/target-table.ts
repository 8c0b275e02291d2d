import { basename } from "node:path";
import { bytesOf, type FileArray } from "../data-files/read-data.ts";
import { readColumns, type Tables, type TargetColumn } from "../data-files/table.ts";

/** A CSV file without the column that a model is to predict, and that column. */
export interface TargetTable {
  readonly rest: FileArray;
  /** The names of the other columns; none without a header. */
  readonly names: readonly string[];
  /** Of each row; where the target is categorical, a place in `words`. */
  readonly codes: Float64Array;
  readonly words: readonly string[];
}

/**
 * Reads a CSV file and takes its target out.
 *
 * @throws UsageError when the file has no such column; SourceError, DataError naming what cannot be read
 */
export async function readTargetTable(
  path: string,
  column: TargetColumn,
  tables: Tables,
): Promise<TargetTable> {
  const { target } = column;
  const { columns, header, x, categories } = await readColumns(
    await bytesOf(path),
    basename(path),
    tables,
    column,
  );
  const at = columns.indexOf(target);
  const { rows, columns: width, values } = x;
  return {
    rest: { shape: [rows, width - 1], values: values.filter((_, k) => k % width !== at) },
    names: header ? columns.toSpliced(at, 1) : [],
    codes: Float64Array.from({ length: rows }, (_, i) => values[i * width + at]),
    words: categories[target] ?? [],
  };
}
