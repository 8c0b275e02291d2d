import { DataError } from "gradus/check";
import { type CsvFormat, type DetectedCsv, detectCsv, type NpyArray, parseCsv } from "gradus/data";

/** Labeled rows for a model. */
export interface LabeledTable {
  /** Where they come from, as the page shows it. */
  readonly name: string;
  /** The features of all rows, row by row. */
  readonly values: Float32Array | Float64Array;
  readonly features: number;
  /** Those of all rows, row by row; undefined without a label column. */
  readonly labels: Float64Array | undefined;
  /** The shape of the labels of a row; one number when left out. */
  readonly labelShape?: readonly number[];
  /** What the labels 0, 1, 2, ... are called, where they are classes that the file gives as words. */
  readonly classes?: readonly string[];
}

/** Names that people give to the column with the labels. */
const LABEL_NAMES = ["label", "target", "class", "y", "digit"];

/** Whether a column or an array has a usual name of labels: `label`, `labels`, `y_train`. */
export function isLabelName(name: string): boolean {
  const word = name.toLowerCase();
  return (
    LABEL_NAMES.some((one) => word === one || word === `${one}s` || word === `${one}es`) ||
    /^y(_|$)/.test(word)
  );
}

/** The column that is probably the label: one with a usual name, else the last if there is one more than the features. */
export function likelyLabel(columns: readonly string[], features: number): string | undefined {
  return (
    columns.find((column) => LABEL_NAMES.includes(column.toLowerCase())) ??
    (columns.length === features + 1 ? columns.at(-1) : undefined)
  );
}

interface NamedArray {
  readonly name: string;
  readonly array: NpyArray;
}

/**
 * The rows of an array [rows, ...] whose rows have as many numbers as there are features, with an array [rows, ...] of
 * labels: one a row, or as many as the model has outputs.
 *
 * @throws DataError when the rows have another size, or there are labels for another number of rows
 */
export function tableFromArrays(
  { name, array: { shape, values } }: NamedArray,
  labels: NamedArray | undefined,
  features: number,
): LabeledTable {
  const [rows = 0, ...row] = shape;
  const width = row.reduce((product, size) => product * size, 1);
  if (rows === 0 || width !== features)
    throw new DataError(
      `${name}: the model takes ${features.toLocaleString("en-US")} numbers a row, but the array is [${shape.join(", ")}]`,
    );
  if (!labels) return { name, values, features, labels: undefined };
  const [labeled = 0, ...own] = labels.array.shape;
  const size = own.reduce((product, one) => product * one, 1);
  if (labeled !== rows || size === 0)
    throw new DataError(
      `${labels.name}: there must be a label for each of the ${rows.toLocaleString("en-US")} rows of ${name}, but the array is [${labels.array.shape.join(", ")}]`,
    );
  return { name, values, features, labels: labels.array.values, ...(size > 1 && { labelShape: own }) };
}

/** Whether the first cell of the column is no number: then its words are classes. */
function isCategorical({ format: { header, decimal }, sample }: DetectedCsv, place: number): boolean {
  const cell = sample[header ? 1 : 0]?.[place] ?? "";
  return cell !== "" && Number.isNaN(Number(decimal === "," ? cell.replace(",", ".") : cell));
}

interface CsvRows {
  readonly name: string;
  /** The column of each feature; undefined for the next one that has no other use. */
  readonly columns: readonly (string | undefined)[];
  /** The name of the label column; undefined if there is none. */
  readonly label?: string;
  /** How the file is written, as far as it was said. */
  readonly format?: Partial<CsvFormat>;
}

/** Where each feature is among a file's columns. @throws DataError when one is missing, or their number does not fit */
function placesOf(header: readonly string[], { name, columns, label }: CsvRows): number[] {
  const named = columns.filter((column) => column !== undefined);
  for (const column of [...named, ...(label === undefined ? [] : [label])])
    if (!header.includes(column))
      throw new DataError(
        `${name}: there is no column “${column}”; the first line names ${header.join(", ")}`,
      );
  const rest = header.filter((column) => column !== label && !named.includes(column));
  const wanted = columns.length - named.length;
  if (rest.length !== wanted && (wanted > 0 || named.length === 0)) {
    const beside =
      named.length > 0 ? " beside those that are named" : label === undefined ? "" : ` beside “${label}”`;
    throw new DataError(
      `${name}: the model takes ${wanted.toLocaleString("en-US")} numbers a row${named.length > 0 ? " more" : ""}, but the file has ${rest.length.toLocaleString("en-US")} columns${beside}${rest.length > wanted ? "; choose the columns of each input by name" : ""}`,
    );
  }
  let next = 0;
  return columns.map((column) => header.indexOf(column ?? rest[next++]));
}

/**
 * The rows of a CSV file: one column is the label, others are the features.
 *
 * @throws DataError when a column is missing, the number of the columns is not that of the features, or a cell of one is
 *   not a number
 */
export function tableFromCsv(text: string, given: CsvRows): LabeledTable {
  const { name, label } = given;
  const detected = detectCsv(text, given.format);
  const { columns: names, format } = detected;
  // an empty file, or one with another separator, is refused as such
  if (names.length === 1) parseCsv(text, { ...format, name, categorical: names });
  const places = placesOf(names, given);
  const features = places.length;
  const place = label === undefined ? -1 : names.indexOf(label);
  // What is not read may be words.
  const unread = names.filter((_, k) => k !== place && !places.includes(k));
  const words = label !== undefined && isCategorical(detected, place);
  const categorical = [...unread, ...(words ? [label] : [])];
  const { x, categories } = parseCsv(text, { ...format, name, categorical });
  const values = Float64Array.from(
    { length: x.rows * features },
    (_, k) => x.values[Math.floor(k / features) * x.columns + places[k % features]],
  );
  if (place < 0) return { name, values, features, labels: undefined };
  const labels = Float64Array.from({ length: x.rows }, (_, i) => x.values[i * x.columns + place]);
  const classes = label === undefined ? undefined : categories[label];
  return { name, values, features, labels, ...(classes && { classes }) };
}
