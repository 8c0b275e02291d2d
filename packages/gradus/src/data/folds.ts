import { ArgumentError, DataError } from "../errors.ts";
import { randomStream } from "../random/stream.ts";

/** Row numbers, ascending, of one part of a cross-validation. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits rows into k folds with the classes spread evenly: the counts of a class in any two folds differ by at most
 * one, and so do the folds' sizes. Every row is in exactly one test part and in the other k - 1 training parts.
 *
 * Each class is shuffled and dealt to the folds in turn, beginning where the previous class stopped.
 *
 * @param y a label a row
 * @throws ArgumentError unless k is an integer >= 2
 * @throws DataError when a label is not finite, or a class has fewer than k rows (then some fold could not test it)
 */
export function stratifiedKFold(y: ArrayLike<number>, k: number, seed: number): Fold[] {
  if (!Number.isInteger(k) || k < 2) throw new ArgumentError(`k must be an integer >= 2, got ${k}`);
  if (y.length === 0) throw new DataError("y must have at least one row, got none");
  const classes = new Map<number, number[]>();
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) throw new DataError(`y must be finite, got ${y[i]} in row ${i}`);
    const rows = classes.get(y[i]);
    if (rows) rows.push(i);
    else classes.set(y[i], [i]);
  }
  const stream = randomStream(seed);
  const foldOf = new Int32Array(y.length);
  const sizes = new Int32Array(k);
  let next = 0;
  for (const label of [...classes.keys()].sort((a, b) => a - b)) {
    const rows = classes.get(label) ?? [];
    if (rows.length < k)
      throw new DataError(
        `every class must have at least k = ${k} rows, got ${rows.length} of class ${label}`,
      );
    for (const row of stream.split(label).shuffle(rows)) {
      foldOf[row] = next;
      sizes[next] += 1;
      next = (next + 1) % k;
    }
  }
  return Array.from({ length: k }, (_, fold) => partition(foldOf, fold, sizes[fold]));
}

function partition(foldOf: Int32Array, fold: number, size: number): Fold {
  const test = new Int32Array(size);
  const train = new Int32Array(foldOf.length - size);
  let tested = 0;
  let trained = 0;
  for (let row = 0; row < foldOf.length; row++) {
    if (foldOf[row] === fold) test[tested++] = row;
    else train[trained++] = row;
  }
  return { train, test };
}
