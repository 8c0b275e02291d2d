import { readFile } from "node:fs/promises";
import type { NamedSpec } from "@gradus/graph";
import type { DenseMatrix } from "gradus/linalg";
import { readArray, readData } from "../spectrum/read-data.ts";

/** Rows of a file, and what its columns are called. */
export interface NamedRows {
  readonly rows: DenseMatrix;
  readonly names: readonly string[];
}

/** The header of a CSV file whose first line is none of numbers. */
async function headerOf(file: string): Promise<string[]> {
  if (!file.endsWith(".csv")) return [];
  const [line = ""] = (await readFile(file, "utf8")).split(/\r?\n/, 1);
  const cells = line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  return cells.some((cell) => Number.isNaN(Number(cell))) ? cells : [];
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
