import { basename } from "node:path";
import { ArgumentError } from "gradus/check";
import { UsageError } from "../errors.ts";
import { bytesOf, type FileArray, readColumns } from "../spectrum/read-data.ts";

/** A CSV file without the column that a model is to predict, and that column. */
export interface TargetTable {
  readonly rest: FileArray;
  /** The names of the other columns. */
  readonly names: readonly string[];
  /** Of each row; where the target is categorical, a place in `words`. */
  readonly codes: Float64Array;
  readonly words: readonly string[];
}

/**
 * Reads a CSV file and takes its target out.
 *
 * @param categorical whether the target's cells are names of classes
 * @throws UsageError when the file has no such column; SourceError, DataError naming what cannot be read
 */
export async function readTargetTable(
  path: string,
  target: string,
  { categorical }: { readonly categorical: boolean },
): Promise<TargetTable> {
  const bytes = await bytesOf(path);
  const name = basename(path);
  const table = await readColumns(bytes, name, categorical ? [target] : []).catch((cause) => {
    throw cause instanceof ArgumentError ? new UsageError(`--target: ${cause.message}`, { cause }) : cause;
  });
  const { columns, x, categories } = table;
  const at = columns.indexOf(target);
  if (at < 0)
    throw new UsageError(`--target: ${name} has no column "${target}"; it has ${columns.join(", ")}`);
  const { rows, columns: width, values } = x;
  return {
    rest: { shape: [rows, width - 1], values: values.filter((_, k) => k % width !== at) },
    names: columns.toSpliced(at, 1),
    codes: Float64Array.from({ length: rows }, (_, i) => values[i * width + at]),
    words: categories[target] ?? [],
  };
}
