import type { NamedSpec } from "@gradus/graph";
import { readCsv } from "gradus/data";
import type { DenseMatrix } from "gradus/linalg";
import { bytesOf, hasHeader, readArray, readData } from "../spectrum/read-data.ts";

/** Rows of a file, and what its columns are called. */
export interface NamedRows {
  readonly rows: DenseMatrix;
  readonly names: readonly string[];
}

/** The names of the columns of a CSV file with a header. */
async function headerOf(file: string): Promise<readonly string[]> {
  if (!file.endsWith(".csv")) return [];
  const bytes = await bytesOf(file);
  return hasHeader(bytes) ? (await readCsv([bytes], { name: file })).columns : [];
}

/**
 * The sizes of a row as the file has them, where the model leaves some open; undefined where it does not, or where the
 * file is a table.
 */
export async function openRow(file: string, { spec }: NamedSpec): Promise<number[] | undefined> {
  const sizes = spec.shape.slice(1);
  if (sizes.every((size) => typeof size === "number")) return undefined;
  const { shape } = await readArray(file);
  return shape.length === spec.shape.length ? shape.slice(1) : undefined;
}

/**
 * The rows of a file, as the model's input takes them.
 *
 * @throws SourceError, DataError naming what cannot be read or does not fit
 */
export async function readRows(file: string, input: NamedSpec, features: number): Promise<NamedRows> {
  const flat: NamedSpec = { name: input.name, spec: { dtype: "f64", shape: ["rows", features] } };
  const { [input.name]: array } = await readData([file], [flat]);
  const values = Float64Array.from(array.data, Number);
  const header = await headerOf(file);
  const names = Array.from({ length: features }, (_, j) =>
    header.length === features && header[j] !== "" ? header[j] : `x${j + 1}`,
  );
  return { rows: { rows: values.length / features, columns: features, values }, names };
}
