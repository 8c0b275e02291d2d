import { basename } from "node:path";
import type { NamedSpec } from "@gradus/graph";
import type { DenseMatrix } from "gradus/linalg";
import { arrayFor, readArrays, takeArray } from "../data-files/npz.ts";
import { ARRAYS, bytesOf, deal, type FileArray, readArray, readData } from "../data-files/read-data.ts";
import { readColumns, TABLE, type Tables } from "../data-files/table.ts";
import { UsageError } from "../errors.ts";
import { readTargetTable } from "../model/target-table.ts";

/** A file of rows. */
export interface RowsFile {
  readonly path: string;
  /** A column of a CSV file, or an array of an `.npz` file, that is no input of the model. */
  readonly target?: string;
  readonly tables: Tables;
}

/** Rows of a file, and what its columns are called. */
export interface NamedRows {
  readonly rows: DenseMatrix;
  readonly names: readonly string[];
}

/** What a file holds for an input; of columns with a header, their names. */
interface Found {
  readonly array: FileArray;
  readonly names: readonly string[];
}

/** The names of the columns of a CSV file with a header. */
async function headerOf({ path, tables }: RowsFile): Promise<readonly string[]> {
  if (!TABLE.test(path)) return [];
  const { header, columns } = await readColumns(await bytesOf(path), basename(path), tables);
  return header ? columns : [];
}

/** The array of an `.npz` file for the input of a model. */
async function readArchive({ path, target }: RowsFile, { name: input }: NamedSpec): Promise<FileArray> {
  const name = basename(path);
  const archive = await readArrays(await bytesOf(path), name);
  const others = target === undefined ? archive : takeArray(archive, target, name).others;
  const found = arrayFor(input, others, true);
  if (found) return found;
  const names = Object.keys(archive.arrays).join(", ");
  throw new UsageError(
    `${name} has no array ${input}, which the model's input is called; it has ${names}: name what is no input by --target`,
  );
}

/** What a file holds beside the target; undefined where there is none to take out. */
async function beside(file: RowsFile, input: NamedSpec): Promise<Found | undefined> {
  const { path, target } = file;
  if (ARRAYS.test(path)) return { array: await readArchive(file, input), names: [] };
  if (target === undefined) return undefined;
  if (!TABLE.test(path))
    throw new UsageError(`--target is a column of a .csv file or an array of an .npz file, got ${path}`);
  const { rest, names } = await readTargetTable(path, { target, categorical: true }, file.tables);
  return { array: rest, names };
}

/**
 * The sizes of a row as the file has them, where the model leaves some open; undefined where it does not, or where the
 * file is a table.
 *
 * @throws UsageError, SourceError, DataError naming what cannot be read
 */
export async function openRow(file: RowsFile, input: NamedSpec): Promise<number[] | undefined> {
  const { shape: wanted } = input.spec;
  if (wanted.slice(1).every((size) => typeof size === "number")) return undefined;
  const { shape } = (await beside(file, input))?.array ?? (await readArray(file.path, file.tables));
  return shape.length === wanted.length ? shape.slice(1) : undefined;
}

/**
 * The rows of a file, as the model's input takes them.
 *
 * @throws UsageError, SourceError, DataError naming what cannot be read or does not fit
 */
export async function readRows(file: RowsFile, input: NamedSpec, features: number): Promise<NamedRows> {
  const flat: NamedSpec = { name: input.name, spec: { dtype: "f64", shape: ["rows", features] } };
  const found = await beside(file, input);
  const { [input.name]: array } = found
    ? deal(found.array, [flat], basename(file.path), "remove those that are no inputs")
    : TABLE.test(file.path)
      ? deal(
          await readArray(file.path, file.tables),
          [flat],
          basename(file.path),
          "name one that is no input by --target",
        )
      : await readData([file.path], [flat], file.tables);
  const values = Float64Array.from(array.data, Number);
  const header = found?.names ?? (await headerOf(file));
  const names = Array.from({ length: features }, (_, j) =>
    header.length === features && header[j] !== "" ? header[j] : `x${j + 1}`,
  );
  return { rows: { rows: values.length / features, columns: features, values }, names };
}
