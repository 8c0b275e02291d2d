import { DataError } from "gradus/check";
import { type NpyArray, parseCsv } from "gradus/data";
import { headerOf } from "#lib/lab/rows-from-csv.ts";

/** Labeled rows for a model. */
export interface LabeledTable {
  /** Where they come from, as the page shows it. */
  readonly name: string;
  /** The features of all rows, row by row. */
  readonly values: Float64Array;
  readonly features: number;
  /** One for each row; undefined without a label column. */
  readonly labels: Float64Array | undefined;
  /** What the labels 0, 1, 2, ... are called, where they are classes that the file gives as words. */
  readonly classes?: readonly string[];
}

/** Names that people give to the column with the labels. */
const LABEL_NAMES = ["label", "target", "class", "y", "digit"];

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
 * The rows of an array [rows, ...] whose rows have as many numbers as there are features, with an array [rows] of labels.
 *
 * @throws DataError when the rows have another size, or the labels are not one a row
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
  if (labels && labels.array.values.length !== rows)
    throw new DataError(
      `${labels.name}: there must be a label for each of the ${rows.toLocaleString("en-US")} rows of ${name}, but the array is [${labels.array.shape.join(", ")}]`,
    );
  return { name, values, features, labels: labels?.array.values };
}

/** Whether some cell of the column is no number: then its words are classes. */
function isCategorical(text: string, place: number): boolean {
  const [, first = ""] = text.replace(/^\uFEFF/, "").split(/\r?\n/, 2);
  const cell =
    first
      .split(",")
      [place]?.trim()
      .replace(/^"(.*)"$/, "$1") ?? "";
  return cell !== "" && Number.isNaN(Number(cell));
}

/**
 * The rows of a CSV file whose first line names the columns: one of them is the label, the others are the features in
 * their order.
 *
 * @param label the name of the label column; undefined if there is none
 * @throws DataError when the label's column is missing, the number of the other columns is not that of the features, or
 *   a cell is not a number
 */
export function tableFromCsv(
  text: string,
  { name, features, label }: { readonly name: string; readonly features: number; readonly label?: string },
): LabeledTable {
  const columns = headerOf(text);
  const place = label === undefined ? -1 : columns.indexOf(label);
  if (label !== undefined && place < 0)
    throw new DataError(`${name}: there is no column “${label}”; the first line names ${columns.join(", ")}`);
  const others = columns.length - (place < 0 ? 0 : 1);
  if (others !== features)
    throw new DataError(
      `${name}: the model takes ${features.toLocaleString("en-US")} numbers a row, but the file has ${others.toLocaleString("en-US")} columns${place < 0 ? "" : ` beside “${label}”`}`,
    );
  const categorical = label !== undefined && isCategorical(text, place) ? [label] : [];
  const { x, categories } = parseCsv(text, { name, categorical });
  if (place < 0) return { name, values: x.values, features, labels: undefined };
  const values = new Float64Array(x.rows * features);
  const labels = new Float64Array(x.rows);
  for (let i = 0; i < x.rows; i++) {
    const row = x.values.subarray(i * x.columns, (i + 1) * x.columns);
    labels[i] = row[place];
    values.set(row.subarray(0, place), i * features);
    values.set(row.subarray(place + 1), i * features + place);
  }
  const classes = label === undefined ? undefined : categories[label];
  return { name, values, features, labels, ...(classes && { classes }) };
}
