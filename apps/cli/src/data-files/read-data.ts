import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ArrayValue, NamedSpec } from "@gradus/graph";
import type { FileData } from "gradus/curvature";
import { parseLibsvm, parseNpy, readIdx } from "gradus/data";
import { UsageError } from "../errors.ts";
import { unreadable } from "../files/unreadable.ts";
import { readArrays, readNamedArray } from "./npz.ts";
import { SourceError } from "./source-error.ts";
import { readColumns, TABLE, type Tables } from "./table.ts";

/** An array of numbers of a file, row-major. */
export interface FileArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** The names of NumPy's archives. */
export const ARRAYS = /\.npz(\.gz)?$/i;

const FORMATS = ".csv, .tsv, .txt, .npy, .npz, .json, .libsvm, or IDX; any may be compressed by gzip";

/**
 * The bytes of a file, decompressed where they are those of gzip.
 *
 * @throws UsageError when it cannot be read; SourceError when it is damaged
 */
export async function bytesOf(path: string, option = "--data"): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readFile(path).catch((cause) => {
    throw new UsageError(`${option}: ${unreadable(path, cause)}`, { cause });
  });
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new Uint8Array(bytes);
  try {
    return new Uint8Array(await promisify(gunzip)(bytes));
  } catch (cause) {
    throw new SourceError(`${option}: ${path} is a damaged gzip file`, { cause });
  }
}

/** Rows of a LIBSVM file with zeros written out, the label last. */
function readLibsvm(bytes: Uint8Array, name: string): FileArray {
  const { x, y } = parseLibsvm(bytes, { name });
  const values = new Float64Array(x.rows * (x.columns + 1));
  for (let i = 0; i < x.rows; i++) {
    for (let k = x.rowPointers[i]; k < x.rowPointers[i + 1]; k++)
      values[i * (x.columns + 1) + x.columnIndices[k]] = x.values[k];
    values[i * (x.columns + 1) + x.columns] = y[i];
  }
  return { shape: [x.rows, x.columns + 1], values };
}

