import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type ArrayValue, array, type NamedSpec } from "@gradus/graph";
import type { ModelData, ModelLossName } from "gradus/models";
import { arrayFor, readArrays, takeArray } from "../data-files/npz.ts";
import { ARRAYS, bytesOf, deal, type FileArray, fit, readArray, readData } from "../data-files/read-data.ts";
import { SourceError } from "../data-files/source-error.ts";
import { TABLE, type Tables, type TargetColumn } from "../data-files/table.ts";
import { UsageError } from "../errors.ts";
import { type Normalization, normalize } from "./normalize.ts";
import { readTargetTable } from "./target-table.ts";

/** Examples of files. */
export interface Examples {
  readonly data: ModelData;
  /** Names of the classes by number, where the files have names. */
  readonly classes: readonly string[] | undefined;
}

export interface ExamplesOptions extends Normalization {
  /** The words of `--data`. */
  readonly data: readonly string[];
  /** A column, an array of an `.npz` file, or a file. */
  readonly target?: string;
  readonly loss: ModelLossName;
  readonly inputs: readonly NamedSpec[];
  readonly tables: Tables;
  /** Names of the classes that other examples have. */
  readonly classes?: readonly string[];
}

type Labels = Pick<Examples, "classes"> & { readonly labels: ArrayValue };

const WHOLE = /^\d+(\.0*)?$/;

/** Classes by number: whole numbers are classes themselves, other names are numbered in their order. */
function numbered(codes: Float64Array, words: readonly string[], { classes, loss }: ExamplesOptions): Labels {
  if (loss !== "cross-entropy") return { labels: array(codes), classes: undefined };
  const whole = classes === undefined && words.every((word) => WHOLE.test(word));
  const names = classes ?? [...words].sort();
  const numbers = words.map((word) => {
    const number = whole ? Number(word) : names.indexOf(word);
    if (number < 0) throw new SourceError(`the class "${word}" is not among ${names.join(", ")}`);
    return number;
  });
  const labels = array(BigInt64Array.from(codes, (code) => BigInt(numbers[code])));
  return { labels, classes: whole ? undefined : names };
}

const targetOf = ({ target }: ExamplesOptions, what: string): string => {
  if (target === undefined) throw new UsageError(`--target is missing: ${what}`);
  return target;
};

/** What to do where a loss of numbers gets names of classes. */
const NUMBERS = {
  "binary-cross-entropy": "write 1 for the class whose probability the model gives, and 0 for the other",
  squared: "write numbers, or name the loss of classes: --loss cross-entropy",
} as const;

/** What to do with columns of a table that are neither the target nor inputs. */
const OTHERS = "remove those that are no inputs";

/** Rows of a CSV file: one column is the target, the others are the inputs in the model's order. */
async function readTable(path: string, options: ExamplesOptions): Promise<Examples> {
  const name = basename(path);
  const target = targetOf(options, `name the column of ${name} that the model is to predict`);
  const column: TargetColumn =
    options.loss === "cross-entropy"
      ? { target, categorical: true }
      : { target, categorical: false, ofText: NUMBERS[options.loss] };
  const { rest, codes, words } = await readTargetTable(path, column, options.tables);
  const row = codes.indexOf(words.indexOf("")) + 1;
  if (row > 0)
    throw new SourceError(
      `${name} has no class in the column ${target} of row ${row}: remove rows without one, or write a name for it`,
    );
  const { labels, classes } = numbered(codes, words, options);
  return {
    data: { inputs: deal(rest, options.inputs, `${name} without ${target}`, OTHERS), labels },
    classes,
  };
}

const toArray = ({ shape, values }: FileArray): ArrayValue => array(Float64Array.from(values, Number), shape);

/** Arrays of an `.npz` file: the inputs by their names, or the only other array, and the target. */
async function readArchive(path: string, options: ExamplesOptions): Promise<Examples> {
  const name = basename(path);
  const archive = await readArrays(await bytesOf(path), name);
  const names = Object.keys(archive.arrays).join(", ");
  const target = targetOf(options, `name the array of ${name} that the model is to predict; it has ${names}`);
  const { found: labels, others } = takeArray(archive, target, name);
  const inputs = options.inputs.map((input) => {
    const one = arrayFor(input.name, others, options.inputs.length === 1);
    if (!one) throw new UsageError(`${name} has no array for the input ${input.name}; it has ${names}`);
    return [input.name, fit(one, input, `${input.name} of ${name}`)] as const;
  });
  return { data: { inputs: Object.fromEntries(inputs), labels: toArray(labels) }, classes: undefined };
}

/** Inputs and the target in files of their own. */
async function readFiles(options: ExamplesOptions): Promise<Examples> {
  const target = targetOf(options, "name the file of what the model is to predict");
  const labels = await readArray(target, options.tables, "--target");
  const single = labels.shape.length === 2 && labels.shape[1] === 1 ? [labels.shape[0]] : labels.shape;
  const inputs = await readData(options.data, options.inputs, options.tables);
  return { data: { inputs, labels: toArray({ ...labels, shape: single }) }, classes: undefined };
}

async function readAny(options: ExamplesOptions): Promise<Examples> {
  const [path, ...more] = options.data;
  if (path === undefined) throw new UsageError("--data is missing: the examples to train on");
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    if (more.length > 0) throw new UsageError("--data takes one folder of images");
    const { readImages } = await import("./images.ts");
    return readImages(path, options);
  }
  const { target } = options;
  const apart = target !== undefined && (await stat(target).catch(() => undefined))?.isFile();
  const named = !found && path.includes("=");
  if (more.length === 0 && !apart && !named && TABLE.test(path)) return readTable(path, options);
  if (more.length === 0 && !named && ARRAYS.test(path)) return readArchive(path, options);
  if (!found && target === undefined && !named)
    throw new UsageError(`--data: ${path} cannot be read: no such file or folder`);
  return readFiles(options);
}

/**
 * The examples that `--data` and `--target` name: a CSV file and one of its columns, an `.npz` file and one of its
 * arrays, files of the inputs and one of the target, or a folder with a folder of images for each class.
 *
 * @throws UsageError when what is named is not there; SourceError, DataError naming what does not fit, and where
 */
export async function readExamples(options: ExamplesOptions): Promise<Examples> {
  const { data, classes } = await readAny(options);
  const inputs = Object.entries(data.inputs).map(
    ([name, values]) => [name, normalize(name, values, options)] as const,
  );
  return { data: { ...data, inputs: Object.fromEntries(inputs) }, classes };
}
