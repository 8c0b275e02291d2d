import { shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkMatrix, type DenseMatrix } from "../linalg/matrix.ts";
import type { NumericTable } from "./csv.ts";

/**
 * The given columns of a matrix, in the given order; columns may repeat.
 *
 * @throws ArgumentError when x is not a dense matrix, or naming the index of a column number that is out of range
 */
export function selectColumns(x: DenseMatrix, columns: ArrayLike<number>): DenseMatrix {
  checkMatrix("x", x);
  const d = columns.length;
  for (let j = 0; j < d; j++)
    if (!Number.isInteger(columns[j]) || columns[j] < 0 || columns[j] >= x.columns)
      throw new ArgumentError(
        `columns[${j}] must be an integer from 0 to ${x.columns - 1}, got ${shown(columns[j])}`,
      );
  const values = new Float64Array(x.rows * d);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < d; j++) values[i * d + j] = x.values[i * x.columns + columns[j]];
  return { rows: x.rows, columns: d, values };
}

/** Features and targets, as the bundled data sets have them. */
export interface TargetTable {
  /** The columns that are not the target. */
  readonly x: DenseMatrix;
  /** A number per row; the class number where the target is categorical. */
  readonly y: Float64Array;
  readonly featureNames: readonly string[];
  /** The names of the classes by number; empty where the target is not categorical. */
  readonly classNames: readonly string[];
}

/**
 * Splits a table of `parseCsv` or `readCsv` into features and the column that is to be predicted.
 *
 * @throws ArgumentError when the table has no such column, or no other one
 * @throws DataError when two columns have the target's name: the other one would be a feature that tells the target
 */
export function splitTarget({ columns, x, categories }: NumericTable, target: string): TargetTable {
  const at = columns.indexOf(target);
  if (at < 0) throw new ArgumentError(`target must be a column, ${columns.join(", ")}, got ${shown(target)}`);
  const again = columns.indexOf(target, at + 1);
  if (again >= 0)
    throw new DataError(
      `the target ${target} must have a name of its own, but columns ${at + 1} and ${again + 1} have it`,
    );
  const others = Array.from(columns.keys()).filter((j) => j !== at);
  if (others.length === 0)
    throw new ArgumentError(`the table must have a column besides the target, got ${target} alone`);
  return {
    x: selectColumns(x, others),
    y: selectColumns(x, [at]).values,
    featureNames: others.map((j) => columns[j]),
    classNames: Object.hasOwn(categories, target) ? categories[target] : [],
  };
}

/**
 * Replaces categorical columns by a column of 0 and 1 for each of their categories, in the order of `categories`: the
 * codes of three towns are no lengths, and a model must not take the third for twice the second. The column of the town
 * Bern is called `town=Bern`. Each row has a 1 in one of them, so that they add up to 1: leave one out by `selectColumns`
 * where a model without a penalty has a constant term.
 *
 * @param names the columns to replace
 * @throws ArgumentError when a column is not there, or not categorical
 */
export function indicatorColumns(
  { columns, x, categories, incompleteRows }: NumericTable,
  names: readonly string[],
): NumericTable {
  const coded = columns.filter((column) => Object.hasOwn(categories, column));
  for (const name of names)
    if (!coded.includes(name))
      throw new ArgumentError(
        `names must be categorical columns, ${coded.length > 0 ? coded.join(", ") : "of which there are none"}, got ${shown(name)}`,
      );
  // where each new column comes from, and the code that it indicates
  const parts = columns.flatMap((column, from): { name: string; from: number; code?: number }[] =>
    names.includes(column)
      ? categories[column].map((word, code) => ({ name: `${column}=${word}`, from, code }))
      : [{ name: column, from }],
  );
  const values = new Float64Array(x.rows * parts.length);
  for (let i = 0; i < x.rows; i++)
    parts.forEach(({ from, code }, j) => {
      const value = x.values[i * x.columns + from];
      values[i * parts.length + j] = code === undefined ? value : Number(value === code);
    });
  return {
    columns: parts.map(({ name }) => name),
    x: { rows: x.rows, columns: parts.length, values },
    categories: Object.fromEntries(Object.entries(categories).filter(([column]) => !names.includes(column))),
    incompleteRows,
  };
}