/** Nested lists of numbers as one array. */
function nested(value: unknown, name: string): FileArray {
  const shape: number[] = [];
  for (let at = value; Array.isArray(at); at = at[0]) shape.push(at.length);
  const values: number[] = [];
  const visit = (part: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof part !== "number")
        throw new SourceError(`${name} must contain numbers, got ${JSON.stringify(part)}`);
      values.push(part);
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[depth])
      throw new SourceError(
        `${name} must be nested lists of equal length at each depth, ${shape.join(" x ")}`,
      );
    for (const item of part) visit(item, depth + 1);
  };
  visit(value, 0);
  return { shape, values };
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new SourceError(`${name} is not valid JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** `file.npz`, or `file.npz:name` for one of its arrays. */
const ARCHIVE = /^(.+?\.npz(?:\.gz)?)(?::(.+))?$/i;

/**
 * The array of a file in any of the formats, or the one of an `.npz` file that `FILE.npz:NAME` names.
 *
 * @throws UsageError, SourceError, DataError naming what cannot be read
 */
export async function readArray(path: string, tables: Tables, option?: string): Promise<FileArray> {
  const archive = ARCHIVE.exec(path);
  if (archive) {
    const [, file, array] = archive;
    return readNamedArray(await bytesOf(file, option), basename(file), array);
  }
  const bytes = await bytesOf(path, option);
  const name = basename(path);
  if (TABLE.test(name)) {
    const { x } = await readColumns(bytes, name, tables);
    return { shape: [x.rows, x.columns], values: x.values };
  }
  if (/\.npy(\.gz)?$/i.test(name)) return parseNpy(bytes, { name });
  if (/\.json(\.gz)?$/i.test(name)) return nested(parseJson(bytes, name), name);
  if (/\.(libsvm|svm)(\.gz)?$/i.test(name)) return readLibsvm(bytes, name);
  // Files of the IDX format begin with two zero bytes; their names have no rule.
  if (bytes[0] !== 0 || bytes[1] !== 0) throw new SourceError(`${name} must be a file in ${FORMATS}`);
  return readIdx([bytes], { name });
}

/** The numbers as the model input needs them. */
export function fit({ shape, values }: FileArray, { name, spec }: NamedSpec, from: string): ArrayValue {
  // What the model leaves open is as the file has it.
  const row = spec.shape.slice(1).map((size, i) => (typeof size === "number" ? size : (shape[i + 1] ?? 0)));
  const width = row.reduce((product, size) => product * size, 1);
  const rows = shape[0] ?? 0;
  if (rows === 0 || rows * width !== values.length)
    throw new SourceError(
      `${from} has ${shape.join(" x ")} numbers; ${name === "" ? "the data" : name} needs ${width} per row (${row.join(" x ") || "one number"})`,
    );
  const number = (i: number) => {
    const value = values[i];
    if (!Number.isFinite(value))
      throw new SourceError(
        `${from}, row ${Math.floor(i / width) + 1}, must be a finite number, got ${values[i]}`,
      );
    return value;
  };
  const integer = (i: number) => {
    const value = values[i];
    if (!Number.isInteger(value))
      throw new SourceError(
        `${from}, row ${Math.floor(i / width) + 1}, must be a whole number for ${name}, got ${values[i]}`,
      );
    return BigInt(value);
  };
  const { length } = values;
  const data =
    spec.dtype === "f32"
      ? Float32Array.from({ length }, (_, i) => number(i))
      : spec.dtype === "f64"
        ? Float64Array.from({ length }, (_, i) => number(i))
        : spec.dtype === "i64"
          ? BigInt64Array.from({ length }, (_, i) => integer(i))
          : Uint8Array.from({ length }, (_, i) => Number(integer(i)));
  return { dtype: spec.dtype, shape: [rows, ...row], data };
}

const shapeText = ({ name, spec }: NamedSpec) => `${name} [${spec.shape.join(", ")}]`;

/**
 * The inputs with the sizes that a table's number of columns gives them: the only one that the model leaves open has
 * what the others leave.
 */
function sized(inputs: readonly NamedSpec[], width: number, from: string): readonly NamedSpec[] {
  const open = inputs.flatMap((input) =>
    input.spec.shape
      .slice(1)
      .flatMap((size, i) => (typeof size === "string" ? [{ input, axis: i + 1 }] : [])),
  );
  const [first, ...more] = open;
  if (!first) return inputs;
  const { input, axis } = first;
  if (more.length > 0)
    throw new SourceError(
      `${from} is a table, which does not tell the sizes ${open.map((one) => one.input.spec.shape[one.axis]).join(", ")} of ${inputs.map(shapeText).join(", ")}: pass one .npy file per input, --data ${input.name}=FILE`,
    );
  const numbers = (shape: readonly unknown[]) =>
    shape.slice(1).reduce<number>((product, size) => product * (typeof size === "number" ? size : 1), 1);
  const others = inputs.reduce((sum, one) => sum + (one === input ? 0 : numbers(one.spec.shape)), 0);
  const size = (width - others) / numbers(input.spec.shape);
  if (!Number.isInteger(size) || size < 1)
    throw new SourceError(
      `${from} has ${width} columns, which do not fit ${inputs.map(shapeText).join(", then ")} for any ${input.spec.shape[axis]}`,
    );
  return inputs.map((one) =>
    one === input ? { name: one.name, spec: { ...one.spec, shape: one.spec.shape.with(axis, size) } } : one,
  );
}

/**
 * A table's columns, dealt to the inputs in the file's order.
 *
 * @param advice what to do with columns that are too many
 */
export function deal(table: FileArray, given: readonly NamedSpec[], from: string, advice = ""): FileData {
  const [rows = 0] = table.shape;
  if (rows === 0) throw new SourceError(`${from} has no rows`);
  const width = table.values.length / rows;
  const inputs = sized(given, width, from);
  const widths = inputs.map(({ spec }) =>
    spec.shape.slice(1).reduce<number>((product, size) => product * Number(size), 1),
  );
  const wanted = widths.reduce((sum, one) => sum + one, 0);
  if (wanted !== width)
    throw new SourceError(
      `${from} has ${width} columns; the model needs ${wanted}: ${inputs.map(({ name }, k) => `${name} ${widths[k]}`).join(", then ")}${width > wanted && advice !== "" ? `; ${advice}` : ""}${inputs.length === 1 ? "" : `. Or pass one file per input: --data ${inputs[0].name}=FILE`}`,
    );
  let begin = 0;
  return Object.fromEntries(
    inputs.map((input, k) => {
      const values = new Float64Array(rows * widths[k]);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < widths[k]; j++) values[i * widths[k] + j] = table.values[i * width + begin + j];
      begin += widths[k];
      return [input.name, fit({ shape: [rows, widths[k]], values }, input, from)];
    }),
  );
}

/**
 * The data that `--data` names for a model's inputs: `name=FILE` for each, one table whose columns are all of them, or
 * a JSON object of nested lists or an `.npz` file of arrays by name.
 *
 * @throws UsageError when a name is given twice or not at all; SourceError naming what does not fit, and where
 */
export async function readData(
  given: readonly string[],
  inputs: readonly NamedSpec[],
  tables: Tables,
): Promise<FileData> {
  const list = inputs.map(({ name, spec }) => `${name} ${spec.dtype}[${spec.shape.join(", ")}]`).join(", ");
  if (given.length === 0)
    throw new UsageError(
      `an ONNX file needs data: --data FILE or --data NAME=FILE, in ${FORMATS}. Its inputs are ${list}`,
    );
  const named = given.map((word) => /^([^=/\\]+)=(.+)$/.exec(word));
  if (given.length === 1 && !named[0]) {
    const [path] = given;
    if (/\.json$/i.test(path)) {
      const parsed = parseJson(await bytesOf(path), basename(path));
      if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
        return byName(
          Object.entries(parsed).map(([name, value]) => [
            name,
            nested(value, `${name} of ${basename(path)}`),
            path,
          ]),
          inputs,
          list,
        );
    }
    if (ARRAYS.test(path)) {
      const name = basename(path);
      const arrays = Object.entries((await readArrays(await bytesOf(path), name)).arrays);
      if (arrays.length > 1 || inputs.some((input) => input.name === arrays[0][0]))
        return byName(
          arrays.map(([key, array]) => [key, array, `${key} of ${name}`]),
          inputs,
          list,
        );
    }
    const array = await readArray(path, tables);
    const [only, ...more] = inputs;
    // A table has the rows of one input whatever their shape; other arrays have the shape themselves.
    return more.length === 0 && array.shape.length > 2
      ? { [only.name]: fit(array, only, basename(path)) }
      : deal(array, inputs, basename(path));
  }
  const parts: [string, FileArray, string][] = [];
  for (const [i, match] of named.entries()) {
    if (!match)
      throw new UsageError(
        `--data ${given[i]}: with several files, name each input: --data NAME=FILE. The inputs are ${list}`,
      );
    const [, name, path] = match;
    if (parts.some(([other]) => other === name)) throw new UsageError(`--data ${name} is given twice`);
    parts.push([name, await readArray(path, tables), path]);
  }
  return byName(parts, inputs, list);
}

function byName(
  parts: readonly (readonly [string, FileArray, string])[],
  inputs: readonly NamedSpec[],
  list: string,
): FileData {
  for (const { name } of inputs)
    if (!parts.some(([given]) => given === name))
      throw new UsageError(`--data is missing for the input ${name}; the inputs are ${list}`);
  return Object.fromEntries(
    parts.map(([name, array, path]) => {
      const input = inputs.find((one) => one.name === name);
      if (!input) throw new UsageError(`the model has no input ${name}; the inputs are ${list}`);
      return [name, fit(array, input, basename(path))];
    }),
  );
}
